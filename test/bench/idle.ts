import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/world.ts';
import type { Benchmark, BenchOptions } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { DaemonInput } from './children/daemon-roomd.ts';
import type { SimulatorInput, SimulatorOutput } from './children/simulator.ts';
import { spread, table } from './figures.ts';
import type { Spent } from './spent.ts';

/** Of one core, for a daemon that keeps a thousand devices of which nothing comes. */
const LIMIT = 0.1;
/** So many times as often as shipped, so that a minute has its share of what runs every few minutes. */
const HASTE = 15;
const HASTY = `timing: { sweep: ${(15 * 60) / HASTE}s, drift: ${(10 * 60) / HASTE}s, slotCheck: ${(5 * 60) / HASTE}s }`;

interface Idle extends Spent {
  readonly rss: number;
}

/**
 * The daemon as shipped, mode `enforce` with slots, over devices that do
 * nothing: CPU as a share of one core. What runs every few minutes (sweep,
 * drift, slot check) is measured fifteen times as often and counted a
 * fifteenth.
 */
export const idle: Benchmark = async (options) => {
  const { small, schemaFile, rounds, out } = options;
  const count = small ? 100 : 1_000;
  const seconds = small ? 20 : 60;
  const simulator = new Child('simulator');
  return await withChildren({ simulator }, async () => {
    const input: SimulatorInput = { devices: count, schemaFile, settings: {} };
    const { devices, product } = await simulator.ask<SimulatorOutput>('start', input);
    out(`idle: ${count} × ${product}; ${rounds} times ${seconds} s`);
    const given = { devices, seconds, rounds, profile: options.profile };
    const rest = await measure([], given);
    const hasty = await measure([HASTY], given);
    const restShares = rest.map(shareOf);
    const timers = hasty.map((spent, round) =>
      Math.max(0, (shareOf(spent) - (restShares[round] ?? Number.NaN)) / HASTE),
    );
    const whole = restShares.map((share, round) => share + (timers[round] ?? Number.NaN));
    const lines = table(
      ['', '% of one core', 'MB resident'],
      [
        ['at rest', percent(restShares), megabytes(rest)],
        [`${HASTE} times as often`, percent(hasty.map(shareOf)), megabytes(hasty)],
        ['timers, as often as shipped', percent(timers), ''],
        ['whole', percent(whole), ''],
      ],
    );
    for (const line of lines) out(line);
    return { ratio: Math.max(...whole), limit: LIMIT, checks: [] };
  });
};

interface Given extends Pick<BenchOptions, 'rounds' | 'profile'> {
  readonly devices: SimulatorOutput['devices'];
  readonly seconds: number;
}

async function measure(
  settings: readonly string[],
  { devices, seconds, rounds, profile }: Given,
): Promise<Idle[]> {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  try {
    return await withChildren({ roomd: new Child('daemon-roomd', { profile }) }, async ({ roomd }) => {
      const port = await freePort();
      const input: DaemonInput = {
        devices,
        folder,
        settings: [
          'mode: enforce',
          `feedback: { listen: "127.0.0.1:${port}", publicUrl: "http://127.0.0.1:${port}" }`,
          ...settings,
        ],
      };
      await roomd.ask('start', input);
      // The first look at everything is not idleness.
      await roomd.ask('idle', { seconds });
      const measured: Idle[] = [];
      for (let round = 0; round < rounds; round += 1)
        measured.push(await roomd.ask<Idle>('idle', { seconds }));
      await roomd.ask('stop');
      return measured;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function shareOf({ cpuMs, wallMs }: Spent): number {
  return cpuMs / wallMs;
}

function percent(shares: readonly number[]): string {
  return spread(
    shares.map((share) => share * 100),
    2,
  );
}

function megabytes(rounds: readonly Idle[]): string {
  return spread(
    rounds.map(({ rss }) => rss / 1_000_000),
    0,
  );
}
