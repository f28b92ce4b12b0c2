import { WebSocket } from 'ws';
import { type AbortOptions, withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { HttpClient, HttpResponse } from '../lib/http-client.ts';
import type { Connector } from '../lib/http-connect.ts';
import type { Random } from '../lib/random.ts';
import { originOf } from './address.ts';
import type { DeviceAddress, LoginGate, WebSessionLedger } from './device.ts';
import { loginRefusal, refuseStatus } from './envelope.ts';
import { XapiError } from './errors.ts';
import { basicAuthorization, mayHaveBeenSent } from './failure.ts';
import { withEachSecret } from './login-choice.ts';
import { Pace } from './pace.ts';
import { RawSocket } from './raw-socket.ts';
import type { XapiSettings } from './settings.ts';
import { openWebSocket } from './socket.ts';
import { sessionCookie } from './web-session.ts';
import { endWebSession } from './web-session-end.ts';

export interface RawLinkParts {
  readonly client: HttpClient;
  readonly connector: Connector;
  readonly gate: LoginGate;
  readonly ledger: WebSessionLedger;
  readonly clock: Clock;
  readonly random: Random;
}

export interface RawRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/**
 * A device looked at from outside: requests of one's own, each answer as it
 * came. Logins pass the gate like any other, and what was opened is ended.
 */
export class RawLink {
  readonly address: DeviceAddress;
  readonly #settings: XapiSettings;
  readonly #parts: RawLinkParts;
  readonly #basicPace: Pace;
  readonly #sessionPace: Pace;
  readonly #sockets = new Set<RawSocket>();
  #cookie: string | null = null;
  #login: DeviceAddress | null = null;

  constructor(options: { address: DeviceAddress; settings: XapiSettings }, parts: RawLinkParts) {
    this.address = options.address;
    this.#settings = options.settings;
    this.#parts = parts;
    const { basicRate, sessionRate } = options.settings;
    this.#basicPace = new Pace({ perSecond: basicRate, burst: 1 }, parts);
    this.#sessionPace = new Pace({ perSecond: sessionRate, burst: Math.max(1, sessionRate) }, parts);
  }

  /** TCP and TLS to whom the address trusts, and no more. @throws HttpClientError */
  async connect(): Promise<void> {
    const { host, port } = this.address;
    const socket = await this.#parts.connector.connect({ host, port, secure: true });
    socket.destroy();
  }

  /** Without a login. @throws HttpClientError */
  anonymous(path: string, { signal }: AbortOptions = {}): Promise<HttpResponse> {
    return this.#send({ method: 'GET', path }, {}, signal);
  }

  /**
   * Begins a web session, which is a login: the gate decides, and learns how it ended.
   * @throws XapiError, HttpClientError
   */
  begin({ signal }: AbortOptions = {}): Promise<HttpResponse> {
    return withEachSecret(this.address, () => this.#beginOnce(signal));
  }

  /** Whether `begin` gave a session; without one, requests carry the login. */
  get hasSession(): boolean {
    return this.#cookie !== null;
  }

  /** After `begin`. @throws HttpClientError */
  async request(request: RawRequest, { signal }: AbortOptions = {}): Promise<HttpResponse> {
    if (this.#cookie !== null) {
      await this.#sessionPace.take({ signal });
      return this.#send(request, { cookie: this.#cookie }, signal);
    }
    if (this.#login === null) throw new XapiError('closed', `nobody has logged in to ${this.address.name}`);
    await this.#basicPace.take({ signal });
    return this.#send(request, { authorization: basicAuthorization(this.#login) }, signal);
  }

  /** After `begin`: a refusal here is no word on a password that the device has just taken. @throws XapiError, HttpClientError */
  async socket({ signal }: AbortOptions = {}): Promise<RawSocket> {
    const login = this.#login;
    if (login === null) throw new XapiError('closed', `nobody has logged in to ${this.address.name}`);
    const { connector, clock } = this.#parts;
    const gate = this.#cookie === null ? this.#parts.gate : taken(login);
    const parts = { connector, gate, clock };
    const how = { address: login, settings: this.#settings, signal };
    const opened =
      (await openWebSocket({ ...how, way: 'subprotocol' }, parts)) ??
      (await openWebSocket({ ...how, way: 'basic' }, parts));
    if (opened === null) throw new XapiError('rejected', 'the device opened no websocket');
    const socket = new RawSocket(opened.ws, this.#parts);
    this.#sockets.add(socket);
    await gate.accepted(opened.login);
    return socket;
  }

  /** The HTTP status of an upgrade to the websocket without a login; 101 where it opens. @throws HttpClientError */
  async upgradeWithoutLogin({ signal }: AbortOptions = {}): Promise<number> {
    const { host, port } = this.address;
    const { connector, clock } = this.#parts;
    const socket = await connector.connect({ host, port, secure: true });
    const ws = new WebSocket(`${originOf(this.address)}/ws`, [], { createConnection: () => socket });
    const waited = {
      what: 'the websocket upgrade',
      afterMs: this.#settings.handshakeTimeoutMs,
      clock,
      signal,
    };
    try {
      return await withDeadline(
        waited,
        () =>
          new Promise<number>((resolve, reject) => {
            ws.on('open', () => resolve(101));
            ws.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
            ws.on('error', reject);
          }),
      );
    } finally {
      ws.on('error', () => undefined);
      ws.terminate();
      socket.destroy();
    }
  }

  /** Ends what was opened here. */
  async close(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => socket.close()));
    const cookie = this.#cookie;
    this.#cookie = null;
    if (cookie !== null) {
      await endWebSession(cookie, this.address, this.#settings, { ...this.#parts, limit: UNLIMITED });
    }
  }

  async #beginOnce(signal: AbortSignal | undefined): Promise<HttpResponse> {
    const { gate, ledger } = this.#parts;
    const what = `login at ${this.address.name}`;
    const login = await gate.enter(this.address, { signal });
    let response: HttpResponse;
    try {
      await this.#basicPace.take({ signal });
      const header = { authorization: basicAuthorization(login) };
      response = await this.#send({ method: 'POST', path: '/xmlapi/session/begin' }, header, signal);
    } catch (error) {
      await gate.abandoned(login, { sent: mayHaveBeenSent(error) });
      throw error;
    }
    const refusal = loginRefusal(response, what);
    if (refusal !== null) {
      await gate.refused(login, refusal);
      throw refusal;
    }
    if (response.status === 204) await gate.accepted(login);
    else await gate.abandoned(login, { sent: false });
    if (BUSY.has(response.status)) refuseStatus(response, what);
    this.#login = login;
    this.#cookie = response.status === 204 ? sessionCookie(response) : null;
    if (this.#cookie !== null) await ledger.opened(this.address.id, this.#cookie);
    return response;
  }

  #send(
    { method, path, body }: RawRequest,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> {
    const { documentDeadlineMs, requestDeadlineMs, maxAnswerBytes } = this.#settings;
    return this.#parts.client.request({
      method,
      path,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'text/xml' },
      ...(body === undefined ? {} : { body }),
      deadlineMs: path.endsWith('.xml') ? documentDeadlineMs : requestDeadlineMs,
      maxBytes: maxAnswerBytes,
      signal,
    });
  }
}

const BUSY: ReadonlySet<number> = new Set([502, 503, 504]);

const UNLIMITED = <T>(work: () => Promise<T>): Promise<T> => work();
const nothing = (): Promise<void> => Promise.resolve();

/** A gate for a login that the device has taken already. */
function taken(login: DeviceAddress): LoginGate {
  return { enter: () => Promise.resolve(login), accepted: nothing, refused: nothing, abandoned: nothing };
}
