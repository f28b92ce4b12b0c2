import { runCli } from '../../src/cli/run-cli.ts';
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
}

/** Runs one command line in this process, with a terminal that remembers. */
export async function line(
  argv: readonly string[],
  { cwd, env = {}, answer, secrets: typed = [], input = '' }: LineOptions,
): Promise<Line> {
  const clock = systemClock();
  const said: string[] = [];
  const warned: string[] = [];
  const toType = [...typed];
  const secrets: Readonly<Record<string, string>> = { ROOM_PASSWORD: PASSWORD, ...env };
  const code = await runCli(argv, {
    terminal: {
      isInteractive: answer !== undefined,
      columns: 10_000,
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
  });
  const out = said.join('\n');
  return { code, out, err: warned.join('\n'), json: () => JSON.parse(out) as unknown };
}
