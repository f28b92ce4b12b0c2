import { spread } from './figures.ts';

/** What a piece of work took of a process: all its threads, user and system, in milliseconds. */
export interface Spent {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export async function spentOn(work: () => Promise<unknown>): Promise<Spent> {
  const meter = startMeter();
  await work();
  return meter();
}

/** The returned function says what was spent since. */
export function startMeter(): () => Spent {
  const at = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { cpuMs: (user + system) / 1_000, wallMs: performance.now() - at };
  };
}

export function sumOf(parts: readonly Spent[]): Spent {
  return {
    cpuMs: parts.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    wallMs: parts.reduce((sum, { wallMs }) => sum + wallMs, 0),
  };
}

export function cpuOf(rounds: readonly Spent[]): number[] {
  return rounds.map(({ cpuMs }) => cpuMs);
}

export function wallOf(rounds: readonly Spent[]): number[] {
  return rounds.map(({ wallMs }) => wallMs);
}

/** The cells of a table for work on so many things: CPU ms a piece, wall ms. */
export function spentCells(rounds: readonly Spent[], pieces: number): string[] {
  const each = cpuOf(rounds).map((ms) => ms / pieces);
  return [spread(each, 2), spread(wallOf(rounds), 0)];
}
