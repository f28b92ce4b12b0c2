import { wordsOfEach } from '../../src/cli/command-tree.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { commandTree, runCli } from '../../src/cli/run-cli.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { uuidv7 } from '../../src/lib/random.ts';
import { PASSWORD } from '../support/world.ts';

export interface Line {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output read as one JSON document. */
  readonly json: () => unknown;
}

export interface LineOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What a person answers to every question; without it there is no terminal. */
  readonly answer?: boolean;
  /** What a person types where nothing shows, one answer after another. */
  readonly secrets?: readonly string[];
  /** What comes on standard input. */
  readonly input?: string;
  /** Of the terminal; without it no table is cut. */
  readonly columns?: number;
}

/** Runs one command line in this process, with a terminal that remembers. */
export async function line(argv: readonly string[], options: LineOptions): Promise<Line> {
  const said: string[] = [];
  const warned: string[] = [];
  const code = await runCli(argv, contextOf(options, said, warned));
  const out = said.join('\n');
  return { code, out, err: warned.join('\n'), json: () => JSON.parse(out) as unknown };
}

/** The words of every command, `['token', 'create']`, in the order of help; of roomd itself none. */
export function everyCommand(): string[][] {
  return wordsOfEach(commandTree(contextOf({ cwd: '/' }, [], []), () => undefined));
}

function contextOf(
  { cwd, env = {}, answer, secrets: typed = [], input = '', columns = 10_000 }: LineOptions,
  said: string[],
  warned: string[],
): CliContext {
  const clock = systemClock();
  const toType = [...typed];
  const secrets: Readonly<Record<string, string>> = { ROOM_PASSWORD: PASSWORD, ...env };
  return {
    terminal: {
      isInteractive: answer !== undefined,
      columns,
      out: (text) => void said.push(text),
      err: (text) => void warned.push(text),
      style: (_style, text) => text,
      confirm: (question) => {
        said.push(question);
        return Promise.resolve(answer ?? false);
      },
      askSecret: () => Promise.resolve(toType.shift() ?? ''),
      input: () => Promise.resolve(input),
    },
    surroundings: {
      secrets: { env: (name) => secrets[name], readFile: () => Promise.reject(new Error('no file')) },
      notifySocket: null,
      watchdogMs: null,
      logLevel: 'silent',
      user: 'anna',
      noColor: true,
    },
    clock,
    random: Math.random,
    newId: uuidv7(clock),
    workingDirectory: cwd,
    signal: new AbortController().signal,
  };
}
