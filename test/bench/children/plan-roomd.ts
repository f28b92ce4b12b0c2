import { Engine } from '../../../src/daemon/engine.ts';
import { type Lone, openLone } from '../../../src/daemon/lone.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { newRegistry } from '../../../src/lib/metrics.ts';
import { seededRandom, uuidv7 } from '../../../src/lib/random.ts';
import { type BenchFleet, writeFleet } from '../fleet-file.ts';
import { spentOn } from '../spent.ts';
import { settledMemory } from './memory.ts';
import { answerParent } from './parent.ts';

/** What `roomd plan` does of devices that are as the file says: alone, or in the daemon with its sessions. */

const clock = systemClock();
const modules = { clock, random: seededRandom(7), newId: uuidv7(clock), logger: silentLogger };
let lone: Lone | null = null;
let engine: Engine | null = null;

answerParent({
  open: async (bench: BenchFleet) => {
    const fleet = await writeFleet(bench);
    lone = await openLone(fleet, { besideDaemon: false }, { ...modules, version: 'bench' });
  },
  plan: () =>
    spentOn(async () => {
      if (lone === null) throw new Error('no fleet is open');
      const { ports } = lone;
      expectInSync((await ports.plan(ports.fleet().devices, {})).summary);
    }),
  close: () =>
    spentOn(async () => {
      await lone?.close();
      lone = null;
    }),
  /** Keeps a session to every device, as the daemon does. */
  connect: async (bench: BenchFleet) => {
    const fleet = await writeFleet(bench);
    const opened = await Engine.open(
      fleet,
      { keepSessions: true, xapi: { webSessionIdleMs: 500 }, alsoHear: ['/Configuration'] },
      { ...modules, registry: newRegistry() },
    );
    engine = opened;
    await opened.devices.pool.start(new AbortController().signal);
    await Promise.all(opened.devices.all().map(isUp));
  },
  memory: settledMemory,
  planLive: () =>
    spentOn(async () => {
      if (engine === null) throw new Error('no sessions are up');
      expectInSync((await engine.plan(engine.fleet.devices, {})).summary);
    }),
  forget: () => engine?.live?.stop(),
  disconnect: async () => {
    await engine?.close();
    engine = null;
  },
});

function isUp(device: ReturnType<Engine['devices']['all']>[number]): Promise<void> {
  return new Promise((resolve) => {
    const end = device.subscribe((news) => {
      if (news.type !== 'status' || news.status.state !== 'up') return;
      queueMicrotask(() => end());
      resolve();
    });
  });
}

function expectInSync({
  devices,
  inSync,
  failed,
}: {
  devices: number;
  inSync: number;
  failed: number;
}): void {
  if (inSync !== devices)
    throw new Error(`${inSync} of ${devices} devices are in sync, ${failed} could not be asked`);
}
