import { type PathText, pathKey } from '../xapi/path.ts';

/** One change of a setting that is fought over, as far as roomd wrote or heard it. */
export interface Flip {
  /** UTC milliseconds; of others' changes, when roomd heard or saw it. */
  readonly at: number;
  /** As shown to people, secrets as `[secret]`. */
  readonly value: string;
  /** The id of roomd's own write; null where something else changed it. */
  readonly write: string | null;
}

/** A setting that roomd puts right and something else keeps changing back. While it lasts, roomd leaves it alone. */
export interface Fight {
  readonly path: PathText;
  readonly ours: string;
  /** What the device was last found with instead. */
  readonly theirs: string;
  /** UTC milliseconds of the first flip that belongs to it. */
  readonly since: number;
  readonly openedAt: number;
  /** Oldest first, the latest `MOST_FLIPS` of them. */
  readonly flips: readonly Flip[];
}

/** A write that the device answered, of one setting. */
export interface PastWrite {
  readonly id: string;
  readonly path: PathText;
  /** Whether drift repair made it, by itself; otherwise a person did. */
  readonly isRepair: boolean;
  readonly isRefused: boolean;
  readonly before: string | null;
  readonly intendedAt: number;
  readonly settledAt: number;
}

/** A value that the device reported of a setting. */
export interface HeardValue {
  readonly at: number;
  readonly value: string;
}

/** What is on record of one setting of one device, oldest first. */
export interface SettingPast {
  readonly writes: readonly PastWrite[];
  readonly heard: readonly HeardValue[];
  readonly open: Fight | null;
}

/** What is to be done about a setting that differs from what was approved. */
export type Stand =
  | { readonly verdict: 'correct' }
  /** Written in vain: the device says no each time. */
  | { readonly verdict: 'refused'; readonly times: number }
  | { readonly verdict: 'fight'; readonly fight: Fight };

/** A setting that was put right this often within the hour and differs again is fought over. */
const MOST_CORRECTIONS = 3;
export const FIGHT_WINDOW_MS = 60 * 60_000;
/** A fight ends when nobody changed the setting for so long. */
const QUIET_MS = FIGHT_WINDOW_MS;
const MOST_FLIPS = 24;
const SECRET = '[secret]';

/**
 * Judges a setting that differs now: ours → theirs → ours → theirs, three of
 * ours within the hour, is a fight, and goes on until nobody flips for an hour.
 * What a person wrote starts it anew.
 */
export function judgeSetting(
  { writes, heard, open }: SettingPast,
  { path, from, to }: { path: PathText; from: string | null; to: string },
  now: number,
): Stand {
  const byPerson = writes.findLastIndex(({ isRepair, isRefused }) => !isRepair && !isRefused);
  const repairs = writes.slice(byPerson + 1).filter(({ isRepair }) => isRepair);
  const anewAt = writes[byPerson]?.intendedAt ?? Number.NEGATIVE_INFINITY;
  const held = from ?? '';
  if (open !== null && open.openedAt > anewAt && open.ours === to) {
    const fight = continued(open, { repairs, heard, held }, now);
    if (now - lastFlipAt(fight) <= QUIET_MS) return { verdict: 'fight', fight };
  }
  const recent = repairs.filter(({ intendedAt }) => intendedAt >= now - FIGHT_WINDOW_MS);
  if (recent.length < MOST_CORRECTIONS) return { verdict: 'correct' };
  if (recent.at(-1)?.isRefused === true) return { verdict: 'refused', times: recent.length };
  const begun: Fight = { path, ours: to, theirs: held, since: now, openedAt: now, flips: [] };
  const since = Math.max(anewAt, now - FIGHT_WINDOW_MS);
  const fight = continued(begun, { repairs: recent, heard: heard.filter(({ at }) => at > since), held }, now);
  return { verdict: 'fight', fight: { ...fight, since: fight.flips[0]?.at ?? now } };
}

