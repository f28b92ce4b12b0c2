import { onTestFinished } from 'vitest';
import { Projector } from '../../../src/feedback/projector.ts';
import type { AskedDevice, GroupFigures } from '../../../src/feedback/utilisation/question.ts';
import { utilisationOf } from '../../../src/feedback/utilisation/question.ts';
import { rollUp, workOffMarks } from '../../../src/feedback/utilisation/roll-up.ts';
import type { Asked } from '../../../src/feedback/utilisation/windows.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { Database } from '../../../src/storage/database.ts';
import { appendEvents, type NewEvent } from '../../../src/storage/events.ts';
import type { Tables } from '../../../src/storage/tables.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';
import { addDevices, statusEvent } from '../support.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface UtilisationWorld {
  readonly database: Database;
  readonly projector: Projector;
  /** Appends, and makes the records. */
  readonly tell: (...events: NewEvent[]) => Promise<void>;
  /** Rolls up to `until` and works off what changed since. */
  readonly catchUp: (until: number, keptFrom?: number) => Promise<void>;
  /** All cells, as they stand. */
  readonly cells: () => Promise<Tables['utilisation'][]>;
}

export async function utilisationWorld({ devices = 1 } = {}): Promise<UtilisationWorld> {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, devices);
  return worldOn(database);
}

export function worldOn(database: Database): UtilisationWorld {
  const projector = new Projector({}, { database, clock: systemClock(), logger: silentLogger });
  return {
    database,
    projector,
    async tell(...events) {
      await appendEvents(database, events);
      await projector.projectAll();
    },
    async catchUp(until, keptFrom = 0) {
      await rollUp(database, until);
      await workOffMarks(database, { keptFrom });
    },
    cells: () =>
      database.read(database.query.selectFrom('utilisation').selectAll().orderBy('device_id').orderBy('at')),
  };
}

/** Presence, and how many people are counted where that is said too. */
export function people(deviceId: number, at: number, word: 'Yes' | 'No', count?: number): NewEvent {
  const counted = count === undefined ? {} : { 'RoomAnalytics.PeopleCount.Current': String(count) };
  return statusEvent(deviceId, at, { 'RoomAnalytics.PeoplePresence': word, ...counted });
}

/** A gap that is told at `at` and began at `from`. */
export function gapEvent(deviceId: number, at: number, from: number): NewEvent {
  return {
    deviceId,
    kind: 'gap',
    path: null,
    payload: { from, to: null, reason: 'test' },
    source: 'roomd',
    receivedAt: at,
    deviceAt: null,
  };
}

export function asked(from: number, to: number, size: Asked['size']): Asked {
  return { from: { kind: 'instant', at: from }, to: { kind: 'instant', at: to }, size, hours: null };
}

export async function figuresFor(
  database: Database,
  devices: readonly Partial<AskedDevice>[],
  question: Asked,
): Promise<GroupFigures[]> {
  const whole = devices.map((device) => ({
    id: 1,
    group: 'room-1',
    timezone: 'UTC',
    capacity: null,
    ...device,
  }));
  const rows: GroupFigures[] = [];
  for await (const row of utilisationOf(database, { devices: whole, asked: question })) rows.push(row);
  return rows;
}
