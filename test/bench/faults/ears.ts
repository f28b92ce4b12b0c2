import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Live } from '../../../src/feedback/live.ts';
import { Projector } from '../../../src/feedback/projector.ts';
import { Receiver } from '../../../src/feedback/receiver.ts';
import { Recorder } from '../../../src/feedback/recorder.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { newRegistry } from '../../../src/lib/metrics.ts';
import type { Database } from '../../../src/storage/database.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';
import { addDevices } from '../../feedback/support.ts';

const DEVICES = 2;

/** A receiver with all that stands behind it, for devices 1 and 2 with the serial numbers FTT1 and FTT2. */
export interface Ears {
  readonly port: number;
  readonly database: Database;
}

export async function withEars<T>(
  work: (ears: Ears) => Promise<T>,
  { clock = systemClock(), folder, bodyMs = 1_500 }: { clock?: Clock; folder?: string; bodyMs?: number } = {},
): Promise<T> {
  const own = folder ?? (await mkdtemp(join(tmpdir(), 'roomd-faults-')));
  const database = await openDatabase({
    path: join(own, 'roomd.db'),
    clock: systemClock(),
    logger: silentLogger,
  });
  const known = await database.read(database.query.selectFrom('device').select('id'));
  if (known.length === 0) await addDevices(database, DEVICES);
  const projector = new Projector({ roundMs: 10 }, { database, clock: systemClock(), logger: silentLogger });
  const recorder = new Recorder(
    { slotTrustMs: 60_000, onDoubt: () => undefined },
    { database, clock, live: new Live(), logger: silentLogger },
  );
  const receiver = new Receiver(
    { listen: '127.0.0.1:0', tls: null, bodyMs },
    { sink: recorder, serialOf: (id) => `FTT${id}`, registry: newRegistry(), clock, logger: silentLogger },
  );
  receiver.reload([1, 2].map((deviceId) => ({ deviceId, token: `token-${deviceId}` })));
  try {
    await projector.start();
    await receiver.start();
    return await work({ port: receiver.address()?.port ?? 0, database });
  } finally {
    await receiver.stop();
    await projector.stop();
    await database.close();
    if (folder === undefined) await rm(own, { recursive: true, force: true });
  }
}

/** Waits until it holds, at most so long. */
export async function until(look: () => Promise<boolean>, withinMs = 10_000): Promise<boolean> {
  const end = performance.now() + withinMs;
  for (;;) {
    if (await look()) return true;
    if (performance.now() > end) return false;
    await pause(50);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
