import type { IncomingMessage } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { type Accounts, basicCredentials, offeredAuthProtocol, protocolCredentials } from './accounts.ts';
import type { DeviceCertificate } from './certificate.ts';
import type { Counters } from './counters.ts';
import type { DeviceState } from './device-state.ts';
import type { Faults } from './faults.ts';
import { garbageFrames } from './garbage.ts';
import type { HttpFront } from './http-front.ts';
import { SocketEndpoint } from './socket-endpoint.ts';
import { touchOfMethod } from './write-watch.ts';

export interface DeviceServerParts {
  readonly state: DeviceState;
  readonly http: HttpFront;
  readonly accounts: Accounts;
  readonly counters: Counters;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly latencyMs: () => number;
  readonly failed: (error: unknown) => void;
}

const LARGEST_FRAME = 8 * 1_024 * 1_024;

/**
 * The one port of a device: TLS, behind it HTTPS and wss. A plain listener
 * stands in front, so that a device can refuse, hold or cut connections before
 * any handshake, and so that handshakes can be counted.
 */
export class DeviceServer {
  readonly #parts: DeviceServerParts;
  readonly #tls: TlsServer;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Map<WebSocket, SocketEndpoint>();
  readonly #users = new WeakMap<WebSocket, string>();
  readonly #handshakes = new Map<number, () => void>();
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: LARGEST_FRAME,
    autoPong: false,
    handleProtocols: (offered) => [...offered].find((word) => word.startsWith('auth-')) ?? false,
  });
  #front: Server | null = null;

  constructor(certificate: DeviceCertificate, parts: DeviceServerParts) {
    this.#parts = parts;
    this.#tls = createTlsServer({ key: certificate.keyPem, cert: certificate.pem, keepAliveTimeout: 65_000 });
    this.#tls.on('request', (request, response) => {
      this.#handshakeOver(request.socket);
      this.#parts.http.serve(request, response).catch(this.#parts.failed);
    });
    this.#tls.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket, head).catch(this.#parts.failed);
    });
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#tls.on('clientError', (_error, socket) => socket.destroy());
  }

  get clients(): number {
    return this.#clients.size;
  }

  get isListening(): boolean {
    return this.#front !== null;
  }

  /** Listens on 127.0.0.1; rejects with the listener's error, such as EADDRINUSE. */
  listen(port: number): Promise<number> {
    const front = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    return new Promise((resolve, reject) => {
      front.once('error', reject);
      front.listen({ host: '127.0.0.1', port, backlog: 1_024 }, () => {
        front.off('error', reject);
        front.on('error', this.#parts.failed);
        this.#front = front;
        const address = front.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Refuses connections from now on and cuts those there are; wss clients get the close code, or none with 1006. */
  async shut(closeCode: number): Promise<void> {
    const front = this.#front;
    this.#front = null;
    const closed =
      front === null ? Promise.resolve() : new Promise<void>((resolve) => void front.close(() => resolve()));
    if (closeCode !== 1006) for (const client of this.#clients.keys()) client.close(closeCode);
    this.cut({ afterFlush: closeCode !== 1006 });
    await closed;
  }

  /** Cuts every connection. */
  cut({ afterFlush = false } = {}): void {
    for (const socket of this.#sockets) {
      if (afterFlush) socket.destroySoon();
      else socket.resetAndDestroy();
    }
  }

  present(certificate: DeviceCertificate): void {
    this.#tls.setSecureContext({ key: certificate.keyPem, cert: certificate.pem });
  }

  /** Writes junk to every wss client. */
  sendGarbage(): void {
    for (const client of this.#clients.keys()) for (const frame of garbageFrames()) client.send(frame);
  }

  /** Closes the wss clients of a user. */
  signOut(user: string): void {
    for (const client of this.#clients.keys()) if (this.#users.get(client) === user) client.close(1000);
  }

  #accept(socket: Socket): void {
    const { counters, faults, state } = this.#parts;
    counters.connections += 1;
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    const over = counters.handshakes.begin();
    const port = socket.remotePort ?? 0;
    this.#handshakes.set(port, over);
    socket.on('close', () => {
      over();
      this.#sockets.delete(socket);
      if (this.#handshakes.get(port) === over) this.#handshakes.delete(port);
    });
    if (faults.has('half-open')) return;
    if (faults.has('drop') || state.configuration('NetworkServices.HTTP.Mode') === 'Off')
      socket.resetAndDestroy();
    else this.#tls.emit('connection', socket);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { counters, clock } = this.#parts;
    counters.count('GET /ws');
    const latencyMs = this.#parts.latencyMs();
    if (latencyMs > 0) await sleep(latencyMs, clock);
    this.#handshakeOver(request.socket);
    if (socket.destroyed || this.#parts.faults.has('half-open')) return;
    const refusal = this.#refusal(request);
    if (typeof refusal === 'number') {
      socket.end(
        `HTTP/1.1 ${refusal} Refused\r\nServer: nginx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    const legacy = new URL(request.url ?? '', 'https://device').searchParams.has('legacy');
    this.#upgrader.handleUpgrade(request, socket, head, (client) =>
      this.#welcome(client, refusal.user, legacy),
    );
  }

  /** The status that turns an upgrade away, or who it is. */
  #refusal(request: IncomingMessage): number | { user: string } {
    const { state, accounts, faults } = this.#parts;
    if (new URL(request.url ?? '', 'https://device').pathname !== '/ws') return 404;
    if (faults.has('unavailable')) return 503;
    if (state.configuration('NetworkServices.Websocket') === 'Off') return state.settings.socketOffStatus;
    if (this.#clients.size >= state.settings.maxSockets) return 503;
    const offered = offeredAuthProtocol(request.headers['sec-websocket-protocol']);
    const login = accounts.login(
      offered === null ? basicCredentials(request.headers.authorization) : protocolCredentials(offered),
    );
    return login.ok ? { user: login.user } : state.settings.socketRefusal;
  }

  #welcome(client: WebSocket, user: string, legacy: boolean): void {
    const { state, counters, faults, clock } = this.#parts;
    const send = (text: string): void => {
      if (client.readyState === WebSocket.OPEN && !faults.has('half-open')) client.send(text);
    };
    const endpoint = new SocketEndpoint({
      state,
      legacy,
      user,
      send: (text) => {
        const latencyMs = this.#parts.latencyMs();
        if (latencyMs > 0) clock.after(latencyMs, () => send(text), { unref: true });
        else send(text);
      },
      count: (method) => {
        counters.count(method);
        const touch = touchOfMethod(method);
        const end = touch === null ? null : counters.touch(touch);
        if (end !== null) clock.after(this.#parts.latencyMs(), end, { unref: true });
      },
    });
    this.#clients.set(client, endpoint);
    this.#users.set(client, user);
    state.sessions.sockets += 1;
    client.on('message', (data: Buffer) => {
      if (faults.has('half-open')) return;
      if (faults.has('garbage')) for (const frame of garbageFrames()) client.send(frame);
      endpoint.receive(data.toString('utf8'));
    });
    client.on('ping', (data) => {
      if (state.settings.answersPings && !faults.has('half-open')) client.pong(data);
    });
    client.on('error', () => client.terminate());
    client.on('close', () => {
      endpoint.close();
      this.#clients.delete(client);
      state.sessions.sockets -= 1;
    });
  }

  #handshakeOver({ remotePort }: Socket): void {
    this.#handshakes.get(remotePort ?? 0)?.();
  }
}
