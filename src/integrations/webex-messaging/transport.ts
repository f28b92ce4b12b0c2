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
import { WebexError } from './errors.ts';
import { refusalOf, retryAfterMs, transportError } from './response.ts';

export const WEBEX_BASE_URL = 'https://webexapis.com/v1';

export interface WebexConnection {
  /** With the version; `https://webexapis.com/v1` when left out. */
  readonly baseUrl?: string;
  readonly tls?: TlsTrust;
  /** `http://HOST:PORT`; straight when left out. */
  readonly proxy?: string;
  /** For a whole call, waits that the service asks for included; 30 s when left out. */
  readonly deadlineMs?: number;
}

export interface WebexCallOptions extends AbortOptions {
  readonly deadlineMs?: number;
}

export interface WebexRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const DEFAULT_DEADLINE_MS = 30_000;
const MOST_ANSWER_BYTES = 4_000_000;

/**
 * Exchanges with one service (cloud facts 1.3). 423, 429 and 503 are waited
 * out as the service asks as long as the caller's deadline allows; a wait that
 * reaches beyond it throws at once, with `retryAfterMs`. Nothing else is tried
 * again here.
 *
 * Throws WebexError, or the reason of an aborted signal.
 */
export class WebexTransport {
  readonly #base: { readonly origin: string; readonly prefix: string };
  readonly #deadlineMs: number;
  readonly #http: HttpClient;
  readonly #clock: Clock;

  constructor(connection: WebexConnection, { http, clock }: { http: HttpClient; clock: Clock }) {
    this.#base = baseOf(connection);
    this.#deadlineMs = connection.deadlineMs ?? DEFAULT_DEADLINE_MS;
    this.#http = http;
    this.#clock = clock;
  }

  /** The answer to a request, whose status is 2xx. */
  async send(request: WebexRequest, options: WebexCallOptions = {}): Promise<HttpResponse> {
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

  /** The path of a next-page address, which may stand only at the service itself: the token goes nowhere else. */
  pathOf(link: string): string {
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

  close(): Promise<void> {
    return this.#http.close();
  }

  async #exchange(
    request: WebexRequest,
    { what, deadlineMs, signal }: { what: string; deadlineMs: number; signal: AbortSignal | undefined },
  ): Promise<HttpResponse> {
    signal?.throwIfAborted();
    try {
      return await this.#http.request({
        ...request,
        path: this.#base.prefix + request.path,
        headers: { accept: 'application/json', ...request.headers },
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

/** A transport with connections of its own; `close` ends them. */
export function createTransport(
  connection: WebexConnection,
  { clock, logger }: { clock: Clock; logger?: Logger },
): WebexTransport {
  const { tls, proxy } = connection;
  const http = createHttpClient({
    origin: baseOf(connection).origin,
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
    clock,
    ...(logger === undefined ? {} : { logger }),
  });
  return new WebexTransport(connection, { http, clock });
}

/** `prefix` is what every path begins with, without a trailing slash. */
function baseOf({ baseUrl }: WebexConnection): { readonly origin: string; readonly prefix: string } {
  const url = new URL(baseUrl ?? WEBEX_BASE_URL);
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}

export function withoutQuery(path: string): string {
  return path.split('?', 1)[0] ?? path;
}
