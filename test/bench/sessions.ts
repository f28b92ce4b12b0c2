import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchOptions, Outcome } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { Memory } from './children/memory.ts';
import type { SimulatorInput, SimulatorOutput } from './children/simulator.ts';
import { median, ratios, spread, table } from './figures.ts';

const LIMIT = 1.5;
/** `maxHandshakes`: session set-ups that roomd allows itself at once over the whole fleet. */
const MOST_HANDSHAKES = 32;
/** Sessions share simulated devices, as the devices' own memory is not what is measured. */
const SESSIONS_PER_DEVICE = 20;
const KINDS = ['floor', 'roomd', 'recorded'] as const;

type Kind = (typeof KINDS)[number];

interface Round {
  readonly few: Memory;
  readonly many: Memory;
}

interface Measured {
  readonly rounds: Readonly<Record<Kind, Round[]>>;
  /** Of roomd alone, after the simulator cut every connection. */
  readonly returns: { readonly ms: number; readonly handshakes: number }[];
}

/**
 * Resident memory per wss session, against bare `ws` clients that send the
 * same requests and drop the answers. `recorded` is roomd with what it knows
 * of each device held too. Each round has processes of its own.
 */
export const sessions: Benchmark = ({ rounds, small, schemaFile, profile, out }) => {
  const counts = small ? { few: 40, many: 240 } : { few: 200, many: 1_200 };
  const settings = { maxSockets: SESSIONS_PER_DEVICE };
  const input: SimulatorInput = { devices: counts.many / SESSIONS_PER_DEVICE, schemaFile, settings };
  const measured: Measured = { rounds: { floor: [], roomd: [], recorded: [] }, returns: [] };
  return withChildren({ simulator: new Child('simulator') }, async ({ simulator }) => {
    const { product, devices } = await simulator.ask<SimulatorOutput>('start', input);
    out(`sessions: ${counts.few} to ${counts.many} wss sessions to ${product}; ${rounds} rounds`);
    const ports = devices.map(({ port }) => port);
    for (let round = 0; round < rounds; round += 1)
      for (const kind of KINDS) await measure(kind, { simulator, ports, counts, profile }, measured);
    return report(measured, counts, out);
  });
};

interface Surroundings {
  readonly simulator: Child;
  readonly ports: readonly number[];
  readonly counts: Counts;
  readonly profile: string | null;
}

interface Counts {
  readonly few: number;
  readonly many: number;
}

async function measure(kind: Kind, surroundings: Surroundings, measured: Measured): Promise<void> {
  const { simulator, ports, counts, profile } = surroundings;
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  const client = new Child(kind === 'floor' ? 'sessions-floor' : 'sessions-roomd', {
    flags: ['--expose-gc'],
    profile: kind === 'roomd' ? profile : null,
  });
  try {
    await withChildren({ client }, async () => {
      await client.ask('start', { ports, recordIn: kind === 'recorded' ? folder : null });
      await client.ask('open', { count: counts.few });
      const few = await client.ask<Memory>('memory');
      await client.ask('open', { count: counts.many });
      const many = await client.ask<Memory>('memory');
      await expectSockets(simulator, counts.many);
      measured.rounds[kind].push({ few, many });
      if (kind === 'roomd') measured.returns.push(await dropAll(client, simulator));
    });
    await untilGone(simulator);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function report({ rounds, returns }: Measured, { few, many }: Counts, out: BenchOptions['out']): Outcome {
  const slope = (kind: Kind, part: keyof Memory): number[] =>
    rounds[kind].map((round) => (round.many[part] - round.few[part]) / (many - few));
  const row = (name: string, kind: Kind): string[] => {
    const megabytes = rounds[kind].map((round) => round.many.rss / 1_000_000);
    const kilobytes = (part: keyof Memory): string =>
      spread(
        slope(kind, part).map((bytes) => bytes / 1_000),
        1,
      );
    return [name, kilobytes('rss'), kilobytes('heap'), spread(megabytes, 0)];
  };
  const quotients = ratios(slope('roomd', 'rss'), slope('floor', 'rss'));
  const lines = table(
    ['', 'KB a session', 'of it in the heap', `MB at ${many}`],
    [
      row('floor (bare ws)', 'floor'),
      row('roomd', 'roomd'),
      row('roomd with state held', 'recorded'),
      ['ratio', spread(quotients, 2), '', ''],
    ],
  );
  for (const line of lines) out(line);
  const bare = slope('roomd', 'heap');
  const held = slope('recorded', 'heap').map((bytes, round) => bytes - (bare[round] ?? Number.NaN));
  out(`held state of a device: ${spread(held, 0)} bytes`);
  const seconds = returns.map(({ ms }) => ms / 1_000);
  out(`all back after a drop: ${spread(seconds, 1)} s`);
  const handshakes = Math.max(...returns.map((one) => one.handshakes));
  return {
    ratio: median(quotients),
    limit: LIMIT,
    checks: [{ what: 'handshakes at once after a drop', value: handshakes, most: MOST_HANDSHAKES }],
  };
}

/** The simulator cuts every connection; resolves when all sessions are up again. */
async function dropAll(client: Child, simulator: Child): Promise<{ ms: number; handshakes: number }> {
  await simulator.ask('peaks');
  await client.ask('arm');
  await simulator.ask('drop');
  const ms = await client.ask<number>('returned');
  const { handshakes } = await simulator.ask<{ handshakes: number }>('peaks');
  return { ms, handshakes };
}

async function expectSockets(simulator: Child, count: number): Promise<void> {
  const sockets = await simulator.ask<number>('sockets');
  if (sockets !== count) throw new Error(`${sockets} sockets are open where ${count} were expected`);
}

async function untilGone(simulator: Child): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    if ((await simulator.ask<number>('sockets')) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('sockets of a round outlive it');
}
