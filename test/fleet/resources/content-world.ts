import { onTestFinished } from 'vitest';
import { applyDevice, type Guards, type WriteLedger } from '../../../src/fleet/apply.ts';
import { BlobStore } from '../../../src/fleet/blob-store.ts';
import type { ChangeResult } from '../../../src/fleet/change.ts';
import type { DesiredContent, DesiredDevice } from '../../../src/fleet/fleet.ts';
import { ManagedStore } from '../../../src/fleet/managed-store.ts';
import { type DevicePlan, planDevice } from '../../../src/fleet/plan.ts';
import type { AnyResource } from '../../../src/fleet/resource.ts';
import { WriteStore } from '../../../src/fleet/write-store.ts';
import { sleep } from '../../../src/lib/abort.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { uuidv7 } from '../../../src/lib/random.ts';
import type { DeviceModel } from '../../../src/simulator/model.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import { oneWay, otherWay, quick, type SimulatorSettings } from '../../../src/simulator/settings.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import type { RemoteDevice } from '../../../src/xapi/remote-device.ts';
import { sampleDevice } from '../../macros/sample-fleet.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';
import { addressOf, newPool, startDevices, until } from '../../xapi/support.ts';

export const PRESETS: readonly (readonly [string, SimulatorSettings])[] = [
  ['one way', oneWay],
  ['the other way', otherWay],
];

export const PLACE = { file: 'fleet.yaml', line: 1, column: 1 };

/** One simulated device, roomd's own hold on it, and a database, all gone when the test ends. */
export class ContentWorld {
  readonly clock = systemClock();
  readonly simulated: SimulatedDevice;
  readonly device: RemoteDevice;
  readonly managed: ManagedStore;
  readonly writes: WriteStore;
  guards: Guards = { forbids: () => null, inUse: async () => null };
  #resources: readonly AnyResource[] = [];

  constructor(parts: Pick<ContentWorld, 'simulated' | 'device' | 'managed' | 'writes'>) {
    this.simulated = parts.simulated;
    this.device = parts.device;
    this.managed = parts.managed;
    this.writes = parts.writes;
  }

  with(...resources: AnyResource[]): this {
    this.#resources = resources;
    return this;
  }

  plan(desired: DesiredDevice): Promise<DevicePlan> {
    return planDevice({ desired, device: this.device }, { resources: this.#resources });
  }

  /** Applies as the engine does, and gives what became of each change as `path outcome`. */
  async apply(desired: DesiredDevice): Promise<string[]> {
    return (await this.results(desired)).map(({ change, outcome }) => `${change.path} ${outcome}`);
  }

  async results(desired: DesiredDevice): Promise<readonly ChangeResult[]> {
    const { clock, guards, ledger } = this;
    const applied = await applyDevice(
      { desired, device: this.device },
      { resources: this.#resources, guards, ledger, clock, readBackWaitsMs: [50, 100, 200, 400] },
      {},
    );
    return applied.results;
  }

  get ledger(): WriteLedger {
    return this.writes.ledger({ deviceId: 1, revisionId: null, actor: 'test' });
  }

  /** A command as a person at the device, or another system, gives it. */
  byHand(path: string, args: Record<string, string> = {}, body = ''): void {
    const outcome = this.simulated.state.command(path, args, { body });
    if (outcome.kind !== 'ok') throw new Error(`${path}: ${JSON.stringify(outcome)}`);
  }

  async ours(kind: string): Promise<string[]> {
    const things = await this.managed.load(1, kind);
    return [...things.values()].filter(({ isOurs }) => isOurs).map(({ key }) => key);
  }
}

export async function contentWorld({
  preset = oneWay,
  settings = {},
  model = builtInModels.room,
  configuration = {},
  commandDeadlineMs = 2_000,
}: {
  preset?: SimulatorSettings;
  settings?: Partial<SimulatorSettings>;
  model?: DeviceModel;
  configuration?: Readonly<Record<string, string>>;
  commandDeadlineMs?: number;
} = {}): Promise<ContentWorld> {
  const simulator = await startDevices(1, { ...preset, ...quick, ...settings }, { model, configuration });
  onTestFinished(() => simulator.stop());
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  const simulated = simulator.device('sim-1');
  await database.write([
    database.query.insertInto('device').values({
      id: 1,
      name: 'sim-1',
      host: '127.0.0.1',
      serial: null,
      fingerprint256: null,
      product: null,
      software: null,
      first_seen_at: null,
      last_seen_at: null,
      removed_at: null,
      created_at: 0,
    }),
  ]);
  const { pool } = newPool({ commandDeadlineMs });
  onTestFinished(() => pool.stop());
  const device = pool.device(addressOf(simulated), []);
  await pool.start(new AbortController().signal);
  const reached = ['up', 'up-https'];
  await until('the device is spoken to', () => reached.includes(device.session().state));
  const clock = systemClock();
  return new ContentWorld({
    simulated,
    device,
    managed: new ManagedStore({ database, clock }),
    writes: new WriteStore(
      { fingerprintKey: 'key' },
      {
        database,
        blobs: new BlobStore({ database, clock }),
        clock,
        newId: uuidv7(clock),
      },
    ),
  });
}

/** Settings of a device that is spoken to over HTTPS alone, and of one with a session. */
export const TRANSPORTS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['HTTPS', { 'NetworkServices.Websocket': 'Off' }],
  ['a session', {}],
];

/** The device restarts as soon as it tells of such an event for the first time. */
export function rebootAt(made: ContentWorld, event: string): void {
  let isDone = false;
  made.simulated.state.listen((news) => {
    if (isDone || news.kind !== 'event' || news.path.text !== event) return;
    isDone = true;
    made.simulated.reboot();
  });
}

/** Applies until nothing is left to do; the outcomes of each time. */
export async function applyUntilDone(made: ContentWorld, desired: DesiredDevice): Promise<string[][]> {
  const all: string[][] = [];
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const outcomes = await made.apply(desired);
    if (outcomes.length > 0) all.push(outcomes);
    const plan = await made.plan(desired);
    if (plan.state === 'in-sync') return all;
    await sleep(50, made.clock);
  }
  throw new Error(`never done: ${JSON.stringify(all)}`);
}

/** What the file wants of the device, and nothing else. */
export function wanting(
  content: Partial<DesiredContent> | null,
  more: Partial<DesiredDevice> = {},
): DesiredDevice {
  const device: DesiredDevice = { ...sampleDevice('sim-1'), kind: null, configuration: new Map(), ...more };
  if (content === null) return device;
  return {
    ...device,
    content: {
      panels: [],
      deviceMacros: [],
      branding: [],
      certificates: [],
      software: null,
      prune: 'own',
      ...content,
    },
  };
}

/** A model without some of its commands, as an older product is. */
export function without(model: DeviceModel, ...prefixes: readonly string[]): DeviceModel {
  const commands = model.schema.commands.filter(
    ({ path }) => !prefixes.some((prefix) => path.join('.').startsWith(prefix)),
  );
  return { ...model, schema: { ...model.schema, commands } };
}
