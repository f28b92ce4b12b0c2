import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { sections } from '../../daemon/sections.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { loadFleet } from '../../fleet/load.ts';
import { formatPlace, formatProblem, type Problem } from '../../fleet/problem.ts';
import { messageOf } from '../../lib/errors.ts';
import { type Finish, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { play } from '../rehearsal/play.ts';
import { readTestFile } from '../rehearsal/test-file.ts';
import { count } from '../terminal.ts';

interface TestOptions extends GlobalOptions {
  readonly name?: string;
}

/** A test and what came of it; `failures` are sentences with their places. */
interface Tested {
  readonly file: string;
  readonly name: string;
  readonly passed: boolean;
  readonly failures: readonly string[];
  readonly tookMs: number;
  /** How much time passed within it. */
  readonly passedMs: number;
}

const SUFFIX = '.test.yaml';
const DAY_MS = 86_400_000;

/** `roomd macro test`, below `roomd macro`. */
export function addMacroTest(macro: Command, context: CliContext, finish: Finish): void {
  macro
    .command('test <path...>')
    .description(
      'rehearse macros in virtual time: files *.test.yaml, or folders of such; nothing is contacted',
    )
    .option('-n, --name <text>', 'only tests whose name holds this')
    .addHelpText(
      'after',
      '\nA test says what happens in simulated rooms and how calls, messages, settings and runs are then; a week takes seconds. How tests are written is told in docs/macro-tests.md.\nExit code 0: all passed; 1: one failed; 4: a file cannot be used.',
    )
    .action(
      handler<TestOptions>(finish, async (options, paths) => {
        const tested: Tested[] = [];
        for (const file of await filesOf(paths, context.workingDirectory))
          tested.push(...(await testFile(file, options, context)));
        if (tested.length === 0) throw new ExitError(EXIT.usage, 'no test has such a name');
        return report(tested, options, context);
      }),
    );
}

async function filesOf(paths: readonly string[], workingDirectory: string): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const whole = resolve(workingDirectory, path);
    const found = await stat(whole).catch((error: unknown) => {
      throw new ExitError(EXIT.usage, `${path} cannot be read: ${messageOf(error)}`);
    });
    if (!found.isDirectory()) files.push(whole);
    else {
      const inside = await readdir(whole, { recursive: true });
      files.push(
        ...inside
          .filter((name) => name.endsWith(SUFFIX))
          .toSorted()
          .map((name) => join(whole, name)),
      );
    }
  }
  if (files.length === 0)
    throw new ExitError(EXIT.usage, `there is no file *${SUFFIX} in ${paths.join(', ')}`);
  return files;
}

async function testFile(
  file: string,
  { name = '', json }: TestOptions,
  context: CliContext,
): Promise<Tested[]> {
  const { terminal, workingDirectory, signal, clock } = context;
  const shown = relative(workingDirectory, file);
  const { tests, problems, place } = readTestFile(await readFile(file, 'utf8'), shown);
  if (tests === null) throw unusable(shown, problems, context);
  const fleet = await fleetOf(resolve(dirname(file), tests.fleet), context);
  if (!json) terminal.out(shown);
  const tested: Tested[] = [];
  for (const [at, test] of tests.tests.entries()) {
    if (!test.name.includes(name)) continue;
    const outcome = await play(test, {
      fleet,
      timezone: tests.timezone,
      seed: tests.seed,
      now: () => clock.monotonic(),
      signal,
    });
    const failures = outcome.failures.map(
      ({ path, message }) => `${formatPlace(place(['tests', at, ...path]))}: ${message}`,
    );
    const one = { ...outcome, file: shown, name: test.name, passed: failures.length === 0, failures };
    tested.push(one);
    if (!json) for (const line of lines(one, context)) terminal.out(line);
  }
  return tested;
}

/** No service is spoken to, so the secrets of the file may be missing. */
async function fleetOf(file: string, context: CliContext): Promise<Fleet> {
  const { fleet, problems } = await loadFleet(file, {
    secrets: context.surroundings.secrets,
    sections,
    missingSecrets: 'warning',
  });
  if (fleet === null) throw unusable(file, problems, context);
  return fleet;
}

function unusable(file: string, problems: readonly Problem[], { terminal }: CliContext): ExitError {
  const errors = problems.filter(({ severity }) => severity === 'error');
  for (const problem of errors) terminal.err(formatProblem(problem));
  return new ExitError(
    EXIT.invalidFleet,
    `${file} has ${count(errors.length, 'problem')}; nothing was rehearsed`,
    {
      problems: errors,
    },
  );
}

function lines(
  { name, passed, failures, tookMs, passedMs }: Tested,
  { terminal: { style } }: CliContext,
): string[] {
  const mark = passed ? style('green', '✓') : style('red', '✗');
  return [
    `  ${mark} ${name}${style('dim', ` (${lengthOf(passedMs)} in ${(tookMs / 1_000).toFixed(1)} s)`)}`,
    ...failures.map((failure) => `      ${failure}`),
  ];
}

function lengthOf(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.round(ms / DAY_MS)} days`;
  return ms >= 7_200_000 ? `${Math.round(ms / 3_600_000)} hours` : `${Math.round(ms / 60_000)} minutes`;
}

function report(tested: readonly Tested[], { json }: TestOptions, { terminal }: CliContext): number {
  const failed = tested.filter(({ passed }) => !passed).length;
  if (json) terminal.out(JSON.stringify({ passed: tested.length - failed, failed, tests: tested }, null, 2));
  else terminal.out(`\n${tested.length - failed} passed, ${failed} failed`);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}
