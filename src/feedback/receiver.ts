import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Counter, Histogram } from 'prom-client';
import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import type { Delta } from '../xapi/device.ts';
import { AdmissionGate, type AdmissionLimits } from './admission.ts';
import { answer, type PostResult } from './answer.ts';
import { FeedbackError } from './errors.ts';
import { Floods } from './floods.ts';
import { cannotListen, readAddress } from './listen-address.ts';
import { POST_LIMITS, type Post, type PostLimits, parsePost } from './parse.ts';
import { announcedLength, BrokenOff, isAcceptedType, readBody } from './post-body.ts';
import type { PostRate } from './post-pace.ts';
import { createPostServer, type PostServerTls } from './post-server.ts';
import { receiverMetrics } from './receiver-metrics.ts';
import { type DeviceToken, TokenBook } from './token-book.ts';

export interface ReceiverOptions {
  /** `0.0.0.0:8443`, `[::]:8443`; port 0 takes any free one. */
  readonly listen: string;
  readonly tls: PostServerTls | null;
  readonly limits?: PostLimits;
  readonly inFlight?: AdmissionLimits;
  /** Faster, a device is held back; nothing is when left out. */
  readonly rate?: PostRate;
  /** From the first byte of a request to its last; 10 s when left out. */
  readonly bodyMs?: number;
  /** Posts under way at a stop have so long; 5 s when left out. */
  readonly drainMs?: number;
}

/** Where posts go. Resolves once the post is on the disk, rejects when it cannot be stored. */
export interface PostSink {
  accept(deviceId: number, deltas: readonly Delta[]): Promise<void>;
}

interface Collaborators {
  readonly sink: PostSink;
  /** The serial number that a device is bound to, null where it is not yet. */
  readonly serialOf: (deviceId: number) => string | null;
  /** Told when a device that posts too fast is held back, and when it no longer is. */
  readonly onFlood?: (deviceId: number, isHeldBack: boolean) => void;
  /** Told of each post that was taken, with the token it came with. */
  readonly onTaken?: (deviceId: number, token: string) => void;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

export type ReceiverHealth =
  | { readonly state: 'ok' }
  /** Posts are answered 503; it recovers by itself. `since` in UTC milliseconds. */
  | { readonly state: 'failing'; readonly since: number; readonly reason: string };

const IN_FLIGHT: AdmissionLimits = { inAll: 512, perDevice: 16 };
const PATH = '/feedback/';
const LONGEST_URL = 200;

/**
 * Takes the devices' webhooks: `POST /feedback/<token>`. A 2xx says that the
 * post is on the disk; any other answer makes the device send it again. Posts
 * of one device are stored in the order in which they were complete.
 */
export class Receiver implements Part {
  readonly name = 'receiver';
  readonly #options: ReceiverOptions;
  readonly #limits: PostLimits;
  readonly #gate: AdmissionGate;
  readonly #sink: PostSink;
  readonly #serialOf: (deviceId: number) => string | null;
  readonly #floods: Floods | null;
  readonly #onTaken: (deviceId: number, token: string) => void;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #posts: Counter<'result'>;
  readonly #took: Histogram;
  readonly #timedOut = new WeakSet<Duplex>();
  /** Connections with a request that is not complete or not answered. */
  readonly #busy = new WeakMap<Duplex, ServerResponse>();
  #book = new TokenBook([]);
  #health: ReceiverHealth = { state: 'ok' };
  #server: Server | null = null;
  #stopping = new AbortController();
  #drained: () => void = () => undefined;

