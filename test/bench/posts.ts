import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { addDevices } from '../feedback/support.ts';
import type { Benchmark } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { Delivered } from './children/posts-load.ts';
import { median, ratios, spread, table } from './figures.ts';
import type { Spent } from './spent.ts';

const LIMIT = 2;
const RATES = [500, 2_000];
const DEVICES = 100;
/** So many posts that the compiler is done, whatever the rate that is measured. */
const WARM_UP = { rate: 2_000, seconds: 3 };
const KINDS = ['floor', 'roomd', 'projected'] as const;

type Kind = (typeof KINDS)[number];

interface Round extends Delivered {
  readonly cpuUs: number;
  /** Posts in one commit, on average. */
  readonly batch: number;
}

/**
 * Posts at a fixed rate, each answered when it is on the disk, against a bare
 * `node:http` server that commits the same rows in batches of the same size.
 * `projected` is roomd with presence being kept from the log at the same time.
 */
export const posts: Benchmark = async ({ rounds, small, profile, out }) => {
  const seconds = small ? 2 : 4;
  out(`posts: ${DEVICES} devices, ${seconds} s at each rate, ${rounds} rounds`);
  const rows: string[][] = [];
  const quotients: number[] = [];
  for (const rate of RATES) {
    const measured: Record<Kind, Round[]> = { floor: [], roomd: [], projected: [] };
    for (let round = 0; round < rounds; round += 1) {
      const given = { rate, seconds, profile };
      // roomd goes first, because the floor commits as it did.
      const roomd = await runOne('roomd', { ...given, batch: 0 });
      measured.roomd.push(roomd);
      measured.floor.push(await runOne('floor', { ...given, batch: roomd.batch }));
      measured.projected.push(await runOne('projected', { ...given, batch: 0 }));
    }
    const cpu = (kind: Kind): number[] => measured[kind].map(({ cpuUs }) => cpuUs);
    const quotient = ratios(cpu('roomd'), cpu('floor'));
    quotients.push(median(quotient));
    for (const kind of KINDS)
      rows.push([
        `${rate}/s ${NAMES[kind]}`,
        spread(cpu(kind), 0),
        spread(
          measured[kind].map(({ batch }) => batch),
          1,
        ),
        spread(
          measured[kind].map(({ p50Ms }) => p50Ms),
          1,
        ),
        spread(
          measured[kind].map(({ p99Ms }) => p99Ms),
          1,
        ),
      ]);
    rows.push([`${rate}/s ratio`, spread(quotient, 2), '', '', '']);
  }
  for (const line of table(['', 'CPU µs a post', 'posts a commit', 'p50 ms', 'p99 ms'], rows)) out(line);
  return { ratio: Math.max(...quotients), limit: LIMIT, checks: [] };
};

const NAMES: Readonly<Record<Kind, string>> = {
  floor: 'floor (bare node:http)',
  roomd: 'roomd',
  projected: 'roomd with projector',
};

async function runOne(
  kind: Kind,
  { rate, seconds, batch, profile }: { rate: number; seconds: number; batch: number; profile: string | null },
): Promise<Round> {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  const path = join(folder, 'roomd.db');
  try {
    await makeDatabase(path, DEVICES);
    const server =
      kind === 'floor'
        ? new Child('posts-floor')
        : new Child('posts-roomd', kind === 'roomd' ? { profile } : {});
    return await withChildren({ server, load: new Child('posts-load') }, async ({ load }) => {
      const port = await server.ask<number>('start', {
        path,
        devices: DEVICES,
        batch,
        projects: kind === 'projected',
      });
      const warmUp = await load.ask<Delivered>('run', { port, devices: DEVICES, ...WARM_UP });
      await server.ask('begin');
      const delivered = await load.ask<Delivered>('run', { port, devices: DEVICES, rate, seconds });
      const { cpuMs, commits } = await server.ask<Spent & { commits: number }>('end');
      await server.ask('stop');
      await expectEvents(path, warmUp.delivered + delivered.delivered);
      return {
        ...delivered,
        cpuUs: (cpuMs * 1_000) / delivered.delivered,
        batch: delivered.delivered / commits,
      };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function makeDatabase(path: string, devices: number): Promise<void> {
  const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
  await addDevices(database, devices);
  await database.close();
}

/** Speed counts only where every post that was answered is there. */
export async function expectEvents(path: string, count: number): Promise<void> {
  const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
  try {
    const [row] = await database.read<{ count: number }>(
      database.query
        .selectFrom('event')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('source', '=', 'webhook'),
    );
    if (row?.count !== count)
      throw new Error(`${row?.count ?? 0} events are stored where ${count} posts were answered`);
  } finally {
    await database.close();
  }
}
