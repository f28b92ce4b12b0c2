import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../lib/clock.ts';

/** A request once its body has come. */
export interface StandInRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface StandInAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for an answer without a body. */
  readonly body: string | null;
}

/** What a stand-in does by itself; the server brings the wire. */
export interface StandInService {
  /** The name of what is asked for, by which faults and the log go. */
  readonly operationOf: (request: StandInRequest) => string;
  readonly answer: (request: StandInRequest) => StandInAnswer;
  /** Refuses as the service words it. */
  readonly refuse: (status: number, message: string) => StandInAnswer;
}

/**
 * What goes wrong on demand, for the next `times` requests (of one operation,
 * if that is given): `instead` is answered and nothing done; `slow` and
 * `truncated` do what is asked, and the answer comes late or is cut off in the
 * middle; `html` is the page of a proxy, with status 200.
 */
export type StandInFault = { readonly times: number; readonly operation?: string } & (
  | { readonly kind: 'instead'; readonly answer: (request: StandInRequest) => StandInAnswer }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'html' }
);

export interface StandInLogEntry {
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  readonly status: number;
}

export interface StandInServer {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** The latest requests (at most 1,000) and what they were answered, oldest first. */
  readonly requests: () => readonly StandInLogEntry[];
  readonly fault: (fault: StandInFault) => void;
  readonly stop: () => Promise<void>;
}

const MOST_BODY_BYTES = 1_000_000;
const MOST_REQUESTS_KEPT = 1000;
const PAGE = '<!DOCTYPE html><html><body><h1>Sign in to the guest network</h1></body></html>';

/** Serves on 127.0.0.1 what `service` answers, over TLS where a key is given; port 0 takes a free one. */
export async function startStandInServer(
  options: { port?: number; tls?: { key: string; cert: string }; clock: Clock },
  service: StandInService,
): Promise<StandInServer> {
  const wire = new Wire(service, options.clock);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void wire.handle(request, response);
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  return {
    origin: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests: () => [...wire.requests],
    fault: (fault) => {
      if (fault.times > 0) wire.faults.push({ fault, left: fault.times });
    },
    stop: () =>
      new Promise((resolve) => {
        wire.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Wire {
  readonly requests: StandInLogEntry[] = [];
  readonly faults: { readonly fault: StandInFault; left: number }[] = [];
  readonly #service: StandInService;
  readonly #clock: Clock;
  readonly #late = new Set<() => void>();

  constructor(service: StandInService, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', 'http://stand-in');
    const body = await readBody(message).catch(() => null);
    const request = { method: message.method ?? 'GET', url, headers: message.headers, body: body ?? '' };
    const operation = this.#service.operationOf(request);
    const fault = body === null ? null : this.#nextFault(operation);
    const answer =
      body === null ? this.#service.refuse(413, 'The body is too large.') : this.#answer(request, fault);
    this.requests.push({
      method: request.method,
      path: message.url ?? '/',
      operation,
      status: answer.status,
    });
    if (this.requests.length > MOST_REQUESTS_KEPT) this.requests.shift();
    if (fault?.kind === 'slow') await this.#wait(fault.delayMs);
    write(response, answer, fault?.kind === 'truncated');
  }

  stop(): void {
    for (const wake of this.#late) wake();
  }

  #answer(request: StandInRequest, fault: StandInFault | null): StandInAnswer {
    if (fault?.kind === 'html') return { status: 200, headers: { 'content-type': 'text/html' }, body: PAGE };
    try {
      return fault?.kind === 'instead' ? fault.answer(request) : this.#service.answer(request);
    } catch (error) {
      return this.#service.refuse(500, String(error));
    }
  }

  #nextFault(operation: string): StandInFault | null {
    const due = this.faults.find(
      ({ fault }) => fault.operation === undefined || fault.operation === operation,
    );
    if (due === undefined) return null;
    due.left -= 1;
    if (due.left <= 0) this.faults.splice(this.faults.indexOf(due), 1);
    return due.fault;
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#late.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(delayMs, wake);
      this.#late.add(wake);
    });
  }
}

function write(
  response: ServerResponse,
  { status, headers, body }: StandInAnswer,
  isTruncated: boolean,
): void {
  if (body === null) {
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
  if (isTruncated) response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
  else response.end(bytes);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BODY_BYTES) throw new RangeError('the body is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}
