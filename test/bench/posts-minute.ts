import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { Memory } from './children/memory.ts';
import type { Delivered } from './children/posts-load.ts';
import { median, ratios, spread, table } from './figures.ts';
import { expectEvents, makeDatabase } from './posts.ts';

/** What is held settles within the first quarter; whatever grows with the posts would be four times as much at the end. */
const LIMIT = 1.2;
const RATE = 2_000;
const QUARTERS = 4;

interface Quarter extends Delivered {
  readonly memory: Memory;
}

/** A thousand devices that post for a minute, everything derived from it at once; memory at its end against that after its first quarter. */
export const postsMinute: Benchmark = async ({ rounds, small, profile, out }) => {
  const devices = small ? 100 : 1_000;
  const seconds = small ? 2 : 15;
  out(
    `posts-minute: ${devices} devices, ${RATE} posts/s, ${QUARTERS} times ${seconds} s, ${rounds} rounds, with projector`,
  );
  const measured: Quarter[][] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await runOne({ devices, seconds, profile }));
  const part = (at: number, value: (quarter: Quarter) => number): number[] =>
    measured.map((quarters) => {
      const quarter = quarters.at(at);
      return quarter === undefined ? Number.NaN : value(quarter);
    });
  const rows = Array.from({ length: QUARTERS }, (_, at) => [
    `after ${(at + 1) * seconds} s`,
    spread(
      part(at, ({ memory }) => memory.rss / 1_000_000),
      0,
    ),
    spread(
      part(at, ({ memory }) => memory.heap / 1_000_000),
      1,
    ),
    spread(
      part(at, ({ p50Ms }) => p50Ms),
      1,
    ),
    spread(
      part(at, ({ p99Ms }) => p99Ms),
      1,
    ),
    spread(
      part(at, ({ again }) => again),
      0,
    ),
  ]);
  const quotients = ratios(
    part(-1, ({ memory }) => memory.rss),
    part(0, ({ memory }) => memory.rss),
  );
  rows.push(['ratio', spread(quotients, 2), '', '', '', '']);
  for (const line of table(['', 'MB resident', 'MB in the heap', 'p50 ms', 'p99 ms', 'posted again'], rows))
    out(line);
  return { ratio: median(quotients), limit: LIMIT, checks: [] };
};

async function runOne({
  devices,
  seconds,
  profile,
}: {
  devices: number;
  seconds: number;
  profile: string | null;
}): Promise<Quarter[]> {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  const path = join(folder, 'roomd.db');
  try {
    await makeDatabase(path, devices);
    const children = {
      server: new Child('posts-roomd', { profile, flags: ['--expose-gc'] }),
      load: new Child('posts-load'),
    };
    return await withChildren(children, async ({ server, load }) => {
      const port = await server.ask<number>('start', { path, devices, projects: true });
      const quarters: Quarter[] = [];
      for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
        const delivered = await load.ask<Delivered>('run', { port, devices, rate: RATE, seconds });
        quarters.push({ ...delivered, memory: await server.ask<Memory>('memory') });
      }
      await server.ask('stop');
      await expectEvents(
        path,
        quarters.reduce((sum, { delivered }) => sum + delivered, 0),
      );
      return quarters;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
