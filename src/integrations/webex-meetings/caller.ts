import { DeadlineError, reasonOf, sleep, withDeadline } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import {
  createHttpClient,
  type HttpClient,
  HttpClientError,
  type HttpResponse,
  type TlsTrust,
} from '../../lib/http-client.ts';
import type { Logger } from '../../lib/logger.ts';
import { MeetingsError } from './errors.ts';
import { transportError } from './failure.ts';
import type { MeetingCallOptions } from './meetings.ts';

/** How either API is reached. */
export interface Reach {
  readonly tls?: TlsTrust;
  /** `http://HOST:PORT`; straight when left out. */
  readonly proxy?: string;
  /** How long setting up one connection may take; 10 s when left out. */
  readonly connectTimeoutMs?: number;
  /** For a whole call; 30 s when left out. */
  readonly deadlineMs?: number;
}

interface ServiceRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request and its answer, whatever the status. */
export type Exchange = (request: ServiceRequest) => Promise<HttpResponse>;

const DEFAULT_DEADLINE_MS = 30_000;
const MOST_ANSWER_BYTES = 8_000_000;

/** Makes calls to one origin: a deadline over each whole call, and the waits that the service asks for. */
export class Caller {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #deadlineMs: number;

  constructor(origin: string, reach: Reach, { clock, logger }: { clock: Clock; logger: Logger }) {
    const { tls, proxy, connectTimeoutMs } = reach;
    this.#http = createHttpClient({
      origin,
      clock,
      logger,
      ...(tls === undefined ? {} : { tls }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    });
    this.#clock = clock;
    this.#deadlineMs = reach.deadlineMs ?? DEFAULT_DEADLINE_MS;
  }

  /**
   * Runs `work`, again after each wait that it is told of by an error with
   * `retryAfterMs`, as long as the deadline allows.
   * @throws MeetingsError; the caller's reason when it aborts
   */
  async call<T>(
    what: string,
    options: MeetingCallOptions,
    work: (exchange: Exchange) => Promise<T>,
  ): Promise<T> {
    const afterMs = options.deadlineMs ?? this.#deadlineMs;
    const endsAt = this.#clock.monotonic() + afterMs;
    try {
      return await withDeadline(
        { what, afterMs, clock: this.#clock, signal: options.signal },
        async (signal) => {
          const exchange: Exchange = (request) => this.#exchange(request, { what, endsAt, signal });
          for (;;) {
            try {
              return await work(exchange);
            } catch (error) {
              await this.#wait(error, endsAt, signal);
            }
          }
        },
      );
    } catch (error) {
      if (options.signal?.aborted) throw reasonOf(options.signal);
      if (!(error instanceof DeadlineError)) throw error;
      throw new MeetingsError('deadline', error.message, { cause: error });
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** Rethrows what asks for no wait, or for one beyond the deadline. */
  async #wait(error: unknown, endsAt: number, signal: AbortSignal): Promise<void> {
    const waitMs = error instanceof MeetingsError ? error.retryAfterMs : null;
    if (waitMs === null || this.#clock.monotonic() + waitMs >= endsAt) throw error;
    await sleep(waitMs, this.#clock, { signal });
  }

  async #exchange(
    request: ServiceRequest,
    { what, endsAt, signal }: { what: string; endsAt: number; signal: AbortSignal },
  ): Promise<HttpResponse> {
    try {
      const deadlineMs = endsAt - this.#clock.monotonic();
      return await this.#http.request({ ...request, deadlineMs, maxBytes: MOST_ANSWER_BYTES, signal });
    } catch (error) {
      if (signal.aborted) throw reasonOf(signal);
      throw error instanceof HttpClientError ? transportError(error, what) : error;
    }
  }
}
