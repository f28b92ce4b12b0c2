import { expect } from 'vitest';
import { oneWay } from '../../../src/simulator/settings.ts';
import type { Database } from '../../../src/storage/database.ts';
import { asked, figuresFor, MINUTE } from '../utilisation/support.ts';
import type { Played } from './play.ts';
import { common, grown, length, type Span, without } from './spans.ts';
import { type Truth, truthOf } from './truth.ts';

/** From the first ring to the connection, and from hanging up to the end. */
const CONNECTS_MS = oneWay.dialStepMs + oneWay.connectMs;
const ENDS_MS = oneWay.hangUpStepMs;

/** How much of the time that was compared had each sort, in milliseconds. */
export interface Compared {
  readonly occupiedMs: number;
  readonly emptyMs: number;
  readonly unknownMs: number;
  readonly calls: number;
}

/** Compares all that roomd says of a room with what really was, minute for minute, and its utilisation with both. */
export async function compareRoom(
  played: Played,
  one: Played['rooms'][number],
  { aliveMs }: { aliveMs: number },
): Promise<Compared> {
  const { week, database } = played;
  const truth = truthOf(played, one, { aliveMs });
  const said = await saidOf(database, one.room.id, week);
  const misses: string[] = [];
  for (let from = week.from; from < week.to; from += MINUTE) {
    const miss = missIn({ from, to: from + MINUTE }, said, truth);
    if (miss !== null) misses.push(`room ${one.room.id}, ${new Date(from).toISOString()}: ${miss}`);
  }
  expect(misses).toEqual([]);
  const rows = await figuresFor(database, [{ id: one.room.id }], asked(week.from, week.to, 'hour'));
  expect(rows.at(-1)?.to).toBe(week.to);
  const sum = { occupiedMs: 0, emptyMs: 0, unknownMs: 0, calls: 0 };
  for (const row of rows) {
    expect(row.occupiedMs + row.emptyMs + row.unknownMs).toBe(row.to - row.from);
    expect(row).toMatchObject({
      occupiedMs: length(common([row], said.yes)),
      emptyMs: length(common([row], said.no)),
      bookedMs: length(common([row], one.life.bookings)),
      bookedUsedMs: length(common(common([row], said.yes), one.life.bookings)),
      bookedUnusedMs: length(common(common([row], said.no), one.life.bookings)),
      usedUnbookedMs: length(without(common([row], said.yes), one.life.bookings)),
    });
    comparePeople(row, one, said, truth);
    sum.occupiedMs += row.occupiedMs;
    sum.emptyMs += row.emptyMs;
    sum.unknownMs += row.unknownMs;
    sum.calls += compareCalls(row, one, truth);
  }
  return sum;
}

interface Said {
  readonly yes: readonly Span[];
  readonly no: readonly Span[];
}

async function saidOf(database: Database, deviceId: number, week: Span): Promise<Said> {
  const rows = await database.read(
    database.query.selectFrom('presence').selectAll().where('device_id', '=', deviceId),
  );
  const spansOf = (state: string): Span[] =>
    rows
      .filter((row) => row.state === state)
      .map(({ from_at, to_at }) => ({ from: from_at, to: to_at ?? week.to }));
  return { yes: spansOf('yes'), no: spansOf('no') };
}

/** What of a minute is on record otherwise than it was, the devices' and the channels' delays allowed for; null where nothing is. */
function missIn(minute: Span, said: Said, truth: Truth): string | null {
  const within = (spans: readonly Span[]): number => length(common([minute], spans));
  const yes = within(said.yes);
  const no = within(said.no);
  const unknown = MINUTE - yes - no;
  const parts = [
    unknown < within(truth.isUnknown) &&
      `${unknown} ms unknown, nobody could tell for ${within(truth.isUnknown)}`,
    unknown > within(truth.mayBeUnknown) && `${unknown} ms unknown, a session was there`,
    yes > MINUTE - within(truth.isEmpty) && `${yes} ms occupied, empty for ${within(truth.isEmpty)}`,
    no > MINUTE - within(truth.isOccupied) && `${no} ms empty, occupied for ${within(truth.isOccupied)}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : parts.join('; ');
}

/** Where nothing was in trouble, people were counted to a head; those who left are none while the detector still holds that somebody is there. */
function comparePeople(
  row: Span & { readonly peopleMs: number; readonly peak: number | null },
  { life }: Played['rooms'][number],
  { yes }: Said,
  { troubled }: Truth,
): void {
  const occupied = common([row], yes);
  const there = life.visits.filter((visit) => length(common(occupied, [visit])) > 0);
  if (common(grown([row, ...there], MINUTE, MINUTE), troubled).length > 0) return;
  const most = Math.max(0, ...there.map(({ people }) => people));
  expect(row).toMatchObject({
    peopleMs: there.reduce((sum, visit) => sum + visit.people * length(common(occupied, [visit])), 0),
    peak: occupied.length === 0 ? null : most,
  });
}

/** @returns how many calls were compared: in trouble a call may be missed, and one that is not over is none */
function compareCalls(
  row: Span & { readonly calls: number; readonly callMs: number },
  { life }: Played['rooms'][number],
  { troubled }: Truth,
): number {
  const calls = life.visits.flatMap(({ call }) => call ?? []);
  const near = calls.filter((call) => length(common([row], [call])) > 0);
  if (common(grown([row, ...near], MINUTE, MINUTE), troubled).length > 0) return 0;
  const begun = calls.filter(({ from }) => from >= row.from && from < row.to);
  const connected = near.map(({ from, to }) => ({ from: from + CONNECTS_MS, to: to + ENDS_MS }));
  expect(row.calls).toBe(begun.length);
  expect(row.callMs).toBe(length(common([row], connected)));
  return begun.length;
}
