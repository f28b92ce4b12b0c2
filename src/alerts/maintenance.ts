import type { Selectable } from 'kysely';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { matches, parseSelector } from '../fleet/selector.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { NewId } from '../lib/random.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, type NewEvent, ownEvent } from '../storage/events.ts';
import type { MaintenanceTable } from '../storage/tables/alerts.ts';
import type { MaintenanceNow } from './silence.ts';

/** A time, begun by a person, in which the alerts of some devices are recorded and not sent. Times are UTC milliseconds. */
export interface Maintenance {
  readonly id: string;
  readonly selector: string;
  readonly reason: string;
  readonly actor: string;
  readonly from: number;
  readonly until: number;
  readonly endedAt: number | null;
  readonly endedBy: string | null;
}

/** The maintenances that people began: on record, and here for the question that every look at the fleet asks. */
export class Maintenances {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #listeners = new Set<() => void>();
  #running: readonly Maintenance[] = [];

  constructor({ database, clock, newId }: { database: Database; clock: Clock; newId: NewId }) {
    this.#database = database;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** Reads those that are not over; call before the first question. */
  async load(): Promise<void> {
    const rows = await this.#database.read(
      this.#database.query
        .selectFrom('maintenance')
        .selectAll()
        .where('ended_at', 'is', null)
        .where('until_at', '>', this.#clock.now())
        .orderBy('from_at'),
    );
    this.#running = rows.map(maintenanceOf);
  }

  /** Told whenever one begins or is ended by hand. */
  onChange(listen: () => void): void {
    this.#listeners.add(listen);
  }

  /** Those that hold now. */
  running(): readonly Maintenance[] {
    const now = this.#clock.now();
    return this.#running.filter(({ until }) => until > now);
  }

  /** The one that holds for the device and ends last; null: none. */
  over(device: DesiredDevice): MaintenanceNow | null {
    const [last] = this.running()
      .filter(({ selector }) => matches(parseSelector(selector), device))
      .toSorted((one, other) => other.until - one.until);
    return last === undefined ? null : { reason: last.reason, until: last.until, source: 'command' };
  }

  async begin(wanted: Pick<Maintenance, 'selector' | 'reason' | 'actor' | 'until'>): Promise<Maintenance> {
    const maintenance: Maintenance = {
      id: this.#newId(),
      from: this.#clock.now(),
      endedAt: null,
      endedBy: null,
      ...wanted,
    };
    const { id, selector, reason, actor, from, until } = maintenance;
    const insert = this.#database.query.insertInto('maintenance').values({
      id,
      selector,
      reason,
      actor,
      from_at: from,
      until_at: until,
      ended_at: null,
      ended_by: null,
    });
    await appendEvents(this.#database, [this.#event(maintenance, 'began', actor)], [insert]);
    this.#running = [...this.#running, maintenance];
    this.#tell();
    return maintenance;
  }

  /** Ends those with exactly this selector before their time, all of them where it is null; answers those that were. */
  async end({ selector, actor }: { selector: string | null; actor: string }): Promise<Maintenance[]> {
    const now = this.#clock.now();
    const ended = this.running()
      .filter((one) => selector === null || one.selector === selector)
      .map((one) => ({ ...one, endedAt: now, endedBy: actor }));
    if (ended.length === 0) return [];
    const ids = ended.map(({ id }) => id);
    await appendEvents(
      this.#database,
      ended.map((one) => this.#event(one, 'ended', actor)),
      [
        this.#database.query
          .updateTable('maintenance')
          .set({ ended_at: now, ended_by: actor })
          .where('id', 'in', ids),
      ],
    );
    this.#running = this.#running.filter(({ id }) => !ids.includes(id));
    this.#tell();
    return ended;
  }

  /** Also those that are over, newest first. */
  async list(limit: number, options: AbortOptions = {}): Promise<Maintenance[]> {
    const rows = await this.#database.read(
      this.#database.query.selectFrom('maintenance').selectAll().orderBy('from_at', 'desc').limit(limit),
      options,
    );
    return rows.map(maintenanceOf);
  }

  #tell(): void {
    for (const listen of this.#listeners) listen();
  }

  #event({ id, selector, reason, until }: Maintenance, change: string, actor: string): NewEvent {
    const payload = { id, change, devices: selector, reason, until, actor };
    return ownEvent({ deviceId: null, kind: 'maintenance', payload, at: this.#clock.now() });
  }
}

function maintenanceOf(row: Selectable<MaintenanceTable>): Maintenance {
  return {
    id: row.id,
    selector: row.selector,
    reason: row.reason,
    actor: row.actor,
    from: row.from_at,
    until: row.until_at,
    endedAt: row.ended_at,
    endedBy: row.ended_by,
  };
}
