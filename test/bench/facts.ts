import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchOptions, Outcome } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { Watched } from './children/facts-roomd.ts';
import { DAY_MS, type Facts, INTERVALS_A_DAY, type Month } from './facts-form.ts';
import { median, ratios, spread, table } from './figures.ts';
import { cpuOf, type Spent, wallOf } from './spent.ts';

/** A question cut into small pieces, so that nothing waits for it long, against one statement that keeps its thread. */
const LIMIT = 2;
/** Beyond an idle loop's own, one time in a hundred. The worst is printed: an idle loop has its hiccups too. */
const LOOP_MS = 50;
const START = Date.UTC(2025, 2, 1);
/** A month without a change of clocks. */
const MONTH: Month = { from: Date.UTC(2026, 0, 1) - 3_600_000, to: Date.UTC(2026, 1, 1) - 3_600_000 };
const DAY: Month = { from: Date.UTC(2026, 0, 14), to: Date.UTC(2026, 0, 15) };
const QUESTIONS = ['month', 'day', 'now'] as const;
type Question = (typeof QUESTIONS)[number];

/** A year of facts: a month by site, devices' days and the present state, each against bare SQL; and the roll-up that makes them quick. */
export const facts: Benchmark = async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  const children = {
    roomd: new Child('facts-roomd', { profile: options.profile }),
    floor: new Child('facts-floor'),
  };
  try {
    return await withChildren(children, () => measure(children, join(folder, 'roomd.db'), options));
  } finally {
    await rm(folder, { recursive: true });
  }
};

interface Round {
  readonly roomd: Readonly<Record<Question, Watched>>;
  readonly floor: Readonly<Record<Question, Spent>>;
}

async function measure(
  { roomd, floor }: { roomd: Child; floor: Child },
  path: string,
  { rounds, small, out }: BenchOptions,
): Promise<Outcome> {
  const year: Facts = { path, devices: small ? 100 : 1_000, days: 365, start: START };
  const rows = year.devices * year.days * INTERVALS_A_DAY;
  out(`facts: ${year.devices} devices, ${year.days} days, ${rows} intervals of presence, ${rounds} rounds`);
  await roomd.ask('open', year);
  await floor.ask('fill', year);
  const idle = await roomd.ask<Watched>('idle');
  const rolled: Watched[] = [];
  // Day by day, because an answer that takes minutes counts as one that hangs.
  for (let at = MONTH.from; at < MONTH.to; at += DAY_MS)
    rolled.push(
      await roomd.ask<Watched>('rollUp', { from: at, to: at + DAY_MS, isFirst: at === MONTH.from }),
    );
  await floor.ask('open', year);
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const ofRoomd = await askAll<Watched>(roomd, year);
    const ofFloor = await askAll<Spent>(floor, year);
    if (round > 0) measured.push({ roomd: ofRoomd, floor: ofFloor });
  }
  await roomd.ask('close');
  return report({ measured, idle, rolled, devices: year.devices }, out);
}

async function askAll<Answer>(child: Child, { devices }: Facts): Promise<Readonly<Record<Question, Answer>>> {
  return {
    month: await child.ask<Answer>('month', MONTH),
    day: await child.ask<Answer>('day', { ...DAY, devices }),
    now: await child.ask<Answer>('now'),
  };
}

const WHAT: Readonly<Record<Question, string>> = {
  month: 'a month by site and day',
  day: "100 devices' days",
  now: 'present state of all',
};

function report(
  {
    measured,
    idle,
    rolled,
    devices,
  }: { measured: readonly Round[]; idle: Watched; rolled: readonly Watched[]; devices: number },
  out: BenchOptions['out'],
): Outcome {
  const of = (question: Question) => measured.map(({ roomd }) => roomd[question]);
  const floorOf = (question: Question) => measured.map(({ floor }) => floor[question]);
  const cpuRatio = (question: Question) => ratios(cpuOf(of(question)), cpuOf(floorOf(question)));
  const lines = table(
    ['', 'CPU ms', 'wall ms', 'floor CPU ms', 'ratio', 'loop worst ms', 'p99'],
    [
      ['an idle loop', '', '', '', '', ...loop([idle])],
      ['roll-up, a day', spread(cpuOf(rolled), 0), spread(wallOf(rolled), 0), '', '', ...loop(rolled)],
      ...QUESTIONS.map((question) => [
        WHAT[question],
        spread(cpuOf(of(question)), 0),
        spread(wallOf(of(question)), 0),
        spread(cpuOf(floorOf(question)), 0),
        spread(cpuRatio(question), 2),
        ...loop(of(question)),
      ]),
    ],
  );
  for (const line of lines) out(line);
  const slow = Math.max(...[...rolled, ...QUESTIONS.flatMap(of)].map(({ p99Ms }) => p99Ms));
  const expected = 10 * 31;
  const missing = measured.filter(({ roomd }) => roomd.month.rows !== expected || roomd.now.rows !== devices);
  return {
    ratio: median(cpuRatio('month')),
    limit: LIMIT,
    checks: [
      {
        what: "main loop's p99 beyond an idle one's, ms",
        value: Math.max(0, Math.round(slow - idle.p99Ms)),
        most: LOOP_MS,
      },
      { what: 'rounds that gave other rows than there are', value: missing.length, most: 0 },
    ],
  };
}

function loop(some: readonly Watched[]): string[] {
  return [
    Math.max(...some.map(({ worstMs }) => worstMs)).toFixed(1),
    Math.max(...some.map(({ p99Ms }) => p99Ms)).toFixed(1),
  ];
}
