import type { Compilable, Selectable } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { eventInserts, type NewEvent, ownEvent } from '../storage/events.ts';
import type { AlertTable } from '../storage/tables/alerts.ts';
import type { OutboxTable } from '../storage/tables/messages.ts';
import type { Alert, AlertChange } from './alert.ts';

export interface AlertFilter {
  /** Also those that are over. */
  readonly all: boolean;
  /** Only those that concern one of these. */
  readonly devices: readonly string[] | null;
  /** Only those that concern one of these, too. */
  readonly within?: ReadonlySet<string>;
  readonly limit: number;
  /** Only those older than the one with this id. */
  readonly cursor: string | null;
}

/** One message of an alert on its way to one notifier. Times are UTC milliseconds. */
export interface Delivery {
  readonly notifier: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly subject: string | null;
  readonly attempts: number;
  readonly createdAt: number;
  readonly deliveredAt: number | null;
  /** Why it waits or was refused: its own last error, or that of the message which it waits behind. */
  readonly lastError: string | null;
}

/** A notifier that has not taken every message of an alert. */
export interface Undelivered {
  readonly notifier: string;
  readonly state: 'waiting' | 'failed';
  /** As of a `Delivery`; null: nothing was tried yet. */
  readonly reason: string | null;
}

/** The queries of alerts. */
export class AlertStore {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** The row, its step and its event, for one transaction. */
  save(alert: Alert, change: AlertChange | null): Compilable[] {
    const row = rowOf(alert);
    const { id: _id, ...rest } = row;
    const save = this.#database.query
      .insertInto('alert')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(rest));
    if (change === null) return [save];
    const { at, detail, actor } = change;
    const step = this.#database.query
      .insertInto('alert_change')
      .values({ alert_id: alert.id, at, change: change.change, actor, detail });
    return [save, step, ...eventInserts([eventOf(alert, change)])];
  }

  async write(statements: readonly Compilable[]): Promise<void> {
    if (statements.length > 0) await this.#database.write(statements);
  }

  /** Those that are not over. */
  async open(options: AbortOptions = {}): Promise<Alert[]> {
    const rows = await this.#database.read(
      this.#database.query
        .selectFrom('alert')
        .selectAll()
        .where('resolved_at', 'is', null)
        .orderBy('id')
        .limit(10_000),
      options,
    );
    return rows.map(alertOf);
  }

  /** Newest first. */
  async list(
    { all, devices, within, limit, cursor }: AlertFilter,
    options: AbortOptions = {},
  ): Promise<Alert[]> {
    const found: Alert[] = [];
    const isWhole = devices === null && within === undefined;
    for (let before = cursor; ; ) {
      let query = this.#database.query
        .selectFrom('alert')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(isWhole ? limit : PAGE);
      if (!all) query = query.where('resolved_at', 'is', null);
      if (before !== null) query = query.where('id', '<', before);
      const rows = await this.#database.read(query, options);
      const page = rows.map(alertOf);
      found.push(...page.filter((alert) => concerns(alert, devices) && isWithin(alert, within)));
      before = rows.at(-1)?.id ?? null;
      if (isWhole || rows.length < PAGE || found.length >= limit) return found.slice(0, limit);
    }
  }

  /** By its id, or the end of it where no other ends so; null where there is none. */
  async get(id: string, options: AbortOptions = {}): Promise<Alert | null> {
    if (!/^[0-9a-f-]{6,36}$/.test(id)) return null;
    const rows = await this.#database.read(
      this.#database.query.selectFrom('alert').selectAll().where('id', 'like', `%${id}`).limit(2),
      options,
    );
    const [only, another] = rows;
    return only === undefined || another !== undefined ? null : alertOf(only);
  }

  async changes(id: string, options: AbortOptions = {}): Promise<AlertChange[]> {
    return this.#database.read(
      this.#database.query
        .selectFrom('alert_change')
        .select(['at', 'change', 'actor', 'detail'])
        .where('alert_id', '=', id)
        .orderBy('at')
        .limit(500),
      options,
    );
  }

  /** The messages of an alert that the outbox still has, oldest first. */
  async deliveries(
    alert: Pick<Alert, 'id' | 'conversation'>,
    options: AbortOptions = {},
  ): Promise<Delivery[]> {
    const rows = await this.#database.read(
      this.#database.query
        .selectFrom('outbox')
        .selectAll()
        .where('conversation', '=', alert.conversation)
        .orderBy('created_at')
        .limit(500),
      options,
    );
    const heads = await this.#heads(options);
    return rows.flatMap((row) => {
      const { subject = null, alert: note } = JSON.parse(row.message_json) as Told;
      if (note?.id !== alert.id) return [];
      return [
        {
          notifier: row.notifier,
          state: row.state,
          subject,
          attempts: row.attempts,
          createdAt: row.created_at,
          deliveredAt: row.delivered_at,
          lastError: reasonOf(row, heads),
        },
      ];
    });
  }

  /** By the alert's id, which notifiers have not taken all that there was to tell; one entry a notifier. */
  async undelivered(
    alerts: readonly Pick<Alert, 'id' | 'conversation'>[],
    options: AbortOptions = {},
  ): Promise<Map<string, Undelivered[]>> {
    const rows = await this.#database.read(
      this.#database.query
        .selectFrom('outbox')
        .select(['message_json', 'notifier', 'state', 'last_error'])
        .where('conversation', 'in', [...new Set(alerts.map(({ conversation }) => conversation))])
        .where('state', '!=', 'delivered')
        .orderBy('created_at')
        .limit(5_000),
      options,
    );
    const heads = await this.#heads(options);
    const found = new Map<string, Undelivered[]>();
    for (const row of rows) {
      const { alert } = JSON.parse(row.message_json) as Told;
      if (alert === undefined || row.state === 'delivered') continue;
      const known = found.get(alert.id) ?? [];
      if (known.some(({ notifier }) => notifier === row.notifier)) continue;
      const { notifier, state } = row;
      found.set(alert.id, [...known, { notifier, state, reason: reasonOf(row, heads) }]);
    }
    return found;
  }

  /** By notifier, why the message that was tried last could not be delivered; those behind it wait for it. */
  async #heads(options: AbortOptions): Promise<Map<string, string>> {
    const rows = await this.#database.read(
      this.#database.query
        .selectFrom('outbox')
        .select(['notifier', 'last_error'])
        .where('state', '=', 'waiting')
        .where('last_error', 'is not', null)
        .orderBy('created_at')
        .limit(500),
      options,
    );
    return new Map(rows.toReversed().map(({ notifier, last_error }) => [notifier, last_error ?? '']));
  }
}

