import { stat } from 'node:fs/promises';
import { Gauge, Histogram } from 'prom-client';
import type { Clock } from '../lib/clock.ts';
import { DURATION_BUCKETS_SECONDS, declareGauge, type Registry } from '../lib/metrics.ts';
import type { Database } from './database.ts';

/** The same database, its work measured as callers feel it: waiting for a thread included. */
export function metered(
  database: Database,
  { path, registry, clock }: { path: string; registry: Registry; clock: Clock },
): Database {
  declareSizes(registry, path);
  const reads = measure(registry, 'reads', clock);
  const writes = measure(registry, 'writes', clock);
  return {
    query: database.query,
    eventFeed: database.eventFeed,
    read: (query, options) => reads(() => database.read(query, options)),
    write: (statements, options) => writes(() => database.write(statements, options)),
    close: () => database.close(),
  };
}

function measure(registry: Registry, what: 'reads' | 'writes', clock: Clock) {
  const one = what.slice(0, -1);
  const registers = [registry];
  const took = new Histogram({
    name: `roomd_database_${one}_duration_seconds`,
    help: `How long ${what} of the database took, from the question to the answer; result is ok or failed`,
    labelNames: ['result'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  const underWay = new Gauge({
    name: `roomd_database_${what}_in_flight`,
    help: `Database ${what} that wait or run`,
    registers,
  });
  return async <T>(work: () => Promise<T>): Promise<T> => {
    const begun = clock.monotonic();
    underWay.inc();
    let result = 'failed';
    try {
      const value = await work();
      result = 'ok';
      return value;
    } finally {
      underWay.dec();
      took.observe({ result }, (clock.monotonic() - begun) / 1_000);
    }
  };
}

function declareSizes(registry: Registry, path: string): void {
  const files = { main: path, log: `${path}-wal` };
  declareGauge(
    registry,
    {
      name: 'roomd_database_size_bytes',
      help: 'Size of the database on the disk; file is main, or log for what is not folded into it yet',
      labelNames: ['file'],
    },
    async () =>
      await Promise.all(
        Object.entries(files).map(async ([file, name]) => [[file], await sizeOf(name)] as const),
      ),
  );
}

/** The log is not there while nothing was written. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found?.size ?? 0;
}
