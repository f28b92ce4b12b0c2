import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { closeServer } from '../lib/close-server.ts';
import { messageOf, RoomdError } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import { createApi } from './api.ts';
import { readCertificate, type ServerCertificate, type TlsFiles, troubleWith } from './certificate.ts';
import type { ApiModules } from './context.ts';

/** How long requests under way may take to end on stop. */
const DRAIN_MS = 3_000;

const TLS = { minVersion: 'TLSv1.2' } as const;

export class ListenError extends RoomdError<'listen-failed'> {
  constructor(address: string, cause: unknown) {
    super('listen-failed', `cannot listen on ${address}: ${messageOf(cause)}`, { cause });
  }
}

function plainly(error: NodeJS.ErrnoException): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new Error(
    'another program, perhaps a roomd that runs already, listens there; write another address in daemon.listen',
    { cause: error },
  );
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || match?.[3] === undefined)
    throw new ListenError(text, new Error('expected HOST:PORT'));
  return { host, port: Number(match[3]) };
}

export interface ApiServerOptions {
  readonly listen: string;
  /** The files of `daemon.tls` as the fleet in force names them; null: plain HTTP. */
  readonly tls: () => TlsFiles | null;
}

/** Serves the HTTP API until it is stopped. */
export class ApiServer implements Part {
  readonly name = 'http';
  readonly #options: ApiServerOptions;
  readonly #modules: Omit<ApiModules, 'signal'>;
  readonly #app: Express;
  readonly #stopping = new AbortController();
  #server: Server | null = null;
  #secure: TlsServer | null = null;
  #certificate: ServerCertificate | null = null;
  /** Why the files on the disk are not those in use. */
  #refused: string | null = null;

  constructor(options: ApiServerOptions, modules: Omit<ApiModules, 'signal'>) {
    this.#options = options;
    this.#modules = modules;
    this.#app = createApi({ ...modules, signal: this.#stopping.signal });
  }

  /** @throws ListenError, also where the certificate cannot be used */
  async start(): Promise<void> {
    const { listen } = this.#options;
    const { host, port } = parseListen(listen);
    const server = await this.#makeServer();
    server.requestTimeout = 30_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new ListenError(listen, plainly(error))));
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
  }

  /** Reads the certificate again; one that cannot be used leaves the one before in use. */
  async reload(): Promise<void> {
    const files = this.#options.tls();
    if (this.#secure === null || files === null) return;
    const read = await readCertificate(files);
    if (typeof read === 'string') {
      this.#refused = read;
      this.#modules.logger.error({ reason: read }, 'The certificate of the API stays the one before');
      return;
    }
    this.#refused = null;
    if (this.#certificate?.cert.equals(read.cert) && this.#certificate.key.equals(read.key)) return;
    this.#secure.setSecureContext({ ...TLS, cert: read.cert, key: read.key });
    this.#certificate = read;
    this.#modules.logger.info({ expiresAt: read.expiresAt }, 'The API shows another certificate');
  }

  /** Until when its certificate holds, UTC milliseconds; null where it speaks plain HTTP. */
  certificateUntil(): number | null {
    return this.#certificate?.expiresAt ?? null;
  }

  /** What is the matter with its certificate, in a sentence; null: nothing. */
  trouble(): string | null {
    const now = this.#modules.clock.now();
    return this.#certificate === null
      ? null
      : troubleWith(this.#certificate, { refused: this.#refused, now });
  }

  /** `http://127.0.0.1:8080`; the port is the real one where the file says 0. */
  url(): string {
    const address = this.#server?.address() as AddressInfo | null;
    const host = address?.family === 'IPv6' ? `[${address.address}]` : (address?.address ?? '');
    return `${this.#secure === null ? 'http' : 'https'}://${host}:${address?.port ?? 0}`;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    this.#stopping.abort(new Error('roomd stops'));
    await closeServer(server, { clock: this.#modules.clock, drainMs: DRAIN_MS });
  }

  async #makeServer(): Promise<Server> {
    const files = this.#options.tls();
    if (files === null) return createServer(this.#app);
    const read = await readCertificate(files);
    if (typeof read === 'string') throw new ListenError(this.#options.listen, new Error(read));
    this.#certificate = read;
    this.#secure = createTlsServer({ ...TLS, cert: read.cert, key: read.key }, this.#app);
    return this.#secure;
  }
}
