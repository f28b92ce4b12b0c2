import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Benchmark, type BenchOptions, judge } from './benchmark.ts';
import { dashboard } from './dashboard.ts';
import { facts } from './facts.ts';
import { httpList } from './http-list.ts';
import { idle } from './idle.ts';
import { lint } from './lint.ts';
import { plan } from './plan.ts';
import { planApply } from './plan-apply.ts';
import { posts } from './posts.ts';
import { postsMinute } from './posts-minute.ts';
import { rollout } from './rollout.ts';
import { sessions } from './sessions.ts';
import { streams } from './streams.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  plan,
  'plan-apply': planApply,
  rollout,
  sessions,
  posts,
  'posts-minute': postsMinute,
  idle,
  lint,
  facts,
  'http-list': httpList,
  streams,
  dashboard,
};

/** Runs the benchmarks that are named, or all. @returns the exit code: 1 where a limit is exceeded, 2 for bad usage */
export async function bench(
  args: readonly string[],
  { out, fixtures }: { out: (line: string) => void; fixtures: string | undefined },
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      small: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  const rounds = Number(values.rounds);
  const unknown = names.find((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
    out(
      `usage: npm run bench -- [${Object.keys(BENCHMARKS).join(' | ')}] [--rounds N] [--small] [--profile DIR]`,
    );
    return 2;
  }
  const schemaFile = await schemaFileIn(fixtures, out);
  const options = { rounds, small: values.small, schemaFile, profile: values.profile ?? null, out };
  let exitCode = 0;
  for (const name of names) if (await runOne(name, options)) exitCode = 1;
  return exitCode;
}

/** @returns whether a limit was exceeded */
async function runOne(name: string, options: BenchOptions): Promise<boolean> {
  options.out('');
  const run = BENCHMARKS[name];
  if (run === undefined) return true;
  const { lines, isOver } = judge(name, await run(options));
  for (const line of lines) options.out(line);
  return isOver;
}

/** Unset means the built-in model; set and missing is a failure, so that nobody measures another thing than he thinks. */
async function schemaFileIn(
  fixtures: string | undefined,
  out: (line: string) => void,
): Promise<string | null> {
  if (fixtures === undefined || fixtures === '') {
    out(
      'ROOMD_FIXTURES is not set: the devices are the built-in room model instead of a full 26.4.1 product',
    );
    return null;
  }
  const file = join(fixtures, 'roomos-schemas', '26.4.1.json');
  await access(file);
  return file;
}
