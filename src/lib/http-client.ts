import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type buildConnector, Pool } from 'undici';
import { type AbortOptions, DeadlineError, withDeadline } from './abort.ts';
import type { Clock } from './clock.ts';
import { type Connector, createConnector, type TlsTrust } from './http-connect.ts';
import { connectionError, HttpClientError } from './http-errors.ts';
import { proxyRefusal } from './http-proxy.ts';
import type { Logger } from './logger.ts';

export { type TlsTrust } from './http-connect.ts';
export { HttpClientError } from './http-errors.ts';

export interface HttpClientOptions {
  /** Scheme, host and port, for example `https://10.0.3.11:443`. */
  readonly origin: string;
  /** System roots when left out. */
  readonly tls?: TlsTrust;
  /** Why no connection may be made to an address, null where it may; asked of each address that the name stands for, at every connection. The error is the cause of an `unreachable`. */
  readonly refuses?: (address: string) => Error | null;
  /** Connections kept to the origin at most; 2 when left out. */
  readonly connections?: number;
  /** How long setting up one connection may take; 10 s when left out. */
  readonly connectTimeoutMs?: number;
  /** `http://HOST:PORT`: everything goes through it, loopback too, and it is given no login; straight when left out. */
  readonly proxy?: string;
  readonly clock: Clock;
  readonly logger?: Logger;
}

interface HttpRequest extends AbortOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Path and query, beginning with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** From the call to the last byte of the answer, waiting for a connection included. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
}

/** Header names are lower-case; one that came several times is an array. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

export interface HttpClient {
  /**
   * One exchange; any status is an answer, redirects are answers too and are not followed.
   * A GET or HEAD whose connection breaks before the answer is made once more, unless it carries a Basic login.
   * @throws HttpClientError
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends every connection; requests under way reject with `aborted`. */
  close(): Promise<void>;
}

/** A client for one origin. Credentials are headers of the caller; of a request only method, path and status are logged. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { origin, clock, logger } = options;
  const connector = createConnector({
    trust: options.tls ?? { mode: 'ca' },
    ...(options.refuses === undefined ? {} : { refuses: options.refuses }),
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    clock,
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
  });
  // A proxy forwards what is in the clear, and is told whole addresses (RFC 9112 section 3.2.2); TLS goes through a tunnel.
  const forwarder = origin.startsWith('http:') ? (options.proxy ?? null) : null;
  // Made by the first request: it weighs 18 KB, and many devices are only listened to.
  let pool: Pool | null = null;
  let isClosed = false;
  return {
    async request(request) {
      if (isClosed) throw closed();
      pool ??= newPool(origin, options.connections ?? 2, connector);
      const target = { pool, origin, pathPrefix: forwarder === null ? '' : origin };
      const response = await exchange(target, request, { clock, isClosed: () => isClosed });
      logger?.debug(
        { origin, method: request.method, path: withoutQuery(request.path), status: response.status },
        'http exchange',
      );
      if (forwarder !== null && response.status === PROXY_WANTS_LOGIN)
        throw proxyRefusal(response.status, { where: origin, proxy: forwarder, reason: '' });
      return response;
    },
    async close() {
      isClosed = true;
      connector.close();
      await pool?.destroy(closed());
    },
  };
}

function closed(): HttpClientError {
  return new HttpClientError('aborted', 'the client was closed');
}

const PROXY_WANTS_LOGIN = 407;

interface Target {
  readonly pool: Pool;
  readonly origin: string;
  /** What a path begins with: nothing, or the origin where a proxy forwards. */
  readonly pathPrefix: string;
}

function newPool(origin: string, connections: number, connector: Connector): Pool {
  return new Pool(origin, {
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: ({ hostname, port, protocol }, callback) => {
      const secure = protocol === 'https:';
      void handOver(
        connector.connect({ host: hostname, port: Number(port) || (secure ? 443 : 80), secure }),
        callback,
      );
    },
  });
}

async function handOver(connecting: Promise<Socket>, callback: buildConnector.Callback): Promise<void> {
  let socket: Socket;
  try {
    socket = await connecting;
  } catch (error) {
    callback(connectionError(error, 'the origin'), null);
    return;
  }
  callback(null, socket);
}

async function exchange(
  target: Target,
  request: HttpRequest,
  { clock, isClosed }: { clock: Clock; isClosed: () => boolean },
): Promise<HttpResponse> {
  const { origin } = target;
  const { signal } = request;
  const what = `${request.method} ${origin}${withoutQuery(request.path)}`;
  try {
    return await withDeadline({ what, afterMs: request.deadlineMs, clock, signal }, (inner) =>
      sendAgainIfStale(request, inner, () => send(target, request, what, inner)),
    );
  } catch (error) {
    if (error instanceof DeadlineError)
      throw new HttpClientError('deadline', error.message, { details: error.details });
    if (signal?.aborted)
      throw new HttpClientError('aborted', `${what} was called off`, { cause: signal.reason });
    throw isClosed() ? closed() : connectionError(error, origin);
  }
}

/**
 * A kept connection may be closed by the server just as a request goes out.
 * What is safe to repeat (RFC 9110 section 9.2.1) is repeated, once; but never
 * a login by Basic authentication, as failed ones lock accounts.
 */
async function sendAgainIfStale(
  { method, headers }: HttpRequest,
  signal: AbortSignal,
  work: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  try {
    return await work();
  } catch (error) {
    const isLogin = headers?.['authorization']?.startsWith('Basic ') ?? false;
    const isSafe = !isLogin && (method === 'GET' || method === 'HEAD');
    if (!isSafe || signal.aborted || !isConnectionLoss(error)) throw error;
    return work();
  }
}

function isConnectionLoss(error: unknown): boolean {
  if (error instanceof HttpClientError || !(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

async function send(
  { pool, pathPrefix }: Target,
  request: HttpRequest,
  what: string,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const answer = await pool.request({
    method: request.method,
    path: pathPrefix + request.path,
    signal,
    ...(request.headers === undefined ? {} : { headers: request.headers }),
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  const body = await collect(answer.body, request.maxBytes, what);
  return { status: answer.statusCode, headers: presentHeaders(answer.headers), body };
}

/** Listens for the chunks: to iterate over them costs a turn of promises for each. */
function collect(body: Readable, maxBytes: number, what: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      body.destroy(
        new HttpClientError('too-large', `${what} answered more than ${maxBytes} bytes`, {
          details: { maxBytes },
        }),
      );
    });
    // The pool has the connection back a turn later: whoever went on at once would be given another.
    body.on('end', () => setImmediate(resolve, Buffer.concat(chunks, size)));
    body.on('error', reject);
  });
}

function presentHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string | string[]> {
  const present: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) present[name] = value;
  return present;
}

/** A query may carry what is nobody's business in a message. */
function withoutQuery(path: string): string {
  const end = path.indexOf('?');
  return end === -1 ? path : path.slice(0, end);
}
