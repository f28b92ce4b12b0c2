import { z } from 'zod';
import { type AbortOptions, reasonOf, sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import {
  createHttpClient,
  type HttpClient,
  HttpClientError,
  type HttpResponse,
  type TlsTrust,
} from '../../lib/http-client.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Secret } from '../../lib/secret.ts';
import { WebexError } from './errors.ts';
import { nextPage, readBody, refusalOf, retryAfterMs, transportError } from './response.ts';
import { Person, PostedMessage, Room } from './schema.ts';

const WEBEX_BASE_URL = 'https://webexapis.com/v1';

export interface WebexClientOptions {
  /** With the version; `https://webexapis.com/v1` when left out. */
  readonly baseUrl?: string;
  readonly token: Secret;
  readonly tls?: TlsTrust;
  /** For a whole call, waits that the service asks for included; 30 s when left out. */
  readonly deadlineMs?: number;
}

export interface WebexCallOptions extends AbortOptions {
  readonly deadlineMs?: number;
}

/** To whom: a room, or a person by id or e-mail address. */
export type WebexTarget =
  | { readonly roomId: string }
  | { readonly toPersonId: string }
  | { readonly toPersonEmail: string };

/** At least one of both; `text` is what clients without rich text show. Each takes at most 7,439 bytes (see splitMarkdown). */
export interface WebexContent {
  readonly text?: string | undefined;
  readonly markdown?: string | undefined;
  /** The message to answer in its thread. */
  readonly parentId?: string | null | undefined;
}

const DEFAULT_DEADLINE_MS = 30_000;
const MOST_ANSWER_BYTES = 4_000_000;

/**
 * Speaks to the Webex messaging service as the owner of one token (cloud facts
 * 1.1 to 1.4). 423, 429 and 503 are waited out as the service asks as long as
 * the caller's deadline allows; a wait that reaches beyond it throws at once,
 * with `retryAfterMs`. Nothing else is tried again here.
 *
 * Every method throws WebexError, or the reason of an aborted signal.
 */
export class WebexClient {
  readonly #base: WebexBase;
  readonly #token: Secret;
  readonly #deadlineMs: number;
  readonly #http: HttpClient;
  readonly #clock: Clock;

  constructor(options: WebexClientOptions, { http, clock }: { http: HttpClient; clock: Clock }) {
    this.#base = baseOf(options);
    this.#token = options.token;
    this.#deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
    this.#http = http;
    this.#clock = clock;
  }

  /** Who the token belongs to. */
  async me(options: WebexCallOptions = {}): Promise<Person> {
    return readBody(
      await this.#call({ method: 'GET', path: '/people/me' }, options),
      Person,
      'GET /people/me',
    );
  }

  async room(roomId: string, options: WebexCallOptions = {}): Promise<Room> {
    const path = `/rooms/${encodeURIComponent(roomId)}`;
    return readBody(await this.#call({ method: 'GET', path }, options), Room, 'GET /rooms');
  }

  /** The rooms that the token's owner is in, page by page; the deadline counts for each page. */
  rooms(
    query: { type?: 'direct' | 'group'; max?: number } = {},
    options: WebexCallOptions = {},
  ): AsyncGenerator<Room, void> {
    return this.#list(`/rooms${queryText(query)}`, Room, options);
  }

  /** Posts one message. Posting again after `deadline` or `unreachable` may post it twice. */
  async postMessage(
    target: WebexTarget,
    content: WebexContent,
    options: WebexCallOptions = {},
  ): Promise<PostedMessage> {
    const { text, markdown, parentId } = content;
    const body = JSON.stringify({ ...target, text, markdown, parentId: parentId ?? undefined });
    const response = await this.#call({ method: 'POST', path: '/messages', body }, options);
    return readBody(response, PostedMessage, 'POST /messages');
  }

  async message(messageId: string, options: WebexCallOptions = {}): Promise<PostedMessage> {
    const path = `/messages/${encodeURIComponent(messageId)}`;
    return readBody(await this.#call({ method: 'GET', path }, options), PostedMessage, 'GET /messages');
  }

  /** The messages of a room, newest first. A bot sees those of a group room only with `mentionedPeople: 'me'`. */
  messages(
    query: { roomId: string; mentionedPeople?: 'me'; parentId?: string; max?: number },
    options: WebexCallOptions = {},
  ): AsyncGenerator<PostedMessage, void> {
    return this.#list(`/messages${queryText(query)}`, PostedMessage, options);
  }

  async deleteMessage(messageId: string, options: WebexCallOptions = {}): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/messages/${encodeURIComponent(messageId)}` }, options);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async *#list<Item>(
    path: string,
    item: z.ZodType<Item>,
    options: WebexCallOptions,
  ): AsyncGenerator<Item, void> {
    const schema = z.object({ items: z.array(item) });
    let next: string | null = path;
    while (next !== null) {
      const response: HttpResponse = await this.#call({ method: 'GET', path: next }, options);
      yield* readBody(response, schema, `GET ${withoutQuery(path)}`).items;
      const link = nextPage(response);
      next = link === null ? null : this.#pathOf(link);
    }
  }

  /** The path of a next-page address, which may stand only at the service itself: the token goes nowhere else. */
  #pathOf(link: string): string {
    const { origin, prefix } = this.#base;
    const url = URL.canParse(link, origin) ? new URL(link, origin) : null;
    if (url?.origin !== origin || !url.pathname.startsWith(`${prefix}/`)) {
      throw new WebexError(
        'malformed',
        `the next page is said to be at ${url?.origin ?? 'an address that cannot be read'}, not under ${origin}${prefix}; it was not asked for`,
      );
    }
    return url.pathname.slice(prefix.length) + url.search;
  }

  async #call(
    request: { method: 'GET' | 'POST' | 'DELETE'; path: string; body?: string },
    options: WebexCallOptions,
  ): Promise<HttpResponse> {
    const what = `${request.method} ${this.#base.origin}${this.#base.prefix}${withoutQuery(request.path)}`;
    const endsAt = this.#clock.monotonic() + (options.deadlineMs ?? this.#deadlineMs);
    for (;;) {
      const leftMs = endsAt - this.#clock.monotonic();
      const response = await this.#exchange(request, { what, deadlineMs: leftMs, signal: options.signal });
      if (response.status >= 200 && response.status < 300) return response;
      const waitMs = retryAfterMs(response, this.#clock.now());
      if (waitMs === null || this.#clock.monotonic() + waitMs >= endsAt) {
        throw refusalOf(response, what, this.#clock.now());
      }
      await sleep(waitMs, this.#clock, { signal: options.signal });
    }
  }

  async #exchange(
    request: { method: 'GET' | 'POST' | 'DELETE'; path: string; body?: string },
    { what, deadlineMs, signal }: { what: string; deadlineMs: number; signal: AbortSignal | undefined },
  ): Promise<HttpResponse> {
    signal?.throwIfAborted();
    try {
      return await this.#http.request({
        ...request,
        path: this.#base.prefix + request.path,
        headers: {
          authorization: `Bearer ${this.#token.reveal()}`,
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
        },
        deadlineMs,
        maxBytes: MOST_ANSWER_BYTES,
        signal,
      });
    } catch (error) {
      if (signal?.aborted) throw reasonOf(signal);
      throw error instanceof HttpClientError ? transportError(error, what) : error;
    }
  }
}

/** A client with connections of its own; `close` ends them. */
export function createWebexClient(
  options: WebexClientOptions,
  { clock, logger }: { clock: Clock; logger?: Logger },
): WebexClient {
  const http = createHttpClient({
    origin: baseOf(options).origin,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    clock,
    ...(logger === undefined ? {} : { logger }),
  });
  return new WebexClient(options, { http, clock });
}

interface WebexBase {
  readonly origin: string;
  /** What every path begins with, without a trailing slash. */
  readonly prefix: string;
}

function baseOf(options: WebexClientOptions): WebexBase {
  const url = new URL(options.baseUrl ?? WEBEX_BASE_URL);
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}

function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? '' : `?${given.toString()}`;
}

function withoutQuery(path: string): string {
  return path.split('?', 1)[0] ?? path;
}
