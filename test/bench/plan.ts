import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchOptions, Outcome } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { Memory } from './children/memory.ts';
import type { SimulatorInput, SimulatorOutput } from './children/simulator.ts';
import { median, ratios, spread, table } from './figures.ts';
import { cpuOf, type Spent, spentCells, sumOf, wallOf } from './spent.ts';

const LIMIT = 1.5;
const LATENCY_MS = 20;
const AT_ONCE = 32;
/** Settings that the file names for each device. */
const SETTINGS = 40;

/** A plan of devices that are as the file says, against downloading and sax-parsing the same documents; and the second plan of a daemon. */
export const plan: Benchmark = async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  const children = {
    roomd: new Child('plan-roomd', { profile: options.profile, flags: ['--expose-gc'] }),
    floor: new Child('plan-floor'),
    simulator: new Child('simulator'),
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
  readonly simulator: Child;
}

interface Round {
  readonly roomd: Spent;
  readonly plan: Spent;
  readonly close: Spent;
  readonly floor: Spent;
}

interface Live {
  readonly first: Spent;
  readonly seconds: readonly Spent[];
  /** What all devices served during the second plans. */
  readonly requests: number;
  readonly heapBytes: number;
}

async function compare(children: Children, folder: string, options: BenchOptions): Promise<Outcome> {
  const { roomd, floor, simulator } = children;
  const { rounds, small, schemaFile, out } = options;
  const count = small ? 100 : 1_000;
  const input: SimulatorInput = { devices: count, schemaFile, settings: { latencyMs: LATENCY_MS } };
  const { devices, product } = await simulator.ask<SimulatorOutput>('start', input);
  const wanted = await simulator.ask<Record<string, string>>('held', { count: SETTINGS });
  out(
    `plan: ${count} × ${product}; ${SETTINGS} settings, none differs, ${LATENCY_MS} ms latency, ${rounds} rounds`,
  );
  const bench = { devices, wanted, folder };
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    await roomd.ask('open', bench);
    const planned = await roomd.ask<Spent>('plan');
    const close = await roomd.ask<Spent>('close');
    const ofFloor = await floor.ask<Spent>('work', { devices, atOnce: AT_ONCE });
    // The first round warms both up: every device is met, the compiler has seen everything.
    if (round > 0) measured.push({ roomd: sumOf([planned, close]), plan: planned, close, floor: ofFloor });
  }
  return report(measured, await measureLive(children, bench, rounds), count, out);
}

async function measureLive({ roomd, simulator }: Children, bench: object, rounds: number): Promise<Live> {
  await roomd.ask('connect', bench);
  const first = await roomd.ask<Spent>('planLive');
  // By then the web sessions of the first plan are ended.
  const kept = await roomd.ask<Memory>('memory');
  const served = await simulator.ask<number>('served');
  const seconds: Spent[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const second = await roomd.ask<Spent>('planLive');
    if (round > 0) seconds.push(second);
  }
  const requests = (await simulator.ask<number>('served')) - served;
  await roomd.ask('forget');
  const without = await roomd.ask<Memory>('memory');
  await roomd.ask('disconnect');
  return { first, seconds, requests, heapBytes: kept.heap - without.heap };
}

function report(rounds: readonly Round[], live: Live, devices: number, out: BenchOptions['out']): Outcome {
  const part = (name: keyof Round) => rounds.map((round) => round[name]);
  const cpu = ratios(cpuOf(part('roomd')), cpuOf(part('floor')));
  const wall = ratios(wallOf(part('roomd')), wallOf(part('floor')));
  const lines = table(
    ['', 'CPU ms a device', 'wall ms'],
    [
      ['floor', ...spentCells(part('floor'), devices)],
      ['roomd', ...spentCells(part('roomd'), devices)],
      ['  plan', ...spentCells(part('plan'), devices)],
      ['  end', ...spentCells(part('close'), devices)],
      ['ratio', spread(cpu, 2), spread(wall, 2)],
      ['with sessions, first', ...spentCells([live.first], devices)],
      ['with sessions, second', ...spentCells(live.seconds, devices)],
    ],
  );
  for (const line of lines) out(line);
  out(`what is kept of a device between plans: ${(live.heapBytes / 1_024 / devices).toFixed(1)} KB of heap`);
  return {
    ratio: median(cpu),
    limit: LIMIT,
    checks: [{ what: 'requests to devices during second plans', value: live.requests, most: 0 }],
  };
}