interface Told {
  readonly subject?: string;
  readonly alert?: { readonly id: string };
}

const PAGE = 500;

function reasonOf(
  { notifier, state, last_error: error }: Pick<Selectable<OutboxTable>, 'notifier' | 'state' | 'last_error'>,
  heads: ReadonlyMap<string, string>,
): string | null {
  return error ?? (state === 'waiting' ? (heads.get(notifier) ?? null) : null);
}

function concerns({ devices, about }: Alert, wanted: readonly string[] | null): boolean {
  return wanted === null || wanted.includes(about) || devices.some((name) => wanted.includes(name));
}

function isWithin({ devices, about }: Alert, within: ReadonlySet<string> | undefined): boolean {
  return within === undefined || within.has(about) || devices.some((name) => within.has(name));
}

function eventOf(
  { id, rule, deviceId, about, severity, title, state }: Alert,
  change: AlertChange,
): NewEvent {
  const { at, actor, detail } = change;
  const payload = { id, rule, about, severity, title, state, change: change.change, actor, detail };
  return ownEvent({ deviceId, kind: 'alert', payload, at });
}

function rowOf(alert: Alert): Selectable<AlertTable> {
  return {
    id: alert.id,
    rule: alert.rule,
    key: alert.key,
    device_id: alert.deviceId,
    about: alert.about,
    devices_json: JSON.stringify(alert.devices),
    severity: alert.severity,
    state: alert.state,
    title: alert.title,
    detail: alert.detail,
    remedy: alert.remedy,
    cleared: alert.cleared,
    opened_at: alert.openedAt,
    told_at: alert.toldAt,
    told_to_json: JSON.stringify(alert.toldTo),
    silenced: alert.silenced,
    acknowledged_at: alert.acknowledgedAt,
    acknowledged_by: alert.acknowledgedBy,
    comment: alert.comment,
    resolved_at: alert.resolvedAt,
    resolution: alert.resolution,
    conversation: alert.conversation,
  };
}

function alertOf(row: Selectable<AlertTable>): Alert {
  return {
    id: row.id,
    rule: row.rule,
    key: row.key,
    deviceId: row.device_id,
    about: row.about,
    devices: JSON.parse(row.devices_json) as string[],
    severity: row.severity,
    state: row.state,
    title: row.title,
    detail: row.detail,
    remedy: row.remedy,
    cleared: row.cleared,
    openedAt: row.opened_at,
    toldAt: row.told_at,
    toldTo: JSON.parse(row.told_to_json) as string[],
    silenced: row.silenced,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by,
    comment: row.comment,
    resolvedAt: row.resolved_at,
    resolution: row.resolution,
    conversation: row.conversation,
  };
}