  constructor(
    options: ReceiverOptions,
    { sink, serialOf, onFlood, onTaken, registry, clock, logger }: Collaborators,
  ) {
    this.#options = options;
    this.#limits = options.limits ?? POST_LIMITS;
    this.#gate = new AdmissionGate(options.inFlight ?? IN_FLIGHT);
    this.#sink = sink;
    this.#serialOf = serialOf;
    this.#floods =
      options.rate === undefined
        ? null
        : new Floods({ rate: options.rate, onFlood: onFlood ?? (() => undefined) }, { clock });
    this.#onTaken = onTaken ?? (() => undefined);
    this.#clock = clock;
    this.#logger = logger;
    const { posts, took } = receiverMetrics(registry, { inFlight: () => this.#gate.inFlight });
    this.#posts = posts;
    this.#took = took;
  }

  /** @throws ReceiverError */
  async start(): Promise<void> {
    const { listen, tls } = this.#options;
    const { host, port } = readAddress(listen);
    this.#stopping = new AbortController();
    const server = await createPostServer(
      { tls, bodyMs: this.#options.bodyMs ?? 10_000 },
      {
        serve: (request, response) => void this.#serve(request, response),
        onClientError: (error, socket) => this.#refuseConnection(error, socket),
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(listen, error)));
      server.listen(port, host, resolve);
    });
    this.#server = server;
  }

  /** Takes no new connections, answers what is under way within `drainMs`, then closes. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    this.#stopping.abort(new Error('the receiver stops'));
    this.#floods?.stop();
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeIdleConnections();
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(this.#options.drainMs ?? 5_000, resolve);
      this.#drained = () => {
        if (this.#gate.inFlight > 0) return;
        cancel();
        // The last answers are still being written in this turn of the loop.
        setImmediate(resolve);
      };
      this.#drained();
    });
    server.closeAllConnections();
    await closed;
  }

  /** Takes effect with the next post. */
  reload(tokens: readonly DeviceToken[]): void {
    this.#book = new TokenBook(tokens);
  }

  /** Where it listens; null while it does not. */
  address(): AddressInfo | null {
    const address = this.#server?.address() ?? null;
    return typeof address === 'string' ? null : address;
  }

  /** Since when a device is held back because it posts too fast, UTC milliseconds; null while it is not. */
  heldBackSince(deviceId: number): number | null {
    return this.#floods?.since(deviceId) ?? null;
  }

  health(): ReceiverHealth {
    return this.#health;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#busy.set(request.socket, response);
    const begun = this.#clock.monotonic();
    const result = await this.#resultOf(request).catch((error: unknown) => this.#unforeseen(error));
    this.#posts.inc({ result });
    this.#took.observe((this.#clock.monotonic() - begun) / 1_000);
    answer(response, result, { close: this.#stopping.signal.aborted });
    if (request.complete) this.#busy.delete(request.socket);
    this.#drained();
  }

  async #resultOf(request: IncomingMessage): Promise<PostResult> {
    if (request.method !== 'POST') return 'wrong-method';
    const deviceId = this.#deviceOf(request.url ?? '');
    if (deviceId === null) return 'wrong-token';
    const result = this.#refusal(request) ?? (await this.#admit(deviceId, request));
    if (result === 'stored') this.#onTaken(deviceId, (request.url ?? '').slice(PATH.length));
    return result;
  }

  #deviceOf(url: string): number | null {
    if (!url.startsWith(PATH) || url.length > LONGEST_URL) return null;
    return this.#book.find(url.slice(PATH.length));
  }

  /** A fault of ours that some post brings out must not end the daemon: whoever has a URL could send it again. */
  #unforeseen(error: unknown): PostResult {
    this.#logger.error({ error }, 'a post could not be handled');
    return 'failed';
  }

  /** What the headers alone rule out. */
  #refusal(request: IncomingMessage): PostResult | null {
    if (!isAcceptedType(request)) return 'wrong-type';
    return (announcedLength(request) ?? 0) > this.#limits.maxBytes ? 'too-large' : null;
  }

  async #admit(deviceId: number, request: IncomingMessage): Promise<PostResult> {
    const admission = this.#gate.enter(deviceId);
    if (admission !== 'admitted') return admission;
    try {
      const result = await this.#take(deviceId, request).finally(() => this.#gate.done());
      if (result === 'stored') await this.#keepBack(deviceId);
      return result;
    } finally {
      this.#gate.leave(deviceId);
    }
  }

  /** A device that floods is answered later; the post is on the disk by then. A stop answers at once. */
  async #keepBack(deviceId: number): Promise<void> {
    const delayMs = this.#floods?.posted(deviceId) ?? 0;
    const { signal } = this.#stopping;
    if (delayMs > 0) await sleep(delayMs, this.#clock, { signal }).catch(() => undefined);
  }

  async #take(deviceId: number, request: IncomingMessage): Promise<PostResult> {
    let post: Post;
    try {
      post = parsePost(await readBody(request, this.#limits.maxBytes), this.#limits);
    } catch (error) {
      if (error instanceof FeedbackError) return error.code;
      if (error instanceof BrokenOff) return this.#timedOut.has(request.socket) ? 'too-slow' : 'aborted';
      throw error;
    }
    if (post.type === 'ignored') return 'ignored';
    const bound = this.#serialOf(deviceId);
    const { serial } = post.identity;
    if (bound !== null && serial !== null && serial !== bound) return 'wrong-serial';
    return this.#store(deviceId, post.deltas);
  }

  async #store(deviceId: number, deltas: readonly Delta[]): Promise<PostResult> {
    try {
      await this.#sink.accept(deviceId, deltas);
    } catch (error) {
      this.#failed(messageOf(error));
      return 'unavailable';
    }
    this.#recovered();
    return 'stored';
  }

  #failed(reason: string): void {
    if (this.#health.state === 'failing') return;
    this.#health = { state: 'failing', since: this.#clock.now(), reason };
    this.#logger.error({ reason }, 'posts cannot be stored and are answered 503');
  }

  #recovered(): void {
    if (this.#health.state === 'ok') return;
    this.#health = { state: 'ok' };
    this.#logger.info({}, 'posts are stored again');
  }

  /** What is no HTTP, has too large headers, or took too long; a request of which something came is counted as such. */
  #refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
    const isTimeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    const response = this.#busy.get(socket);
    if (isTimeout) this.#timedOut.add(socket);
    if (response === undefined && error.code !== 'ECONNRESET')
      this.#posts.inc({ result: isTimeout ? 'too-slow' : 'bad-request' });
    if (!socket.writable || response?.headersSent === true) {
      socket.destroy();
      return;
    }
    const status = isTimeout ? '408 Request Timeout' : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
      socket.destroy(),
    );
  }
}
