import { added, type Facts, type Figures, figuresOf, NOTHING } from './figures.ts';

/** Every time zone's clock differs from UTC by whole quarters of an hour, so quarters make up any local hour and day. */
export const QUARTER_MS = 15 * 60_000;
export const HOUR_MS = 4 * QUARTER_MS;

/** The figures of a quarter of an hour, or of an hour of which the quarters are alike. */
export interface Cell {
  readonly at: number;
  readonly lengthMs: number;
  readonly figures: Figures;
}

/**
 * What is to be kept of [from, to), which begins on a full hour UTC and ends on
 * a full quarter. Quarters of which nothing is known are left out; an hour of
 * four alike becomes one cell, which is most of them, because rooms sleep.
 */
export function cellsOf(facts: Facts, from: number, to: number): Cell[] {
  const cells: Cell[] = [];
  for (let hour = from; hour < to; hour += HOUR_MS) {
    const quarters: Cell[] = [];
    for (let at = hour; at < Math.min(hour + HOUR_MS, to); at += QUARTER_MS)
      quarters.push({ at, lengthMs: QUARTER_MS, figures: figuresOf(facts, at, at + QUARTER_MS) });
    const merged = asOneHour(quarters);
    const kept = merged === null ? quarters : [merged];
    cells.push(...kept.filter(({ figures }) => saysSomething(figures)));
  }
  return cells;
}

export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

export function quarterOf(at: number): number {
  return Math.floor(at / QUARTER_MS) * QUARTER_MS;
}

function asOneHour(quarters: readonly Cell[]): Cell | null {
  const [first, ...others] = quarters;
  if (first === undefined || quarters.length < HOUR_MS / QUARTER_MS) return null;
  if (others.some(({ figures }) => !isAlike(figures, first.figures))) return null;
  const figures = quarters.map((quarter) => quarter.figures).reduce(added, NOTHING);
  return { at: first.at, lengthMs: HOUR_MS, figures };
}

function isAlike(one: Figures, other: Figures): boolean {
  const keys = Object.keys(one) as (keyof Figures)[];
  return keys.every((key) => one[key] === other[key]);
}

function saysSomething({ occupiedMs, emptyMs, bookedMs, calls, callMs }: Figures): boolean {
  return occupiedMs + emptyMs + bookedMs + calls + callMs > 0;
}
