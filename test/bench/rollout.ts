import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchOptions, Outcome } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { DaemonInput } from './children/daemon-roomd.ts';
import type { SimulatorInput, SimulatorOutput } from './children/simulator.ts';
import { median, ratios, spread, table } from './figures.ts';
import { cpuOf, type Spent, spentCells, wallOf } from './spent.ts';

/**
 * A rollout does what an apply does, with each step of each device on record,
 * a look at its Diagnostics before the write and one look more at its end.
 */
const LIMIT = 3;
const LATENCY_MS = 20;
const PARALLEL = 16;

type Wanted = Readonly<Record<string, string>>;

/** Two settings that nobody notices and two that people could; every one changes in every round. */
const WANTED: readonly Wanted[] = [
  {
    'Audio.DefaultVolume': '60',
    'RoomAnalytics.PeopleCountOutOfCall': 'On',
    'Standby.Delay': '30',
    'SystemUnit.Name': 'North',
  },
  {
    'Audio.DefaultVolume': '40',
    'RoomAnalytics.PeopleCountOutOfCall': 'Off',
    'Standby.Delay': '20',
    'SystemUnit.Name': 'South',
  },
];

interface Children {
  readonly roomd: Child;
  readonly devices: Child;
}

interface Round {
  readonly rollout: Spent;
  readonly apply: Spent;
  /** Devices with a write in flight at the same time, at most. */
  readonly writes: number;
}

/** A rollout over a fleet against a plain apply of a change as large, by the same running daemon over the same sessions. */
export const rollout: Benchmark = async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  const children = {
    roomd: new Child('daemon-roomd', { profile: options.profile }),
    devices: new Child('simulator'),
  };
  try {
    return await withChildren(children, () => compare(children, folder, options));
  } finally {
    await rm(folder, { recursive: true });
  }
};

async function compare({ roomd, devices: simulator }: Children, folder: string, options: BenchOptions) {
  const { rounds, small, schemaFile, out } = options;
  const count = small ? 40 : 200;
  const input: SimulatorInput = { devices: count, schemaFile, settings: { latencyMs: LATENCY_MS } };
  const { devices, product } = await simulator.ask<SimulatorOutput>('start', input);
  out(`rollout: ${count} × ${product}; 4 settings, ${PARALLEL} at once, ${rounds} rounds`);
  const daemon: DaemonInput = {
    devices,
    folder,
    settings: ['feedback: { listen: "127.0.0.1:0" }', 'timing: { drift: 60s }'],
  };
  await roomd.ask('start', daemon);
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const change = async (verb: 'rollout' | 'apply', at: number): Promise<[Spent, number]> => {
      const wanted = WANTED[at % WANTED.length] ?? {};
      await roomd.ask('want', { wanted });
      await simulator.ask('peaks');
      const spent = await roomd.ask<Spent>(verb, { parallel: PARALLEL });
      const { writes } = await simulator.ask<{ writes: number }>('peaks');
      const differences = await simulator.ask<number>('differences', { wanted });
      if (differences > 0)
        throw new Error(`${differences} settings of the devices are not as they were to be`);
      return [spent, writes];
    };
    const [ofRollout, writes] = await change('rollout', 0);
    const [ofApply] = await change('apply', 1);
    // The first round warms both up.
    if (round > 0) measured.push({ rollout: ofRollout, apply: ofApply, writes });
  }
  await roomd.ask('stop');
  return report(measured, count, out);
}

function report(rounds: readonly Round[], devices: number, out: BenchOptions['out']): Outcome {
  const part = (name: 'rollout' | 'apply') => rounds.map((round) => round[name]);
  const cpu = ratios(cpuOf(part('rollout')), cpuOf(part('apply')));
  const wall = ratios(wallOf(part('rollout')), wallOf(part('apply')));
  const most = Math.max(...rounds.map(({ writes }) => writes));
  const lines = table(
    ['', 'CPU ms a device', 'wall ms', 'most devices written at once'],
    [
      ['apply', ...spentCells(part('apply'), devices), ''],
      ['rollout', ...spentCells(part('rollout'), devices), String(most)],
      ['ratio', spread(cpu, 2), spread(wall, 2), ''],
    ],
  );
  for (const line of lines) out(line);
  return {
    ratio: median(cpu),
    limit: LIMIT,
    checks: [{ what: 'devices written at once during a rollout', value: most, most: PARALLEL }],
  };
}
