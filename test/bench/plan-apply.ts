import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchOptions, Outcome } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { SimulatorInput, SimulatorOutput } from './children/simulator.ts';
import { median, ratios, spread, table } from './figures.ts';
import { cpuOf, type Spent, spentCells, sumOf, wallOf } from './spent.ts';

const LIMIT = 2;
const LATENCY_MS = 20;
/** Devices worked on at the same time. */
const AT_ONCE = 32;
/** `maxExchanges`: what roomd allows itself over the whole fleet, whatever it does. */
const MOST_EXCHANGES = 64;
/** `webSessionIdleMs`: a round that takes longer ends the first devices' sessions beside the work on the last. */
const SESSION_IDLE_MS = 10_000;

type Wanted = Readonly<Record<string, string>>;

/** Six settings, each to be changed in every round: what is harmless and what people could notice, with an index and without. */
const WANTED: readonly Wanted[] = [
  {
    'Audio.DefaultVolume': '60',
    'RoomAnalytics.PeopleCountOutOfCall': 'On',
    'Standby.Delay': '30',
    'SystemUnit.Name': 'North',
    'UserInterface.SoundEffects.Mode': 'Off',
    'Video.Output.Connector[1].Resolution': '1920_1080_60',
  },
  {
    'Audio.DefaultVolume': '40',
    'RoomAnalytics.PeopleCountOutOfCall': 'Off',
    'Standby.Delay': '20',
    'SystemUnit.Name': 'South',
    'UserInterface.SoundEffects.Mode': 'On',
    'Video.Output.Connector[1].Resolution': '3840_2160_60',
  },
];

/** Plan and apply with proof over a fleet, against one login, one read, one write and one read back per device. */
export const planApply: Benchmark = async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  const children = {
    roomd: new Child('plan-apply-roomd', { profile: options.profile }),
    floor: new Child('plan-apply-floor'),
    roomdDevices: new Child('simulator'),
    floorDevices: new Child('simulator'),
  };
  try {
    return await withChildren(children, () => compare(children, folder, options));
  } finally {
    await rm(folder, { recursive: true });
  }
};

interface Children {
  readonly roomd: Child;
  readonly floor: Child;
  readonly roomdDevices: Child;
  readonly floorDevices: Child;
}

interface Round {
  readonly roomd: Spent;
  readonly plan: Spent;
  readonly apply: Spent;
  /** Ending the devices' sessions and closing the database. */
  readonly close: Spent;
  readonly floor: Spent;
  /** The most requests at once. */
  readonly flights: { readonly work: number; readonly close: number; readonly floor: number };
}

async function compare(children: Children, folder: string, options: BenchOptions): Promise<Outcome> {
  const { rounds, small, schemaFile, out } = options;
  const count = small ? 40 : 200;
  const input: SimulatorInput = { devices: count, schemaFile, settings: { latencyMs: LATENCY_MS } };
  const { devices, product } = await children.roomdDevices.ask<SimulatorOutput>('start', input);
  const floorDevices = await children.floorDevices.ask<SimulatorOutput>('start', input);
  out(`plan-apply: ${count} × ${product}; 6 settings, ${LATENCY_MS} ms latency, ${rounds} rounds`);
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const wanted = WANTED[round % WANTED.length] ?? {};
    const ofRoomd = await workRoomd(children, { devices, wanted, folder });
    const ofFloor = await workFloor(children, { devices: floorDevices.devices, wanted, atOnce: AT_ONCE });
    // The first round warms both up: every device is met, the compiler has seen everything.
    if (round > 0)
      measured.push({
        ...ofRoomd,
        ...ofFloor,
        flights: { ...ofRoomd.flights, ...ofFloor.flights },
      });
  }
  return report(measured, count, out);
}

interface Work {
  readonly devices: SimulatorOutput['devices'];
  readonly wanted: Wanted;
}

async function workRoomd({ roomd, roomdDevices }: Children, round: Work & { folder: string }) {
  await roomd.ask('open', round);
  await peakOf(roomdDevices);
  const { plan, apply } = await roomd.ask<{ plan: Spent; apply: Spent }>('work');
  const work = await peakOf(roomdDevices);
  const close = await roomd.ask<Spent>('close');
  const flights = { work, close: await peakOf(roomdDevices) };
  await refuseDifferences(roomdDevices, round.wanted);
  return { roomd: sumOf([plan, apply, close]), plan, apply, close, flights };
}

async function workFloor({ floor, floorDevices }: Children, round: Work & { atOnce: number }) {
  const spent = await floor.ask<Spent>('work', round);
  const flights = { floor: await peakOf(floorDevices) };
  await refuseDifferences(floorDevices, round.wanted);
  return { floor: spent, flights };
}

/** The most requests at once since this was last asked. */
async function peakOf(simulator: Child): Promise<number> {
  return (await simulator.ask<{ requests: number }>('peaks')).requests;
}

/** Speed counts only where the devices hold what was wanted. */
async function refuseDifferences(simulator: Child, wanted: Wanted): Promise<void> {
  const differences = await simulator.ask<number>('differences', { wanted });
  if (differences > 0) throw new Error(`${differences} settings of the devices are not as they were to be`);
}

function report(rounds: readonly Round[], devices: number, out: BenchOptions['out']): Outcome {
  const part = (name: 'roomd' | 'plan' | 'apply' | 'close' | 'floor') => rounds.map((round) => round[name]);
  const most = (name: 'work' | 'close' | 'floor') => Math.max(...rounds.map(({ flights }) => flights[name]));
  const cpu = ratios(cpuOf(part('roomd')), cpuOf(part('floor')));
  const wall = ratios(wallOf(part('roomd')), wallOf(part('floor')));
  const lines = table(
    ['', 'CPU ms a device', 'wall ms', 'most requests at once'],
    [
      ['floor', ...spentCells(part('floor'), devices), String(most('floor'))],
      ['roomd', ...spentCells(part('roomd'), devices), String(Math.max(most('work'), most('close')))],
      ['  plan', ...spentCells(part('plan'), devices), ''],
      ['  apply', ...spentCells(part('apply'), devices), String(most('work'))],
      ['  end', ...spentCells(part('close'), devices), String(most('close'))],
      ['ratio', spread(cpu, 2), spread(wall, 2), ''],
    ],
  );
  for (const line of lines) out(line);
  const isSlow = wallOf(part('roomd')).some((ms) => ms > SESSION_IDLE_MS);
  return {
    ratio: median(cpu),
    limit: LIMIT,
    checks: [
      {
        what: 'requests at once during plan and apply',
        value: most('work'),
        most: isSlow ? MOST_EXCHANGES : AT_ONCE,
      },
      { what: 'requests at once while sessions are ended', value: most('close'), most: MOST_EXCHANGES },
    ],
  };
}
