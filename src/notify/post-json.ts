import type { AbortOptions } from '../lib/abort.ts';
import { reasonOf } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { createHttpClient, type HttpClient, HttpClientError } from '../lib/http-client.ts';
import type { Logger } from '../lib/logger.ts';
import { NotifierError } from './notifier.ts';

const DEADLINE_MS = 15_000;
const MOST_ANSWER_BYTES = 64_000;
const SAID_LENGTH = 200;

/** Posts JSON documents to one URL. */
export class JsonPoster {
  readonly #url: URL;
  readonly #http: HttpClient;

  constructor(url: string, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#url = new URL(url);
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
      const { status, body: answer } = await this.#http.request({
        method: 'POST',
        path: `${pathname}${search}`,
        headers: { 'content-type': 'application/json', ...headers },
        body,
        deadlineMs: DEADLINE_MS,
        maxBytes: MOST_ANSWER_BYTES,
        signal,
      });
      if (status >= 200 && status < 300) return;
      throw refusal(origin, status, answer.toString());
    } catch (error) {
      if (signal?.aborted) throw reasonOf(signal);
      if (!(error instanceof HttpClientError)) throw error;
      throw new NotifierError('unavailable', error.message, { cause: error });
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

/** The path of a webhook is often a secret itself, so only the origin is named. */
function refusal(origin: string, status: number, answer: string): NotifierError {
  const isPassing = status === 408 || status === 429 || status >= 500;
  const line = answer.replaceAll(/\s+/g, ' ').trim().slice(0, SAID_LENGTH);
  const said = line === '' ? '' : `: ${line}`;
  const why =
    status >= 300 && status < 400
      ? 'redirects are not followed; write the address that it points to'
      : `it answered ${status}${said}`;
  return new NotifierError(isPassing ? 'unavailable' : 'refused', `${origin}: ${why}`);
}
