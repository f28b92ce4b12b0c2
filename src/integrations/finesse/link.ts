import { type AbortOptions, DeadlineError, reasonOf, sleep, withDeadline } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { type HttpClient, HttpClientError, type HttpResponse } from '../../lib/http-client.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { XmlError } from '../../lib/xml/element.ts';
import { writeXml, type XmlNode } from '../../lib/xml/writer.ts';
import { FinesseError } from './errors.ts';
import { type FinesseLogin, LoginState } from './login.ts';
import { mayBeWrongSecret, refusalOf, transportError } from './response.ts';

export interface FinesseTimes {
  /** For one request, its turn included; 10 s when left out. */
  readonly deadlineMs?: number;
  /** From the end of one request to the begin of the next, at least; 100 ms when left out. */
  readonly gapMs?: number;
  /** How long the effect of an accepted request is waited for; 10 s when left out. */
  readonly outcomeMs?: number;
  /** Between two looks for that effect; 500 ms when left out. */
  readonly lookMs?: number;
}

export interface FinesseCallOptions extends AbortOptions {
  readonly deadlineMs?: number;
}

export interface FinesseRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Behind /finesse/api, query included. */
  readonly path: string;
  readonly body?: XmlNode;
  readonly headers?: Readonly<Record<string, string>>;
}

interface TurnOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const NOT_FOUND = 404;
const PREFIX = '/finesse/api';
const MOST_ANSWER_BYTES = 16_000_000;
/** A node that is out of service may answer it all the same; it asks for no role, perhaps not even for a login. */
const SYSTEM_INFO = '/SystemInfo';

/** One request at a time, with a pause after each: Finesse serves people at their desks first. */
export class FinesseLink {
  readonly origin: string;
  readonly outcomeMs: number;
  readonly lookMs: number;
  readonly clock: Clock;
  readonly #http: HttpClient;
  readonly #login: LoginState;
  readonly #deadlineMs: number;
  readonly #gapMs: number;
  readonly #turns = new KeyedMutex();
  #freeAt = Number.NEGATIVE_INFINITY;
  #nodes: readonly string[];

  constructor(
    options: { origin: string; login: FinesseLogin; nodes: readonly string[]; times: FinesseTimes },
    { http, clock }: { http: HttpClient; clock: Clock },
  ) {
    const { deadlineMs = 10_000, gapMs = 100, outcomeMs = 10_000, lookMs = 500 } = options.times;
    this.origin = options.origin;
    this.clock = clock;
    this.outcomeMs = outcomeMs;
    this.lookMs = lookMs;
    this.#http = http;
    this.#login = new LoginState(options.login);
    this.#deadlineMs = deadlineMs;
    this.#gapMs = gapMs;
    this.#nodes = options.nodes;
  }

  get userId(): string {
    return this.#login.userId;
  }

  useLogin(login: FinesseLogin): void {
    this.#login.replace(login);
  }

  /** The cluster's nodes as SystemInfo tells them. */
  learnNodes(nodes: readonly string[]): void {
    if (nodes.length > 0) this.#nodes = nodes;
  }

  /**
   * The answer to one request, a status of 2xx.
   * @throws FinesseError, or the reason of an aborted signal
   */
  async call(request: FinesseRequest, options: FinesseCallOptions): Promise<HttpResponse> {
    const { signal, deadlineMs: afterMs = this.#deadlineMs } = options;
    const what = this.#nameOf(request);
    try {
      return await withDeadline({ what, afterMs, clock: this.clock, signal }, (inner) =>
        this.#turns.run('', () => this.#callInTurn(request, { deadlineMs: afterMs, signal: inner })),
      );
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      throw new FinesseError('deadline', error.message, { cause: error });
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #callInTurn(request: FinesseRequest, options: TurnOptions): Promise<HttpResponse> {
    const provesLogin = request.path === SYSTEM_INFO || request.path === this.#ownPath();
    if (!provesLogin && !this.#login.wasTaken) await this.#checkLogin(options);
    const response = await this.#exchange(request, options);
    const what = this.#nameOf(request);
    if (response.status >= 200 && response.status < 300) {
      if (request.path === this.#ownPath()) this.#login.taken();
      return response;
    }
    if (!mayBeWrongSecret(response)) throw refusalOf(response, { what, otherNodes: this.#otherNodes() });
    if (provesLogin) throw this.#loginRefused(response, what);
    await this.#checkLogin(options);
    throw refusalOf(response, { what, code: 'forbidden' });
  }

  /**
   * Reads the account's own user, which asks for no role: before a secret is
   * used for something else, and when something is refused in the words that
   * stand for a wrong secret and for a missing role alike. An administrator
   * is no agent and is not found.
   */
  async #checkLogin(options: TurnOptions): Promise<void> {
    const own: FinesseRequest = { method: 'GET', path: this.#ownPath() };
    const response = await this.#exchange(own, options);
    const what = this.#nameOf(own);
    if (mayBeWrongSecret(response)) throw this.#loginRefused(response, what);
    if (response.status >= 300 && response.status !== NOT_FOUND)
      throw refusalOf(response, { what, otherNodes: this.#otherNodes() });
    this.#login.taken();
  }

  #loginRefused(response: HttpResponse, what: string): FinesseError {
    this.#login.refused();
    return refusalOf(response, { what, code: 'login-refused' });
  }

  async #exchange(
    { method, path, body, headers }: FinesseRequest,
    { deadlineMs, signal }: TurnOptions,
  ): Promise<HttpResponse> {
    const what = this.#nameOf({ method, path });
    signal.throwIfAborted();
    const authorization = this.#login.header(what);
    const waitMs = this.#freeAt - this.clock.monotonic();
    if (waitMs > 0) await sleep(waitMs, this.clock, { signal });
    try {
      return await this.#http.request({
        method,
        path: PREFIX + path,
        headers: {
          authorization,
          accept: 'application/xml',
          ...(body === undefined ? {} : { 'content-type': 'application/xml' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: writeBody(body, what) }),
        deadlineMs,
        maxBytes: MOST_ANSWER_BYTES,
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw reasonOf(signal);
      throw error instanceof HttpClientError ? transportError(error, what) : error;
    } finally {
      this.#freeAt = this.clock.monotonic() + this.#gapMs;
    }
  }

  #otherNodes(): string[] {
    const own = new URL(this.origin).hostname;
    return this.#nodes.filter((node) => node !== own);
  }

  #ownPath(): string {
    return userPath(this.#login.userId);
  }

  #nameOf({ method, path }: FinesseRequest): string {
    return `${method} ${this.origin}${PREFIX}${path}`;
  }
}

function writeBody(body: XmlNode, what: string): string {
  try {
    return writeXml(body);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new FinesseError('invalid', `${what} was not sent: ${error.message}`, { cause: error });
  }
}

/** The path of a user's object, with what stands below it. */
export function userPath(userId: string, below = ''): string {
  return `/User/${encodeURIComponent(userId)}${below}`;
}
