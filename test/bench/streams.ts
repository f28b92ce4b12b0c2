import type { Benchmark } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { Delivered } from './children/http-load.ts';
import type { Memory } from './children/memory.ts';
import { median, ratios, spread, table } from './figures.ts';
import type { Spent } from './spent.ts';

/** What is held settles within the first quarter; whatever grows with the events would be four times as much at the end. */
const LIMIT = 1.2;
const STREAMS = 200;
const PER_SECOND = 500;
const QUARTERS = 4;

interface Quarter extends Delivered {
  readonly memory: Memory;
  readonly spent: Spent;
}

/** Two hundred event streams while 500 things a second happen; memory at the end against that after the first quarter. */
export const streams: Benchmark = async ({ rounds, small, profile, out }) => {
  const seconds = small ? 2 : 15;
  out(
    `streams: ${STREAMS} streams, ${PER_SECOND} events/s, ${QUARTERS} times ${seconds} s, ${rounds} rounds`,
  );
  const measured: Quarter[][] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await runOne({ seconds, profile }));
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
      0,
    ),
    spread(
      part(at, ({ p99Ms }) => p99Ms),
      0,
    ),
    spread(
      part(at, ({ spent }) => (100 * spent.cpuMs) / spent.wallMs),
      0,
    ),
  ]);
  const lines = table(['', 'MB resident', 'MB heap', 'p50 ms', 'p99 ms', '% of one core'], rows);
  for (const line of lines) out(line);
  const quotients = ratios(
    part(-1, ({ memory }) => memory.rss),
    part(0, ({ memory }) => memory.rss),
  );
  const lost = measured.flat().reduce((sum, { events }) => sum + STREAMS * PER_SECOND * seconds - events, 0);
  return {
    ratio: median(quotients),
    limit: LIMIT,
    checks: [{ what: 'events that a stream did not get', value: lost, most: 0 }],
  };
};

function runOne({ seconds, profile }: { seconds: number; profile: string | null }): Promise<Quarter[]> {
  const children = {
    roomd: new Child('http-roomd', { profile, flags: ['--expose-gc'] }),
    load: new Child('http-load'),
  };
  return withChildren(children, async ({ roomd, load }) => {
    const url = await roomd.ask<string>('open', { count: 10 });
    await load.ask('listen', { url: `${url}/api/v1/events?after=now`, count: STREAMS });
    const quarters: Quarter[] = [];
    for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
      const spent = await roomd.ask<Spent>('append', { perSecond: PER_SECOND, seconds });
      // By the time that memory has settled everything has arrived.
      const memory = await roomd.ask<Memory>('memory');
      quarters.push({ ...(await load.ask<Delivered>('delivered')), memory, spent });
    }
    await roomd.ask('close');
    return quarters;
  });
}
