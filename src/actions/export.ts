import type { Selectable } from 'kysely';
import { z } from 'zod';
import { exportRows } from '../feedback/export-pages.ts';
import { instantOf } from '../fleet/local-time.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Tables } from '../storage/tables.ts';
import type { Action } from './action.ts';
import { allOf, Time } from './answers.ts';
import { ShownBooking } from './bookings.ts';
import { ShownCall } from './calls.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { type Row, Rows } from './rows.ts';
import { selectDevices } from './select-devices.ts';
import { formatShape, spanOf, spanShape, UtilisationRow, utilisation } from './utilisation.ts';

export const EXPORTED = ['presence', 'calls', 'bookings', 'utilisation'] as const;

const Input = z.strictObject({ kind: z.enum(EXPORTED), ...spanShape, ...formatShape });
type ExportInput = z.output<typeof Input>;

const Presence = z.strictObject({
  device: z.string(),
  from: Time,
  to: Time.nullable(),
  state: z.enum(['yes', 'no', 'unknown']),
  maxCount: z.int().nullable(),
  source: z.string(),
});
const Call = z.strictObject({ ...ShownCall.shape, device: z.string() });
const Booking = z.strictObject({ ...ShownBooking.shape, device: z.string() });

export const exportRecords: Action<ExportInput, Rows> = {
  name: 'export',
  summary:
    'Presence, calls, bookings or hourly utilisation of each device as CSV or JSON Lines, device by device in order of time; streams.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/export/:kind' },
  input: Input,
  answer: allOf(z.union([Presence, Call, Booking, UtilisationRow])),
  streams: 'rows',
  async run(input, ports, caller, options) {
    const { kind, since, until, devices, format } = input;
    if (kind === 'utilisation') {
      const wholly = { bucket: 'hour', by: 'device', timezone: null, hours: null, days: null } as const;
      return utilisation.run({ since, until, devices, format, ...wholly }, ports, caller, options);
    }
    return new Rows(['device', ...Object.keys(FIELDS[kind])], recordsOf(input, kind, ports, options), format);
  },
};

type RecordKind = Exclude<ExportInput['kind'], 'utilisation'>;

/** Of each device by its own clock, where the time is one on the wall. */
async function* recordsOf(
  input: ExportInput,
  kind: RecordKind,
  ports: Ports,
  options: AbortOptions,
): AsyncGenerator<Row> {
  const asked = spanOf(input, ports.now(), { zone: null, bucket: null });
  const fields = Object.entries(FIELDS[kind]);
  for (const { name, timezone } of selectDevices(ports.fleet(), input.devices)) {
    const id = ports.deviceId(name);
    if (id === null) continue;
    const span = { deviceId: id, from: instantOf(asked.from, timezone), to: instantOf(asked.to, timezone) };
    for await (const row of exportRows(ports.scoped.database, TABLES[kind], span, options))
      yield {
        device: name,
        ...Object.fromEntries(fields.map(([field, read]) => [field, read(row as AnyRow)])),
      };
  }
}

const TABLES = { presence: 'presence', calls: 'call', bookings: 'booking' } as const;

type AnyRow = Selectable<Tables['presence']> & Selectable<Tables['call']> & Selectable<Tables['booking']>;
/** How each field of a row that is exported is read. */
type Fields<Table extends keyof Tables, Exported extends Row> = {
  readonly [Name in Exclude<keyof Exported, 'device'>]: (row: Selectable<Tables[Table]>) => Exported[Name];
};

const FIELDS: {
  readonly presence: Fields<'presence', z.output<typeof Presence>>;
  readonly calls: Fields<'call', z.output<typeof Call>>;
  readonly bookings: Fields<'booking', z.output<typeof Booking>>;
} = {
  presence: {
    from: ({ from_at }) => rfc3339(from_at),
    to: ({ to_at }) => rfc3339(to_at),
    state: ({ state }) => state,
    maxCount: ({ max_count }) => max_count,
    source: ({ source }) => source,
  },
  calls: {
    callId: ({ call_id }) => call_id,
    direction: ({ direction }) => direction,
    protocol: ({ protocol }) => protocol,
    state: ({ state }) => state,
    startedAt: ({ started_at }) => rfc3339(started_at),
    isStartKnown: ({ is_start_known }) => is_start_known === 1,
    connectedAt: ({ connected_at }) => rfc3339(connected_at),
    endedAt: ({ ended_at }) => rfc3339(ended_at),
    isEndKnown: ({ is_end_known }) => is_end_known === 1,
    outcome: ({ outcome }) => outcome,
    causeType: ({ cause_type }) => cause_type,
    cause: ({ cause }) => cause,
    durationSeconds: ({ duration_s }) => duration_s,
    remote: ({ remote }) => remote,
    remoteForm: ({ remote_form }) => remote_form,
    peopleAverage: ({ people_average }) => people_average,
  },
  bookings: {
    bookingId: ({ booking_id }) => booking_id,
    meetingId: ({ meeting_id }) => meeting_id,
    organizer: ({ organizer }) => organizer,
    organizerForm: ({ organizer_form }) => organizer_form,
    startAt: ({ start_at }) => rfc3339(start_at),
    endAt: ({ end_at }) => rfc3339(end_at),
    beganAt: ({ began_at }) => rfc3339(began_at),
    endedAt: ({ ended_at }) => rfc3339(ended_at),
    extendedTimes: ({ extended_times }) => extended_times,
    state: ({ state }) => state,
  },
};
