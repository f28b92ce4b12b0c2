import { join } from 'node:path';
import { Live } from '../../../src/feedback/live.ts';
import { Recorder } from '../../../src/feedback/recorder.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';
import type { Device } from '../../../src/xapi/device.ts';
import { StoredLoginGate } from '../../../src/xapi/login-gate.ts';
import { memoryLoginGateStore } from '../../../src/xapi/login-record.ts';
import { createDevicePool } from '../../../src/xapi/pool.ts';
import { addDevices } from '../../feedback/support.ts';
import { LOGIN } from '../login.ts';
import { EXPRESSIONS } from '../subscribed.ts';
import { settledMemory } from './memory.ts';
import { answerParent } from './parent.ts';

/** roomd's own sessions; with `recordIn` also what the recorder keeps of each device in memory. */

const MOST_DEVICES = 2_000;

const clock = systemClock();
const gate = new StoredLoginGate({ fingerprintKey: 'bench' }, { store: memoryLoginGateStore(), clock });
const pool = createDevicePool(
  {},
  {
    clock,
    random: seededRandom(7),
    logger: silentLogger,
    gate,
    ledger: { opened: async () => undefined, closed: async () => undefined },
  },
);
let ports: readonly number[] = [];
let recorder: Recorder | null = null;
let opened = 0;
const up = new Set<number>();
/** Those that were not up at some time since `arm`. */
const gone = new Set<number>();
let onChange: () => void = () => undefined;
let returning: Promise<number> | null = null;

answerParent({
  start: async (input: { ports: readonly number[]; recordIn: string | null }) => {
    ports = input.ports;
    await pool.start(new AbortController().signal);
    if (input.recordIn !== null) recorder = await newRecorder(input.recordIn);
  },
  open: async ({ count }: { count: number }) => {
    for (; opened < count; opened += 1) watch(opened);
    await allUp();
  },
  memory: settledMemory,
  /** From now on the way back is timed. */
  arm: () => {
    returning = timeReturn();
  },
  returned: () => returning,
});

function watch(at: number): void {
  const device: Device = pool.device(
    {
      id: at + 1,
      name: `room-${at + 1}`,
      host: '127.0.0.1',
      port: ports[at % ports.length] ?? 0,
      credential: 'rooms',
      username: LOGIN.username,
      password: new Secret(LOGIN.password),
      tls: { mode: 'insecure' },
      serial: null,
    },
    EXPRESSIONS,
  );
  device.subscribe((news) => {
    if (news.type !== 'status') return;
    if (news.status.state === 'up') up.add(at);
    else {
      up.delete(at);
      gone.add(at);
    }
    onChange();
  });
  recorder?.watch(device, EXPRESSIONS);
}

function allUp(): Promise<void> {
  return until(() => up.size === opened);
}

/** Milliseconds from the first session that is gone to the last that is back. */
async function timeReturn(): Promise<number> {
  gone.clear();
  await until(() => gone.size > 0);
  const from = clock.monotonic();
  await until(() => gone.size === opened && up.size === opened);
  return clock.monotonic() - from;
}

/** Resolves when the test holds after a change of some session. */
function until(test: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    onChange = () => {
      if (!test()) return;
      onChange = () => undefined;
      resolve();
    };
    onChange();
  });
}

async function newRecorder(folder: string): Promise<Recorder> {
  const database = await openDatabase({ path: join(folder, 'roomd.db'), clock, logger: silentLogger });
  await addDevices(database, MOST_DEVICES);
  const made = new Recorder(
    { slotTrustMs: 60_000, onDoubt: () => undefined },
    { database, clock, live: new Live(), logger: silentLogger },
  );
  await made.start();
  return made;
}
