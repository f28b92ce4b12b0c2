import type { AbortOptions } from '../lib/abort.ts';
import { reasonOf } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { createHttpClient, type HttpClient, HttpClientError, type HttpResponse } from '../lib/http-client.ts';
import { retryAfterHeaderMs } from '../lib/http-headers.ts';
import type { Logger } from '../lib/logger.ts';
import { NotifierError } from './notifier.ts';

const DEADLINE_MS = 15_000;
const MOST_ANSWER_BYTES = 64_000;
const SAID_LENGTH = 200;

/** Posts JSON documents to one URL. */
export class JsonPoster {
  readonly #url: URL;
  readonly #http: HttpClient;
  readonly #clock: Clock;

  constructor(url: string, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#url = new URL(url);
    this.#clock = clock;
    this.#http = createHttpClient({ origin: this.#url.origin, clock, logger });
  }

  /**
   * Resolves once the service answered 2xx.
   * @throws NotifierError `unavailable` for no answer, 408, 429 and 5xx, `refused` for anything else: a redirect is not followed
   */
  async post(
    body: string,
    headers: Readonly<Record<string, string>>,
    { signal }: AbortOptions,
  ): Promise<void> {
    const { origin, pathname, search } = this.#url;
    try {
      const response = await this.#http.request({
        method: 'POST',
        path: `${pathname}${search}`,
        headers: { 'content-type': 'application/json', ...headers },
        body,
        deadlineMs: DEADLINE_MS,
        maxBytes: MOST_ANSWER_BYTES,
        signal,
      });
      if (response.status >= 200 && response.status < 300) return;
      throw refusal(origin, response, this.#clock.now());
    } catch (error) {
      if (signal?.aborted) throw reasonOf(signal);
      if (!(error instanceof HttpClientError)) throw error;
      throw new NotifierError('unavailable', withoutPath(error.message, pathname), { cause: error });
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

/** The path of a webhook is often a secret itself, so only the origin is named. */
function withoutPath(sentence: string, pathname: string): string {
  return pathname === '/' ? sentence : sentence.replaceAll(pathname, '/…');
}

function refusal(origin: string, { status, headers, body }: HttpResponse, now: number): NotifierError {
  const isPassing = status === 408 || status === 429 || status >= 500;
  const line = body.toString().replaceAll(/\s+/g, ' ').trim().slice(0, SAID_LENGTH);
  const said = line === '' ? '' : `: ${line}`;
  const why =
    status >= 300 && status < 400
      ? 'redirects are not followed; write the address that it points to'
      : `it answered ${status}${said}`;
  const retryAfterMs = isPassing ? retryAfterHeaderMs(headers['retry-after'], now) : null;
  return new NotifierError(isPassing ? 'unavailable' : 'refused', `${origin}: ${why}`, { retryAfterMs });
}
