import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { type NewId, uuidv7 } from '../../lib/random.ts';
import { ok, type WebexAnswer, type WebexCall, WebexRefusal } from './webex-answer.ts';
import { answerMessages } from './webex-messages.ts';
import { answerRooms } from './webex-rooms.ts';
import { type WebexMessage, type WebexPerson, type WebexRoom, WebexState, webexId } from './webex-state.ts';

export interface WebexStandInOptions {
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  /** Who is behind each bearer token. */
  readonly tokens: Readonly<Record<string, WebexPerson>>;
  /** Rooms that exist from the start. `members` are e-mail addresses; without them everybody is in. */
  readonly rooms?: readonly {
    readonly id?: string;
    readonly title: string;
    readonly members?: readonly string[];
  }[];
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** The most items on a page, whatever `max` asks for. */
  readonly pageSize?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** An error that the service answers instead of doing what is asked, for the next `times` requests. */
interface WebexFailure {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  readonly times: number;
}

export interface WebexStandIn {
  /** The base URL, with the version: `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  readonly rooms: readonly WebexRoom[];
  /** Every message held, oldest first. */
  readonly messages: () => readonly WebexMessage[];
  /** The latest requests (at most 1,000) and what they were answered, oldest first. */
  readonly requests: () => readonly {
    readonly method: string;
    readonly path: string;
    readonly status: number;
  }[];
  readonly fail: (failure: WebexFailure) => void;
  readonly stop: () => Promise<void>;
}

const MOST_BODY_BYTES = 1_000_000;
const MOST_REQUESTS_KEPT = 1000;

/**
 * Stands in for the Webex messaging REST service on 127.0.0.1: people/me,
 * rooms and messages as cloud facts 1.3 and 1.4 tell, held in memory.
 *
 * Chosen where the facts are silent: 403 where a bot lists a group room
 * without mentionedPeople, 400 for a parentId that is not in the room or is a
 * reply, and an unknown toPersonEmail is invited.
 */
export async function startWebexStandIn(options: WebexStandInOptions): Promise<WebexStandIn> {
  const clock = options.clock ?? systemClock();
  const newId = options.newId ?? uuidv7(clock);
  const state = new WebexState(Object.values(options.tokens), { clock, newId });
  for (const room of options.rooms ?? []) seedRoom(room, state);
  const service = new WebexService(options, { state, newId });
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void service.handle(request, response);
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  const port = await listen(server, options.port ?? 0);
  service.url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/v1`;
  return {
    url: service.url,
    rooms: state.rooms,
    messages: () => [...state.messages],
    requests: () => [...service.requests],
    fail: (failure) => {
      if (failure.times > 0) service.failures.push({ ...failure });
    },
    stop: () => close(server),
  };
}

class WebexService {
  readonly failures: { status: number; retryAfterSeconds?: number; times: number }[] = [];
  readonly requests: { method: string; path: string; status: number }[] = [];
  url = '';
  readonly #options: WebexStandInOptions;
  readonly #state: WebexState;
  readonly #newId: NewId;

  constructor(options: WebexStandInOptions, { state, newId }: { state: WebexState; newId: NewId }) {
    this.#options = options;
    this.#state = state;
    this.#newId = newId;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const trackingId = `STANDIN_${this.#newId()}`;
    const answer = await this.#answer(request).catch((error: unknown) => errorAnswer(error, trackingId));
    const method = request.method ?? '';
    this.requests.push({ method, path: request.url ?? '', status: answer.status });
    if (this.requests.length > MOST_REQUESTS_KEPT) this.requests.shift();
    response.writeHead(answer.status, {
      trackingid: trackingId,
      ...(answer.body === null ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
      ...answer.headers,
    });
    response.end(answer.body === null ? undefined : JSON.stringify(answer.body));
  }

  async #answer(request: IncomingMessage): Promise<WebexAnswer> {
    const text = await readBody(request);
    const failure = this.#nextFailure();
    if (failure !== null) throw failure;
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const caller = Object.hasOwn(this.#options.tokens, token) ? this.#options.tokens[token] : undefined;
    if (caller === undefined) {
      throw new WebexRefusal(
        401,
        'The request requires a valid access token set in the Authorization header.',
      );
    }
    const url = new URL(request.url ?? '/', this.url);
    const [, collection = '', id = null] = /^\/v1\/([^/]+)(?:\/([^/]+))?\/?$/.exec(url.pathname) ?? [];
    const method = request.method ?? 'GET';
    const call: WebexCall<WebexPerson> = {
      caller,
      id: id === null ? null : decodeURIComponent(id),
      query: url.searchParams,
      body: method === 'POST' || method === 'PUT' ? parseBody(request, text) : {},
      url: `${this.url}/${collection}${id === null ? '' : `/${id}`}`,
      pageSize: this.#options.pageSize ?? Number.POSITIVE_INFINITY,
    };
    if (collection === 'rooms') return answerRooms(method, call, this.#state);
    if (collection === 'messages') return answerMessages(method, call, this.#state);
    if (collection === 'people' && id === 'me' && method === 'GET')
      return ok(showPerson(caller, this.#state));
    throw new WebexRefusal(404, 'The requested resource could not be found.');
  }

  #nextFailure(): WebexRefusal | null {
    const failure = this.failures[0];
    if (failure === undefined) return null;
    failure.times -= 1;
    if (failure.times <= 0) this.failures.shift();
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

function showPerson(person: WebexPerson, state: WebexState): object {
  return {
    id: person.personId,
    emails: [person.email],
    displayName: person.displayName,
    orgId: webexId('ORGANIZATION', '00000000-0000-7000-8000-000000000000'),
    created: state.startedAt,
    status: 'active',
    type: person.type,
  };
}

function seedRoom(
  room: { id?: string; title: string; members?: readonly string[] },
  state: WebexState,
): void {
  const members = (room.members ?? state.people.map((person) => person.email)).map(
    (email) => state.personByEmail(email).personId,
  );
  state.addRoom({ id: room.id, title: room.title, type: 'group', creatorId: members[0] ?? '', members });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BODY_BYTES) throw new WebexRefusal(413, 'The body is too large.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function parseBody(request: IncomingMessage, text: string): Readonly<Record<string, unknown>> {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
    throw new WebexRefusal(415, 'The body must be application/json.');
  }
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  } catch {
    // Falls through to the refusal below.
  }
  throw new WebexRefusal(400, 'The body is not a JSON object.');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
