import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Caller, perform } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import { actions } from '../actions/registry.ts';
import { type Row, Rows } from '../actions/rows.ts';
import type { Clock } from '../lib/clock.ts';
import { closeServer } from '../lib/close-server.ts';
import { messageOf, RoomdError } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';

/** A UNIX socket's path may hold 107 bytes (unix(7)). */
const LONGEST_PATH = 100;
const LONGEST_BODY = 1024 * 1024;
const ROWS_A_LINE = 100;
/** How long verbs under way may take to end on stop. */
const DRAIN_MS = 3_000;

/** Where the daemon that owns this database listens for the command line. */
export function controlSocketPath(databaseFile: string): string {
  const beside = join(dirname(databaseFile), 'roomd.sock');
  if (Buffer.byteLength(beside) <= LONGEST_PATH) return beside;
  return join(tmpdir(), `roomd-${createHash('sha256').update(beside).digest('hex').slice(0, 24)}.sock`);
}

/**
 * Serves every verb to the command line on a socket that only the daemon's own
 * user may open (mode 0600): `POST /NAME` with the input as JSON; the answer
 * is lines of JSON, `{"progress"}` … and at the end `{"result"}` or `{"error"}`;
 * of a verb that answers rows `{"columns"}` and `{"rows"}` … come before.
 */
export class ControlServer implements Part {
  readonly name = 'control';
  readonly #path: string;
  readonly #ports: Ports;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #server: Server | null = null;

  constructor({ path }: { path: string }, { ports, clock }: { ports: Ports; clock: Clock }) {
    this.#path = path;
    this.#ports = ports;
    this.#clock = clock;
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
      // The file is made within `listen`, so it is never open to others, not even for a moment.
      const before = process.umask(0o177);
      try {
        server.listen(this.#path, resolve);
      } finally {
        process.umask(before);
      }
    });
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    this.#stopping.abort(new Error('roomd stops'));
    await closeServer(server, { clock: this.#clock, drainMs: DRAIN_MS });
    await rm(this.#path, { force: true });
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const action = actions.find(({ name }) => `/${name}` === incoming.url);
    if (action === undefined || incoming.method !== 'POST') {
      const error = {
        code: 'unknown-verb',
        message: 'the running daemon does not know this verb: it is another version, restart it',
      };
      outgoing.end(`${JSON.stringify({ error })}\n`);
      return;
    }
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort(new Error('the command line went away')));
    const signal = AbortSignal.any([gone.signal, this.#stopping.signal]);
    outgoing.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const say = (line: object): void => void outgoing.write(`${JSON.stringify(line)}\n`);
    try {
      const { input, actor } = JSON.parse(await bodyOf(incoming)) as { input: unknown; actor: string };
      const caller: Caller = { actor, role: 'admin', devices: null };
      const result = await perform(action, {
        input,
        caller,
        ports: this.#ports,
        signal,
        onProgress: (progress) => say({ progress }),
      });
      if (result instanceof Rows) await sayRows(result, outgoing, signal);
      else say({ result });
    } catch (error) {
      const code = error instanceof RoomdError ? error.code : 'internal';
      say({ error: { code, message: messageOf(error) } });
    }
    outgoing.end();
  }
}

/** Nothing is made while the command line is slow to take what there is. */
async function sayRows(
  { columns, items }: Rows,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  outgoing.write(`${JSON.stringify({ columns })}\n`);
  let rows: Row[] = [];
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    if (!outgoing.write(`${JSON.stringify({ rows })}\n`)) await once(outgoing, 'drain', { signal });
    rows = [];
  };
  for await (const row of items) {
    rows.push(row);
    if (rows.length >= ROWS_A_LINE) await flush();
  }
  await flush();
  outgoing.write(`${JSON.stringify({ result: null })}\n`);
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
