import { createHash } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Action, type Caller, perform } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import { actions } from '../actions/registry.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { messageOf, RoomdError } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';

/** A UNIX socket's path may hold 107 bytes (unix(7)). */
const LONGEST_PATH = 100;
const LONGEST_BODY = 1024 * 1024;

/** Where the daemon that owns this database listens for the command line. */
export function controlSocketPath(databaseFile: string): string {
  const beside = join(dirname(databaseFile), 'roomd.sock');
  if (Buffer.byteLength(beside) <= LONGEST_PATH) return beside;
  return join(tmpdir(), `roomd-${createHash('sha256').update(beside).digest('hex').slice(0, 24)}.sock`);
}

/**
 * Serves every verb to the command line on a socket that only the daemon's own
 * user may open (mode 0600): `POST /NAME` with the input as JSON; the answer
 * is lines of JSON, `{"progress"}` … and at the end `{"result"}` or `{"error"}`.
 */
export class ControlServer implements Part {
  readonly name = 'control';
  readonly #path: string;
  readonly #ports: Ports;
  readonly #stopping = new AbortController();
  #server: Server | null = null;

  constructor({ path }: { path: string }, { ports }: { ports: Ports }) {
    this.#path = path;
    this.#ports = ports;
  }

  async start(): Promise<void> {
    // The lock on the data directory is ours, so a socket file here is a dead one.
    await rm(this.#path, { force: true });
    const server = createServer((incoming, outgoing) => {
      this.#serve(incoming, outgoing).catch((error: unknown) => {
        outgoing.end(`${JSON.stringify({ error: { code: 'internal', message: messageOf(error) } })}\n`);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path, resolve);
    });
    await chmod(this.#path, 0o600);
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    this.#stopping.abort(new Error('roomd stops'));
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
    await rm(this.#path, { force: true });
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const action = actions.find(({ name }) => `/${name}` === incoming.url);
    if (action === undefined || incoming.method !== 'POST') {
      outgoing.writeHead(404).end();
      return;
    }
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort(new Error('the command line went away')));
    const signal = AbortSignal.any([gone.signal, this.#stopping.signal]);
    outgoing.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const say = (line: object): void => void outgoing.write(`${JSON.stringify(line)}\n`);
    try {
      const { input, actor } = JSON.parse(await bodyOf(incoming)) as { input: unknown; actor: string };
      const caller: Caller = { actor, role: 'admin' };
      const result = await perform(action, {
        input,
        caller,
        ports: this.#ports,
        signal,
        onProgress: (progress) => say({ progress }),
      });
      say({ result });
    } catch (error) {
      const code = error instanceof RoomdError ? error.code : 'internal';
      say({ error: { code, message: messageOf(error) } });
    }
    outgoing.end();
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY) throw new Error('the input is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An error as the daemon told it over the control socket. */
export class ControlError extends RoomdError {}

/**
 * Asks the running daemon to perform a verb.
 * @returns null where no daemon listens
 * @throws ControlError with the verb's own code
 */
export async function askDaemon(
  path: string,
  {
    action,
    input,
    actor,
    onProgress,
    signal,
  }: {
    action: Pick<Action, 'name'>;
    input: unknown;
    actor: string;
    onProgress?: ((line: string) => void) | undefined;
  } & AbortOptions,
): Promise<{ result: unknown } | null> {
  const answer = await open(path, `/${action.name}`, JSON.stringify({ input, actor }), signal);
  if (answer === null) return null;
  let rest = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const said = JSON.parse(line) as {
        progress?: string;
        result?: unknown;
        error?: { code: string; message: string };
      };
      if (said.error !== undefined) throw new ControlError(said.error.code, said.error.message);
      if (said.progress !== undefined) onProgress?.(said.progress);
      else return { result: said.result };
    }
  }
  throw new ControlError('closed', 'the daemon stopped before it had answered', { retryable: true });
}

function open(
  socketPath: string,
  path: string,
  body: string,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage | null> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { socketPath, path, method: 'POST', ...(signal === undefined ? {} : { signal }) },
      resolve,
    );
    asking.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null);
      else reject(error);
    });
    asking.end(body);
  });
}
