import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Clock } from '../lib/clock.ts';
import { closeServer } from '../lib/close-server.ts';
import { messageOf, RoomdError } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import { createApi } from './api.ts';
import type { ApiModules } from './context.ts';

/** How long requests under way may take to end on stop. */
const DRAIN_MS = 3_000;

export class ListenError extends RoomdError<'listen-failed'> {
  constructor(address: string, cause: unknown) {
    super('listen-failed', `cannot listen on ${address}: ${messageOf(cause)}`, { cause });
  }
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || match?.[3] === undefined)
    throw new ListenError(text, new Error('expected HOST:PORT'));
  return { host, port: Number(match[3]) };
}

/** Serves the HTTP API until it is stopped. */
export class ApiServer implements Part {
  readonly name = 'http';
  readonly #listen: string;
  readonly #clock: Clock;
  readonly #app: Express;
  readonly #stopping = new AbortController();
  #server: Server | null = null;

  constructor({ listen }: { listen: string }, modules: Omit<ApiModules, 'signal'>) {
    this.#listen = listen;
    this.#clock = modules.clock;
    this.#app = createApi({ ...modules, signal: this.#stopping.signal });
  }

  /** @throws ListenError */
  async start(): Promise<void> {
    const { host, port } = parseListen(this.#listen);
    const server = createServer(this.#app);
    server.requestTimeout = 30_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new ListenError(this.#listen, error)));
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
  }

  /** `http://127.0.0.1:8080`; the port is the real one where the file says 0. */
  url(): string {
    const address = this.#server?.address() as AddressInfo | null;
    const host = address?.family === 'IPv6' ? `[${address.address}]` : (address?.address ?? '');
    return `http://${host}:${address?.port ?? 0}`;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    this.#stopping.abort(new Error('roomd stops'));
    await closeServer(server, { clock: this.#clock, drainMs: DRAIN_MS });
  }
}