/** Why the setting is left alone, for people. */
export function fightSentence({ path, ours, theirs, since, flips }: Fight): string {
  const times = flips.filter(({ write }) => write !== null).length;
  return (
    `${path} is fought over: since ${timeOf(since)} roomd wrote "${ours}" ${times} times and something else ` +
    `changed it back, last to "${theirs}" at ${timeOf(lastFlipOf(flips, since))}; roomd leaves it alone until that stops or somebody applies`
  );
}

/** The same for a plan, with what a person can do. */
export function fightHint(fight: Fight): string {
  return `${fightSentence(fight)}; find out what else sets it, or say "drift: report" for it in the file`;
}

/** When somebody else last changed it. */
export function lastFlipAt({ flips, since }: Fight): number {
  return lastFlipOf(flips, since);
}

function lastFlipOf(flips: readonly Flip[], since: number): number {
  return flips.findLast(({ write }) => write === null)?.at ?? flips.at(-1)?.at ?? since;
}

/** The fight with what was written and heard since its last flip, and with what the device holds now. */
function continued(
  fight: Fight,
  { repairs, heard, held }: { repairs: readonly PastWrite[]; heard: readonly HeardValue[]; held: string },
  now: number,
): Fight {
  const { ours, flips: known } = fight;
  // A secret's values cannot be told apart: what was written tells of the flips.
  const told = held === SECRET || ours === SECRET ? [] : heard;
  const lastAt = known.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  const samples = [...repairs.flatMap((repair) => flipsOf(repair, ours, told)), ...told.map(othersFlip)]
    .filter(({ at }) => at > lastAt)
    .sort((one, other) => one.at - other.at);
  const flips = alternation([...known, ...samples, { at: now, value: held, write: null }], ours);
  return { ...fight, theirs: held, flips: flips.slice(-MOST_FLIPS) };
}

/** What roomd found, and what it wrote: at the time at which the device reported that, where it did. */
function flipsOf(
  { id, before, intendedAt, settledAt, isRefused }: PastWrite,
  ours: string,
  heard: readonly HeardValue[],
): Flip[] {
  const found: Flip = { at: intendedAt, value: before ?? '', write: null };
  if (isRefused) return [found];
  const echo = heard.find(
    ({ at, value }) => at >= intendedAt && at <= settledAt + ECHO_MS && isSameText(value, ours),
  );
  return [found, { at: echo?.at ?? settledAt, value: ours, write: id }];
}

/** A device may report a write so long after it answered. */
const ECHO_MS = 2_000;

function othersFlip({ at, value }: HeardValue): Flip {
  return { at, value, write: null };
}

/** Only what changed something: of equal values that follow one another the first counts, and roomd's own writes own it. */
function alternation(samples: readonly Flip[], ours: string): Flip[] {
  const flips: Flip[] = [];
  for (const sample of samples) {
    const last = flips.at(-1);
    const isOurs = isOf(sample, ours);
    const wasOurs = last !== undefined && isOf(last, ours);
    // What roomd did not write and the device held already is no beginning.
    if (last === undefined && isOurs && sample.write === null) continue;
    const isSame =
      last !== undefined && (isOurs ? wasOurs : !wasOurs && isSameText(last.value, sample.value));
    if (!isSame) flips.push(sample);
    else if (isOurs && last.write === null) flips[flips.length - 1] = { ...last, write: sample.write };
  }
  return flips;
}

/** Of a secret only roomd's own writes are known to be ours. */
function isOf({ value, write }: Flip, ours: string): boolean {
  return write !== null || (ours !== SECRET && isSameText(value, ours));
}

/** As devices compare: `On` is `on`, and `012` is `12`. */
function isSameText(one: string, other: string): boolean {
  if (one.toLowerCase() === other.toLowerCase()) return true;
  return /^\s*-?\d+\s*$/.test(one) && /^\s*-?\d+\s*$/.test(other) && Number(one) === Number(other);
}

/** Writes and values by the key of their setting. */
export function byPath<T extends { readonly path: PathText }>(rows: readonly T[]): ReadonlyMap<string, T[]> {
  const grouped = new Map<string, T[]>();
  for (const row of rows) {
    const key = pathKey(row.path);
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, [row]);
    else group.push(row);
  }
  return grouped;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
