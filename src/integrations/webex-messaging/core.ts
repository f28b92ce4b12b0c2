import { z } from 'zod';
import type { AbortOptions } from '../../lib/abort.ts';
import type { HttpResponse } from '../../lib/http-client.ts';
import type { Secret } from '../../lib/secret.ts';
import type { TokenSource } from './credentials/token-source.ts';
import { WebexError } from './errors.ts';
import { nextPage, readBody } from './response.ts';
import { type WebexCallOptions, type WebexRequest, type WebexTransport, withoutQuery } from './transport.ts';

/** A query; what is undefined is left out, a list is joined with commas. */
export type WebexQuery = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Told after each exchange whether the service took the login: null, or how it refused it. */
export type OnLogin = (refused: WebexError | null) => void;

/** What the resources are made of: exchanges as the owner of one credential. */
export class WebexCore {
  readonly #transport: WebexTransport;
  readonly #tokens: TokenSource;
  readonly #onLogin: OnLogin;

  constructor(
    transport: WebexTransport,
    { tokens, onLogin = () => undefined }: { tokens: TokenSource; onLogin?: OnLogin | undefined },
  ) {
    this.#transport = transport;
    this.#tokens = tokens;
    this.#onLogin = onLogin;
  }

  /** The token that it speaks with now; that there is one does not say that the service takes it. */
  async accessToken(options: AbortOptions): Promise<Secret> {
    try {
      return await this.#tokens.token(options);
    } catch (error) {
      this.#judge(error);
      throw error;
    }
  }

  /** One exchange. A token that the service no longer takes is replaced once, where the credential can. */
  async send(request: WebexRequest, options: WebexCallOptions): Promise<HttpResponse> {
    try {
      const response = await this.#send(request, options);
      this.#onLogin(null);
      return response;
    } catch (error) {
      this.#judge(error);
      throw error;
    }
  }

  /** The same with a JSON body, where there is one, and an answer read by `schema`. */
  async ask<T>(
    request: { method: WebexRequest['method']; path: string; json?: object },
    schema: z.ZodType<T>,
    options: WebexCallOptions,
  ): Promise<T> {
    const { method, path, json } = request;
    const sent = json === undefined ? { method, path } : { method, path, ...jsonBody(json) };
    return readBody(await this.send(sent, options), schema, `${method} ${withoutQuery(path)}`);
  }

  /** The items of a list, page by page; the deadline counts for each page. */
  async *list<Item>(
    path: string,
    query: WebexQuery,
    item: z.ZodType<Item>,
    options: WebexCallOptions,
  ): AsyncGenerator<Item, void> {
    const schema = z.object({ items: z.array(item) });
    let next: string | null = `${path}${queryText(query)}`;
    while (next !== null) {
      const response: HttpResponse = await this.send({ method: 'GET', path: next }, options);
      yield* readBody(response, schema, `GET ${path}`).items;
      const link = nextPage(response);
      const following: string | null = link === null ? null : this.#transport.pathOf(link);
      if (following === next)
        throw new WebexError('malformed', `the next page of GET ${path} is said to be the page itself`);
      next = following;
    }
  }

  async #send(request: WebexRequest, options: WebexCallOptions): Promise<HttpResponse> {
    const token = await this.#tokens.token(options);
    const attempt = (secret: typeof token) => {
      const headers = { ...request.headers, authorization: `Bearer ${secret.reveal()}` };
      return this.#transport.send({ ...request, headers }, options);
    };
    try {
      return await attempt(token);
    } catch (error) {
      if (!(error instanceof WebexError) || error.code !== 'unauthorized') throw error;
      const renewed = await this.#tokens.renew(token, options);
      if (renewed === null) throw error;
      return attempt(renewed);
    }
  }

  /** A refusal of what was asked shows that the login was taken; no answer shows nothing. */
  #judge(error: unknown): void {
    if (!(error instanceof WebexError) || error.retryable) return;
    this.#onLogin(error.code === 'unauthorized' || error.code === 'grant-ended' ? error : null);
  }
}

export function jsonBody(json: object): Pick<WebexRequest, 'headers' | 'body'> {
  return { headers: { 'content-type': 'application/json;charset=UTF-8' }, body: JSON.stringify(json) };
}

export function queryText(query: WebexQuery): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) given.set(name, Array.isArray(value) ? value.join(',') : String(value));
  return given.size === 0 ? '' : `?${given.toString()}`;
}
