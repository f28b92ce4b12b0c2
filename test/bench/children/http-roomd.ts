import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lone, openLone } from '../../../src/daemon/lone.ts';
import { Access } from '../../../src/fleet/access/access.ts';
import { createApi } from '../../../src/http/api.ts';
import { sleep } from '../../../src/lib/abort.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { newRegistry } from '../../../src/lib/metrics.ts';
import { seededRandom, uuidv7 } from '../../../src/lib/random.ts';
import { appendEvents } from '../../../src/storage/events.ts';
import { writeFleet } from '../fleet-file.ts';
import { spentOn, startMeter } from '../spent.ts';
import { settledMemory } from './memory.ts';
import { answerParent } from './parent.ts';

/** The HTTP API over a fleet to which no sessions are kept, so that nothing else takes time. */

const TICK_MS = 20;
const clock = systemClock();
const modules = { clock, random: seededRandom(7), newId: uuidv7(clock), logger: silentLogger };
const stopping = new AbortController();
let open: { lone: Lone; server: Server; folder: string } | null = null;
let meter = startMeter();

answerParent({
  open: async ({ count }: { count: number }): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
    const devices = Array.from({ length: count }, (_, at) => ({ name: `room-${at + 1}`, port: 1_000 + at }));
    const fleet = await writeFleet({ devices, wanted: { 'Standby.Delay': '7' }, folder });
    const lone = await openLone(fleet, { besideDaemon: false }, { ...modules, version: 'bench' });
    // As in a daemon: what is listed here changes only with the file and the record.
    const ports = { ...lone.ports, devicesVersion: () => String(lone.ports.database.eventFeed.lastSeq) };
    const server = createServer(
      createApi({
        ports,
        access: new Access(
          { tokens: () => [], life: () => ({ idleMs: 60_000, mostMs: 60_000 }) },
          { database: ports.database, clock, logger: silentLogger },
        ),
        trustProxy: [],
        health: () => [],
        registry: newRegistry(),
        version: 'bench',
        newId: modules.newId,
        clock,
        logger: silentLogger,
        signal: stopping.signal,
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open = { lone, server, folder };
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  begin: () => {
    meter = startMeter();
  },
  spent: () => meter(),
  memory: settledMemory,
  /** Appends events evenly for so long, each with the time at which it was made. */
  append: ({ perSecond, seconds }: { perSecond: number; seconds: number }) =>
    spentOn(async () => {
      const { database } = opened().lone.ports;
      const begun = clock.monotonic();
      for (let made = 0; made < perSecond * seconds; ) {
        const due = Math.min(
          perSecond * seconds,
          Math.ceil(((clock.monotonic() - begun) / 1_000) * perSecond),
        );
        if (due > made)
          await appendEvents(
            database,
            Array.from({ length: due - made }, (_, at) => event(made + at)),
          );
        made = Math.max(made, due);
        await sleep(TICK_MS, clock);
      }
    }),
  close: async () => {
    const { lone, server, folder } = opened();
    stopping.abort();
    server.closeAllConnections();
    server.close();
    await lone.close();
    await rm(folder, { recursive: true });
    open = null;
  },
});

function event(number: number) {
  return {
    deviceId: null,
    kind: 'status',
    path: 'RoomAnalytics.PeopleCount.Current',
    payload: { number, sentAt: clock.now() },
    source: 'webhook',
    receivedAt: clock.now(),
    deviceAt: null,
  };
}

function opened(): NonNullable<typeof open> {
  if (open === null) throw new Error('nothing is open');
  return open;
}
