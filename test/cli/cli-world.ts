import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliContext } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliWorld {
  readonly folder: string;
  /** Runs one command line in the folder, without a terminal to ask on. */
  roomd(...argv: string[]): Promise<CliRun>;
  /** The same, where a person answers questions with `answer`. */
  asked(answer: boolean, ...argv: string[]): Promise<CliRun>;
  close(): Promise<void>;
}

/** A folder of its own and the command line in it, with these environment variables. */
export async function cliWorld(environment: Readonly<Record<string, string>> = {}): Promise<CliWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-cli-'));
  const run = async (argv: readonly string[], answer: boolean | null): Promise<CliRun> => {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCli(argv, contextIn(folder, { environment, out, err, answer }));
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  return {
    folder,
    roomd: (...argv) => run(argv, null),
    asked: (answer, ...argv) => run(argv, answer),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function contextIn(
  folder: string,
  {
    environment,
    out,
    err,
    answer,
  }: { environment: Readonly<Record<string, string>>; out: string[]; err: string[]; answer: boolean | null },
): CliContext {
  const clock = systemClock();
  return {
    terminal: {
      isInteractive: answer !== null,
      columns: 10_000,
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      style: (_style, text) => text,
      confirm: async () => answer ?? false,
    },
    surroundings: {
      secrets: secretSource(environment),
      notifySocket: null,
      watchdogMs: null,
      logLevel: 'info',
      user: 'anna',
      noColor: true,
    },
    clock,
    random: seededRandom(7),
    newId: uuidv7(clock),
    workingDirectory: folder,
    signal: quietSignal(),
  };
}

/** Every device under way listens to it. */
function quietSignal(): AbortSignal {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  return signal;
}
