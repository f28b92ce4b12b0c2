import { type RawBuilder, sql } from 'kysely';

/** Kinds of events that are shown as they stand; those that others derive from are shown as intervals. */
const EVENT_KINDS = [
  'configuration',
  'event',
  'slot',
  'slot-token',
  'flood',
  'write',
  'run',
  'fight',
  'trust',
  'retire',
  'macro-log',
  'alert',
  'maintenance',
] as const;

/** What the timeline can hold. */
export const TIMELINE_KINDS = [
  'presence',
  'call',
  'booking',
  'in-use',
  'standby',
  'session',
  'software',
  'reboot',
  'diagnostic',
  'peripheral',
  'gap',
  'hold',
  ...EVENT_KINDS,
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** Where items come from; its place in the list is part of the order of the timeline. */
export interface TimelineSource {
  readonly name: string;
  readonly kinds: readonly TimelineKind[];
  /** A table, or a select in brackets, that has `device_id` unless it concerns all devices. */
  readonly table: RawBuilder<unknown>;
  readonly number: RawBuilder<unknown>;
  readonly kind: RawBuilder<unknown>;
  readonly at: RawBuilder<unknown>;
  /** Null for what is a moment. */
  readonly until: RawBuilder<unknown> | null;
  readonly detail: RawBuilder<unknown>;
  readonly where: RawBuilder<unknown>;
  /** Whether it concerns one device by its column, or devices by their selectors. */
  readonly by: 'device' | 'selector';
}

/** Also the condition of the index `event_for_timeline`: written alike, so that it is used. */
export const SHOWN_EVENTS = sql.raw(`kind IN (${EVENT_KINDS.map((kind) => `'${kind}'`).join(', ')})`);

/** Events that calls, bookings, reboots and the macro log tell of already. */
const TOLD_ELSEWHERE = sql.raw(
  `NOT (kind = 'event' AND path IN ('OutgoingCallIndication', 'IncomingCallIndication', 'CallSuccessful', 'CallDisconnect', 'BootEvent', 'Bookings', 'Bookings.Start', 'Bookings.End', 'Bookings.TimeRemaining', 'Bookings.Updated'))`,
);

export const TIMELINE_SOURCES: readonly TimelineSource[] = [
  {
    name: 'gap',
    kinds: ['gap'],
    // It ends where the device was heard again, unless it was known from the start.
    table: sql`(SELECT seq, device_id, payload_json, payload_json ->> '$.from' AS from_at,
      coalesce(payload_json ->> '$.to', (SELECT heard.received_at FROM event AS heard
        WHERE heard.device_id = gap.device_id AND heard.seq > gap.seq AND heard.source <> 'roomd'
        ORDER BY heard.seq LIMIT 1)) AS to_at
      FROM event AS gap WHERE kind = 'gap')`,
    number: sql`seq`,
    kind: sql`'gap'`,
    at: sql`from_at`,
    until: sql`to_at`,
    detail: sql`json_object('reason', payload_json ->> '$.reason', 'isOutage', payload_json ->> '$.isOutage')`,
    where: sql`1`,
    by: 'device',
  },
  {
    name: 'hold',
    kinds: ['hold'],
    table: sql`hold`,
    number: sql`rowid`,
    kind: sql`'hold'`,
    at: sql`since_at`,
    until: sql`released_at`,
    detail: sql`json_object('reason', reason, 'actor', actor, 'selector', selector)`,
    where: sql`1`,
    by: 'selector',
  },
  {
    name: 'booking',
    kinds: ['booking'],
    table: sql`booking`,
    number: sql`id`,
    kind: sql`'booking'`,
    at: sql`start_at`,
    until: sql`coalesce(ended_at, end_at)`,
    detail: sql`json_object('state', state, 'meetingId', meeting_id, 'extendedTimes', extended_times, 'organizer', organizer)`,
    where: sql`1`,
    by: 'device',
  },
  {
    name: 'presence',
    kinds: ['presence'],
    table: sql`presence`,
    number: sql`id`,
    kind: sql`'presence'`,
    at: sql`from_at`,
    until: sql`to_at`,
    detail: sql`json_object('state', state, 'maxCount', max_count, 'source', source)`,
    where: sql`1`,
    by: 'device',
  },
  {
    name: 'call',
    kinds: ['call'],
    table: sql`call`,
    number: sql`id`,
    kind: sql`'call'`,
    at: sql`started_at`,
    until: sql`ended_at`,
    detail: sql`json_object('direction', direction, 'protocol', protocol, 'state', state, 'outcome', outcome, 'cause', cause, 'durationSeconds', duration_s, 'remote', remote, 'isEndKnown', is_end_known)`,
    where: sql`1`,
    by: 'device',
  },
  {
    name: 'span',
    kinds: ['in-use', 'standby', 'session', 'software', 'reboot', 'diagnostic', 'peripheral'],
    table: sql`span`,
    number: sql`id`,
    kind: sql`kind`,
    at: sql`from_at`,
    until: sql`to_at`,
    detail: sql`json_object('key', "key", 'value', value, 'isEndKnown', is_end_known, 'more', json(detail_json))`,
    where: sql`1`,
    by: 'device',
  },
  {
    name: 'event',
    kinds: EVENT_KINDS,
    table: sql`event`,
    number: sql`seq`,
    kind: sql`kind`,
    at: sql`received_at`,
    until: null,
    detail: sql`json_object('path', path, 'source', source, 'payload', json(payload_json))`,
    where: sql`${SHOWN_EVENTS} AND ${TOLD_ELSEWHERE}`,
    by: 'device',
  },
];
