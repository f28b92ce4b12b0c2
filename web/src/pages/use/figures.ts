import type { z } from 'zod';
import type { UtilisationRow } from '../../../../src/actions/utilisation.ts';

export type Row = z.output<typeof UtilisationRow>;

type Minutes = {
  [Key in keyof Row]: Key extends `${string}Minutes` | 'calls' ? Key : never;
}[keyof Row];

/** Sums of one figure over rows: a fleet over several time zones has a row for each. */
export function sumOf(rows: readonly Row[], figure: Minutes): number {
  return rows.reduce((sum, row) => sum + row[figure], 0);
}

/** The least and the most of a share, where rows have it. */
export function rangeOf(rows: readonly Row[], figure: 'meanOfCapacity' | 'peakOfCapacity'): string {
  const shares = rows.flatMap((row) => row[figure] ?? []);
  if (shares.length === 0) return 'not known';
  const [least, most] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
  return least === most ? most : `${least} to ${most}`;
}

export function meanPeople(rows: readonly Row[]): number | null {
  const counted = sumOf(rows, 'countedMinutes');
  if (counted === 0) return null;
  return rows.reduce((sum, row) => sum + (row.meanPeople ?? 0) * row.countedMinutes, 0) / counted;
}

/** Null where there is nothing to be a share of. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** `34%`; a little is not nothing, and nearly all is not all. */
export function percent(share: number | null): string {
  if (share === null) return 'not known';
  if (share > 0 && share < 0.01) return '<1%';
  if (share < 1 && share > 0.99) return '>99%';
  return `${Math.round(share * 100)}%`;
}

const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** `1,234 h`; minutes where it is under two hours. */
export function hoursText(minutes: number): string {
  return minutes < 120 ? `${Math.round(minutes)} min` : `${NUMBER.format(minutes / 60)} h`;
}
