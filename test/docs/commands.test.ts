import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { CliContext } from '../../src/cli/context.ts';
import { commandTree } from '../../src/cli/run-cli.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { commandLines, roomdWords } from './command-lines.ts';
import { documents } from './documents.ts';

/** Lines that no test runs as they stand, and why. Whatever fits none of them is to be run or named here. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^npm (ci|cit)\b/, 'installs and tests the project itself; .ci/run does it from a clean clone'],
  [
    /^npm (run|root|pack)\b/,
    'scripts of the project; demo.release.test.ts runs the demo, bench.test.ts the benchmarks',
  ],
  [/^node scripts\//, 'makes generated files of the project; tests compare them'],
  [/^sudo (?!roomd)/, 'needs root'],
  [/^(systemctl|journalctl) /, 'needs systemd'],
  [/^(export|alias) |^[A-Z_]+=/, 'sets something for the lines after it'],
  [
    /^curl /,
    'needs a running daemon or simulator; quick-start.release.test.ts runs those of the quick start',
  ],
  [/^sqlite3 /, 'needs the program sqlite3 and an installed database'],
  [/^printf .*openssl/, 'shows how a signature is made; the values are placeholders'],
  [/^npx vitest /, 'runs tests'],
  [/^source <\(roomd completion/, 'goes into a file of the shell; completion.test.ts runs it in real ones'],
];

describe('the command lines in the documents', () => {
  const all = documents()
    .filter(({ path }) => path !== 'docs/cli.md' && path !== 'CHANGELOG.md')
    .flatMap(commandLines);

  it('that call roomd have only commands and options that exist', async () => {
    const calls = all.flatMap((line) => {
      const words = roomdWords(line.text);
      return words === null ? [] : [{ ...line, words }];
    });
    expect(calls.length).toBeGreaterThan(40);
    const wrong: string[] = [];
    for (const { path, line, text, words } of calls) {
      const problem = await problemOf(words);
      if (problem !== null) wrong.push(`${path}:${line}: ${text}: ${problem}`);
    }
    expect(wrong).toEqual([]);
  });

  it('that call other programs are run by a test, or it is said here why not', () => {
    const unknown = all.filter(
      ({ text }) => roomdWords(text) === null && !NOT_RUN.some(([form]) => form.test(text)),
    );
    expect(unknown).toEqual([]);
  });

  it('within sentences name commands and options that exist', () => {
    const program = commandTree(context(), () => undefined);
    const wrong = documents()
      // The benchmarks name what is measured, not what is typed.
      .filter(({ path }) => path !== 'CHANGELOG.md' && path !== 'docs/benchmarks.md')
      .flatMap(({ path, text }) =>
        [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/`roomd ([a-z-][^`\n]*)`/g)].flatMap(
          ([, words = '']) => unknownIn(program, words).map((word) => `${path}: roomd ${words}: ${word}`),
        ),
      );
    expect(wrong).toEqual([]);
  });

  it('would be found to be wrong', async () => {
    expect(await problemOf(['plan', '--frsh'])).toMatch(/unknown option '--frsh'/);
    expect(await problemOf(['plna'])).toMatch(/unknown command 'plna'/);
    expect(
      unknownIn(
        commandTree(context(), () => undefined),
        'hold --relase',
      ),
    ).toEqual(['--relase']);
  });
});

/** What the command line says against these words; null where it would begin its work. */
async function problemOf(words: readonly string[]): Promise<string | null> {
  const program = commandTree(context(), () => undefined);
  disarm(program);
  return program.parseAsync([...words], { from: 'user' }).then(
    () => null,
    (error: unknown) => String(error),
  );
}

function disarm(command: Command): void {
  command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const nested of command.commands) disarm(nested);
}

/** Commands and long options of a call in a sentence that do not exist; its arguments are placeholders. */
function unknownIn(program: Command, text: string): string[] {
  const words = text.split(/[\s=]+/);
  let command = program;
  let isPath = true;
  const unknown: string[] = [];
  for (const word of words) {
    const nested = command.commands.find((one) => one.name() === word.replace(/[,.]$/, ''));
    if (isPath && nested !== undefined) command = nested;
    else if (isPath && command === program && /^[a-z]/.test(word)) unknown.push(word);
    else isPath = isPath && word.startsWith('-');
    if (/^--[a-z]/.test(word) && !hasOption(command, word) && !hasOption(program, word)) unknown.push(word);
  }
  return unknown;
}

/** Also of a command below, which may be meant where none is named. */
function hasOption(command: Command, long: string): boolean {
  const own = [command, ...(command.parent === null ? [] : command.commands)];
  return long === '--help' || own.some(({ options }) => options.some((option) => option.long === long));
}

function context(): CliContext {
  return {
    terminal: {
      isInteractive: false,
      columns: 80,
      out: () => undefined,
      err: () => undefined,
      style: (_style, text) => text,
      confirm: () => Promise.resolve(false),
    },
    surroundings: {
      secrets: { env: () => undefined, readFile: () => Promise.reject(new Error('no files here')) },
      notifySocket: null,
      watchdogMs: null,
      logLevel: 'silent',
      user: 'reader',
      noColor: true,
    },
    clock: systemClock(),
    random: seededRandom(1),
    newId: () => 'id',
    workingDirectory: '/',
    signal: new AbortController().signal,
  };
}
