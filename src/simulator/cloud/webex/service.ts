import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../lib/clock.ts';
import type { NewId } from '../../../lib/random.ts';
import { type WebexAnswer, type WebexCall, WebexRefusal } from './answer.ts';
import { readBody, readBytes } from './body.ts';
import { checkScope, ROUTES } from './routes.ts';
import type { WebexPerson, WebexState } from './state.ts';
import type { TokenBook } from './token-book.ts';
import { answerApplications, answerExpiry, answerGuests, answerOpen } from './tokens.ts';

/** An error that the service answers instead of doing what is asked, for the next `times` requests. */
export interface WebexFailure {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  readonly times: number;
  /** Only where the request's path and query hold this. */
  readonly path?: string;
}

const MOST_REQUESTS_KEPT = 1000;
const NO_BODY = { fields: {}, upload: null };

/** Reads requests, finds out who asks, and puts answers on the wire (cloud facts 1.3). */
export class WebexService {
  readonly failures: (Omit<WebexFailure, 'times'> & { times: number })[] = [];
  readonly requests: { method: string; path: string; status: number }[] = [];
  url = '';
  readonly #pageSize: number;
  readonly #state: WebexState;
  readonly #book: TokenBook;
  readonly #clock: Clock;
  readonly #newId: NewId;

  constructor(
    { pageSize }: { pageSize: number | undefined },
    { state, book, clock, newId }: { state: WebexState; book: TokenBook; clock: Clock; newId: NewId },
  ) {
    this.#pageSize = pageSize ?? Number.POSITIVE_INFINITY;
    this.#state = state;
    this.#book = book;
    this.#clock = clock;
    this.#newId = newId;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const trackingId = `STANDIN_${this.#newId()}`;
    const answer = await this.#answer(request).catch((error: unknown) => errorAnswer(error, trackingId));
    const { body } = answer;
    this.requests.push({ method: request.method ?? '', path: request.url ?? '', status: answer.status });
    if (this.requests.length > MOST_REQUESTS_KEPT) this.requests.shift();
    response.writeHead(answer.status, {
      trackingid: trackingId,
      ...(body === null ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
      ...answer.headers,
    });
    response.end(body === null ? undefined : Buffer.isBuffer(body) ? body : JSON.stringify(body));
  }

  async #answer(request: IncomingMessage): Promise<WebexAnswer> {
    const bytes = await readBytes(request);
    const failure = this.#nextFailure(request.url ?? '');
    if (failure !== null) throw failure;
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', this.url);
    const path = /^\/v1\/(.*?)\/?$/.exec(url.pathname)?.[1] ?? '';
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const hasBody = bytes.length > 0 && (method === 'POST' || method === 'PUT');
    const read = (): ReturnType<typeof readBody> =>
      hasBody ? readBody(request.headers['content-type'] ?? '', bytes) : NO_BODY;
    const open = {
      method,
      query: url.searchParams,
      bearer,
      body: path === 'access_token' ? read().fields : {},
    };
    return answerOpen(path, open, this.#book) ?? this.#answerOwner(method, path, { url, bearer, read });
  }

  #answerOwner(
    method: string,
    path: string,
    { url, bearer, read }: { url: URL; bearer: string; read: () => ReturnType<typeof readBody> },
  ): WebexAnswer {
    const holder = this.#book.holderOf(bearer);
    if (holder === null)
      throw new WebexRefusal(
        401,
        'The request requires a valid access token set in the Authorization header.',
      );
    const { collection, id, rest } = split(path);
    const { fields, upload } = read();
    const call: WebexCall<WebexPerson> = {
      caller: this.#state.personById(holder.person.personId) ?? holder.person,
      id,
      rest,
      query: url.searchParams,
      body: fields,
      upload,
      root: this.url,
      url: `${this.url}/${collection}${id === null ? '' : `/${id}`}`,
      pageSize: this.#pageSize,
    };
    if (path === 'authorizations/tokenExpiry') return answerExpiry(holder.endsAt, this.#clock.now());
    if (collection === 'applications') return answerApplications(method, call, this.#book);
    if (collection === 'guests') {
      const count = this.#state.people.filter(({ type }) => type === 'appuser').length;
      return answerGuests(method, call, { book: this.#book, count });
    }
    const route = Object.hasOwn(ROUTES, collection) ? ROUTES[collection] : undefined;
    if (route === undefined || rest !== null)
      throw new WebexRefusal(404, 'The requested resource could not be found.');
    checkScope(route.scopes, method, holder.scopes);
    return route.answer(method, call, this.#state);
  }

  #nextFailure(asked: string): WebexRefusal | null {
    const failure = this.failures.find(({ path = '' }) => asked.includes(path));
    if (failure === undefined) return null;
    failure.times -= 1;
    if (failure.times <= 0) this.failures.splice(this.failures.indexOf(failure), 1);
    return new ForcedFailure(failure.status, failure.retryAfterSeconds);
  }
}

class ForcedFailure extends WebexRefusal {
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, retryAfterSeconds: number | undefined) {
    super(status, `The service answers ${status} on demand.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

function errorAnswer(error: unknown, trackingId: string): WebexAnswer {
  const refusal = error instanceof WebexRefusal ? error : new WebexRefusal(500, String(error));
  const retryAfter = refusal instanceof ForcedFailure ? refusal.retryAfterSeconds : undefined;
  return {
    status: refusal.status,
    body: { message: refusal.message, errors: [{ description: refusal.message }], trackingId },
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': String(retryAfter) } }),
  };
}

/** `attachment/actions/ID` has a collection of two words; most have one. */
function split(path: string): { collection: string; id: string | null; rest: string | null } {
  const words = path.split('/').map(decodeURIComponent);
  const two = words.slice(0, 2).join('/');
  const size = Object.hasOwn(ROUTES, two) ? 2 : 1;
  const [id, ...rest] = words.slice(size);
  return {
    collection: words.slice(0, size).join('/'),
    id: id ?? null,
    rest: rest.length === 0 ? null : rest.join('/'),
  };
}
