import { stat } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { dirname } from 'node:path';
import type { Action } from '../actions/action.ts';
import type { Row } from '../actions/rows.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { RoomdError } from '../lib/errors.ts';
import { controlSocketPath } from './control.ts';

/** An error as the daemon told it over the control socket. */
export class ControlError extends RoomdError {}

export type TakeRows = (rows: readonly Row[], columns: readonly string[]) => Promise<void>;

/**
 * Asks the running daemon to perform a verb.
 * @param databaseFile the database that the daemon owns
 * @returns null where no daemon listens
 * @throws ControlError with the verb's own code
 */
export async function askDaemon(
  databaseFile: string,
  {
    action,
    input,
    actor,
    onProgress,
    onRows,
    signal,
  }: {
    action: Pick<Action, 'name'>;
    input: unknown;
    actor: string;
    onProgress?: ((line: string) => void) | undefined;
    /** Takes the rows of a verb that answers them; no more are asked for until it is done with these. */
    onRows?: TakeRows | undefined;
  } & AbortOptions,
): Promise<{ result: unknown } | null> {
  const path = controlSocketPath(databaseFile);
  if (!(await isOurs(path, databaseFile))) return null;
  const answer = await open(path, `/${action.name}`, JSON.stringify({ input, actor }), signal);
  if (answer === null) return null;
  try {
    const result = await resultOf(answer, { onProgress, onRows });
    if (result !== null) return result;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RoomdError) throw error;
  }
  throw new ControlError('closed', 'the daemon stopped before it had answered', { retryable: true });
}

async function resultOf(
  answer: IncomingMessage,
  { onProgress, onRows }: { onProgress: ((line: string) => void) | undefined; onRows: TakeRows | undefined },
): Promise<{ result: unknown } | null> {
  let rest = '';
  let columns: readonly string[] = [];
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const said = JSON.parse(line) as {
        progress?: string;
        columns?: readonly string[];
        rows?: readonly Row[];
        result?: unknown;
        error?: { code: string; message: string };
      };
      if (said.error !== undefined) throw new ControlError(said.error.code, said.error.message);
      if (said.progress !== undefined) onProgress?.(said.progress);
      else if (said.columns !== undefined) columns = said.columns;
      else if (said.rows !== undefined) await onRows?.(said.rows, columns);
      else return { result: said.result };
    }
  }
  return null;
}

/** Without room beside the database the socket is in the folder for everybody's temporary files: there it counts only where whoever owns the database made it. */
async function isOurs(socket: string, databaseFile: string): Promise<boolean> {
  if (dirname(socket) === dirname(databaseFile)) return true;
  try {
    return (await stat(socket)).uid === (await stat(databaseFile)).uid;
  } catch {
    return false;
  }
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
      else if (error.code === 'EACCES') reject(notAllowed(socketPath));
      else reject(error);
    });
    asking.end(body);
  });
}

function notAllowed(socketPath: string): ControlError {
  return new ControlError(
    'forbidden',
    `a daemon runs, and only its own user may open ${socketPath}: run the command as that user, or use the HTTP API with a token`,
  );
}
