import { z } from 'zod';
import { placeOf, type Recorded, recordsPage } from '../feedback/records.ts';
import type { Action } from './action.ts';
import { components, IdentityFormAnswer, pageOf, Time } from './answers.ts';
import { rfc3339 } from './present.ts';
import { deviceShape, namesById, nextCursor, recordQuery, recordShape } from './record-query.ts';

const Input = z.strictObject({ ...deviceShape, ...recordShape });

export const ShownCall = z
  .strictObject({
    device: z.string().nullable(),
    callId: z.string(),
    direction: z.enum(['incoming', 'outgoing']).nullable(),
    protocol: z.string().nullable(),
    state: z.string(),
    startedAt: Time,
    isStartKnown: z.boolean(),
    connectedAt: Time.nullable(),
    endedAt: Time.nullable().describe(
      'Where `isEndKnown` is false, the latest that it can have been; null while nobody knows that either.',
    ),
    isEndKnown: z.boolean(),
    outcome: z.enum(['unknown', 'missed', 'failed', 'connected']).nullable(),
    causeType: z.string().nullable(),
    cause: z.string().nullable(),
    durationSeconds: z.int().nullable(),
    remote: z.string().nullable(),
    remoteForm: IdentityFormAnswer,
    peopleAverage: z.number().nullable(),
  })
  .register(components, { id: 'Call' });
export type ShownCall = z.output<typeof ShownCall>;

export const CallList = pageOf(ShownCall);
export type CallList = z.output<typeof CallList>;

export const listCalls: Action<z.output<typeof Input>, CallList> = {
  name: 'calls',
  summary:
    'Calls of a device or of all, newest first; the other party only as far as `privacy:` lets it be kept.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/calls' },
  input: Input,
  answer: CallList,
  async run(input, ports, _caller, options) {
    const query = await recordQuery(input, ports, options);
    const names = await namesById(ports, options);
    const rows = await recordsPage(ports.scoped.database, 'call', query, options);
    const last = rows.length < query.limit ? undefined : rows.at(-1);
    return {
      items: rows.map((row) => showCall(row, names)),
      nextCursor: nextCursor(last === undefined ? null : placeOf('call', last)),
    };
  },
};

function showCall(row: Recorded<'call'>, names: ReadonlyMap<number, string>) {
  return {
    device: names.get(row.device_id) ?? null,
    callId: row.call_id,
    direction: row.direction,
    protocol: row.protocol,
    state: row.state,
    startedAt: rfc3339(row.started_at),
    isStartKnown: row.is_start_known === 1,
    connectedAt: rfc3339(row.connected_at),
    /** Where `isEndKnown` is false, the latest that it can have been; null while nobody knows that either. */
    endedAt: rfc3339(row.ended_at),
    isEndKnown: row.is_end_known === 1,
    outcome: row.outcome,
    causeType: row.cause_type,
    cause: row.cause,
    durationSeconds: row.duration_s,
    remote: row.remote,
    remoteForm: row.remote_form,
    peopleAverage: row.people_average,
  };
}
