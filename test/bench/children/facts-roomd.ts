import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { presenceHistory, presenceNow } from '../../../src/feedback/presence-store.ts';
import { type AskedDevice, utilisationOf } from '../../../src/feedback/utilisation/question.ts';
import { rollUp } from '../../../src/feedback/utilisation/roll-up.ts';
import { claim } from '../../../src/feedback/utilisation/store.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { Database } from '../../../src/storage/database.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';
import { type Facts, type Month, siteOf, ZONE } from '../facts-form.ts';
import { type Spent, spentOn } from '../spent.ts';
import { answerParent } from './parent.ts';

/** What the daemon does with a year of facts: rolls up, and answers. The loop of its main thread is watched meanwhile. */

let database: Database | null = null;
let devices: readonly AskedDevice[] = [];

export interface Watched extends Spent {
  /** Delays of the main loop in milliseconds. */
  readonly worstMs: number;
  readonly p99Ms: number;
  readonly rows: number;
}

answerParent({
  open: async ({ path, devices: count }: Pick<Facts, 'path' | 'devices'>) => {
    database = await openDatabase({ path, clock: systemClock(), logger: silentLogger });
    devices = Array.from({ length: count }, (_, at) => ({
      id: at + 1,
      group: siteOf(at + 1),
      timezone: ZONE,
      capacity: 8,
    }));
  },
  idle: () => watched(() => wait(3_000).then(() => 0)),
  /** One step of the roll-up: everything from `from` on is taken as not rolled up yet. */
  rollUp: ({ from, to, isFirst }: Month & { isFirst: boolean }) =>
    watched(async () => {
      if (isFirst) await opened().write([claim(from, from)]);
      await rollUp(opened(), to);
      return 0;
    }),
  month: ({ from, to }: Month) =>
    watched(async () => {
      const asked = {
        from: { kind: 'instant', at: from },
        to: { kind: 'instant', at: to },
        size: 'day',
        hours: null,
      } as const;
      let rows = 0;
      for await (const row of utilisationOf(opened(), { devices, asked })) rows += row.devices > 0 ? 1 : 0;
      return rows;
    }),
  day: ({ from, to }: Month) =>
    watched(async () => {
      let rows = 0;
      for (let deviceId = 1; deviceId <= Math.min(100, devices.length); deviceId += 1)
        rows += (await presenceHistory(opened(), { deviceId, from, to, now: to })).length;
      return rows;
    }),
  now: () => watched(async () => (await presenceNow(opened())).length),
  close: () => database?.close(),
});

async function watched(work: () => Promise<number>): Promise<Watched> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let rows = 0;
  const spent = await spentOn(async () => {
    rows = await work();
  });
  delay.disable();
  return { ...spent, rows, worstMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 };
}

function opened(): Database {
  if (database === null) throw new Error('no database is open');
  return database;
}
