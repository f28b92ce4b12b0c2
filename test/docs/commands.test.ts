import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { CliContext } from '../../src/cli/context.ts';
import { commandTree } from '../../src/cli/run-cli.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { commandLines, roomdWords } from './command-lines.ts';
import { documents, ROOT } from './documents.ts';

/**
 * Lines that call other programs, and who runs them, or why nobody does.
 * Whatever fits none of them is to be run or named here. Lines that call roomd
 * are all parsed below; walkthroughs.release.test.ts runs those of the quick
 * start and of adopting.
 */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^curl /, 'run by shell-lines.test.ts; those of the quick start by walkthroughs.release.test.ts too'],
  [/^printf .*openssl/, 'run by shell-lines.test.ts'],
  [/^(export|alias) |^[A-Z_]+=/, 'sets something for the lines after it'],
  [
    /^npm (ci|cit)\b/,
    'not run: installs and tests the project itself, which .ci/run does from a clean clone; demo.release.test.ts runs the demo',
  ],
  [
    /^npm run bench/,
    'not run: takes up to three quarters of an hour; figures.test.ts tests only how it counts',
  ],
  [/^npm (root|pack)\b/, 'not run: installed.release.test.ts packs and installs for itself'],
  [/^sudo (?!roomd)/, 'not run: needs root'],
  [/^(systemctl|journalctl) /, 'not run: needs systemd'],
  [/^sqlite3 /, 'not run: needs the database of an installed roomd'],
  [
    /^source <\(roomd completion/,
    'not run: goes into a file of the shell; completion.test.ts runs it in real ones',
  ],
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
      ({ text }) => roomdWords(text) === null && !ELSEWHERE.some(([form]) => form.test(text)),
    );
    expect(unknown).toEqual([]);
  });

  it('are said to be run by tests that there are, and nothing is said of lines that no document has', () => {
    const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).map((path) =>
      basename(path),
    );
    const named = ELSEWHERE.flatMap(([, why]) => why.match(/[\w-]+(?:\.release)?\.test\.ts/g) ?? []);
    expect(named.filter((name) => !tests.includes(name))).toEqual([]);
    const idle = ELSEWHERE.filter(([form]) => !all.some(({ text }) => form.test(text)));
    expect(idle.map(([form]) => form.source)).toEqual([]);
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
