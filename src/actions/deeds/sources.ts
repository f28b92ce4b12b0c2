import { type RawBuilder, sql } from 'kysely';

/** What people do besides writing settings. */
export const DEED_KINDS = [
  'approve',
  'hold',
  'release',
  'maintenance',
  'maintenance-end',
  'acknowledge',
  'run',
  'erase',
  'trust',
  'retire',
  'chat',
  'rollout',
  'rotation',
  'upgrade',
  'verb',
] as const;
export type DeedKind = (typeof DEED_KINDS)[number];

/** Where deeds are on record; its place in the list is part of their order. */
export interface DeedSource {
  readonly table: RawBuilder<unknown>;
  /** Tells rows of the same moment apart. */
  readonly number: RawBuilder<unknown>;
  readonly kind: RawBuilder<unknown>;
  readonly at: RawBuilder<unknown>;
  readonly actor: RawBuilder<unknown>;
  /** roomd's id of the device that it is about. */
  readonly device: RawBuilder<unknown>;
  readonly detail: RawBuilder<unknown>;
  readonly where: RawBuilder<unknown>;
}

const NONE = sql`NULL`;
const ROWID = sql`rowid`;

/** Tables of deeds are kept; events go with `retention`, and with them who released, vouched, retired and wrote to the bot. */
export const DEED_SOURCES: readonly DeedSource[] = [
  {
    table: sql`revision`,
    number: sql`seq`,
    kind: sql`'approve'`,
    at: sql`approved_at`,
    actor: sql`approved_by`,
    device: NONE,
    detail: sql`json_object('id', id, 'commit', git_commit)`,
    where: sql`1`,
  },
  {
    table: sql`hold`,
    number: ROWID,
    kind: sql`'hold'`,
    at: sql`since_at`,
    actor: sql`actor`,
    device: NONE,
    detail: sql`json_object('devices', selector, 'reason', reason)`,
    where: sql`1`,
  },
  {
    table: sql`event`,
    number: sql`seq`,
    kind: sql`CASE kind WHEN 'hold' THEN 'release' ELSE kind END`,
    at: sql`received_at`,
    actor: sql`coalesce(payload_json ->> '$.actor', 'nobody known')`,
    device: sql`device_id`,
    detail: sql`payload_json`,
    // The list of kinds is also the condition of the index `event_of_people`: written alike, so that it is used.
    where: sql`kind IN ('hold', 'trust', 'retire', 'chat')
      AND NOT (kind = 'hold' AND payload_json ->> '$.released' IS NULL)`,
  },
  {
    table: sql`maintenance`,
    number: ROWID,
    kind: sql`'maintenance'`,
    at: sql`from_at`,
    actor: sql`actor`,
    device: NONE,
    detail: sql`json_object('devices', selector, 'reason', reason, 'until', until_at)`,
    where: sql`1`,
  },
  {
    table: sql`maintenance`,
    number: ROWID,
    kind: sql`'maintenance-end'`,
    at: sql`ended_at`,
    actor: sql`ended_by`,
    device: NONE,
    detail: sql`json_object('devices', selector)`,
    where: sql`ended_at IS NOT NULL`,
  },
  {
    table: sql`(SELECT alert_change.rowid AS number, alert_change.*, alert.title, alert.device_id
      FROM alert_change JOIN alert ON alert.id = alert_change.alert_id)`,
    number: sql`number`,
    kind: sql`'acknowledge'`,
    at: sql`at`,
    actor: sql`actor`,
    device: sql`device_id`,
    detail: sql`json_object('id', alert_id, 'title', title, 'comment', detail)`,
    where: sql`change = 'acknowledged'`,
  },
  {
    table: sql`macro_run`,
    number: ROWID,
    kind: sql`'run'`,
    at: sql`due_at`,
    actor: sql`substr("trigger", 4)`,
    device: sql`device_id`,
    detail: sql`json_object('id', id, 'macro', macro, 'state', state)`,
    // The first half is also the condition of the index `macro_run_by_hand`.
    where: sql`substr("trigger", 1, 3) = 'by ' AND substr("trigger", 1, 9) <> 'by macro '`,
  },
  {
    table: sql`erasure`,
    number: ROWID,
    kind: sql`'erase'`,
    at: sql`at`,
    actor: sql`actor`,
    device: sql`device_id`,
    detail: sql`json_object('from', from_at, 'to', to_at, 'rows', "rows")`,
    where: sql`1`,
  },
  ...(['rollout', 'rotation', 'upgrade'] as const).map((campaign) => ({
    table: sql.raw(campaign),
    number: ROWID,
    kind: sql.raw(`'${campaign}'`),
    at: sql`started_at`,
    actor: sql`actor`,
    device: NONE,
    detail: sql`json_object('id', id, 'state', state)`,
    where: sql`1`,
  })),
  {
    table: sql`deed`,
    number: ROWID,
    kind: sql`'verb'`,
    at: sql`at`,
    actor: sql`actor`,
    device: NONE,
    detail: sql`json_object('what', what)`,
    where: sql`1`,
  },
];
