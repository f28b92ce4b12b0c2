import { z } from 'zod';
import { placeOf, type Recorded, recordsPage } from '../feedback/records.ts';
import type { Action } from './action.ts';
import { components, pageOf, Time } from './answers.ts';
import { rfc3339 } from './present.ts';
import { deviceShape, namesById, nextCursor, recordQuery, recordShape } from './record-query.ts';

const Kind = z.enum(
  ['in-use', 'standby', 'session', 'peripheral', 'diagnostic', 'software', 'reboot', 'capacity'],
  '--kinds (kinds) takes in-use, standby, session, peripheral, diagnostic, software, reboot, capacity, with commas between them',
);

const Input = z.strictObject({
  ...deviceShape,
  kinds: z
    .string()
    .nullable()
    .default(null)
    .transform((text) => text?.split(',').map((kind) => kind.trim()) ?? null)
    .pipe(z.array(Kind).nullable())
    .describe(
      '`in-use`, `standby`, `session`, `peripheral`, `diagnostic`, `software`, `reboot`, `capacity`, with commas between them.',
    ),
  ...recordShape,
});

export const ShownSpan = z
  .strictObject({
    device: z.string().nullable(),
    kind: z.enum([
      'session',
      'software',
      'standby',
      'in-use',
      'peripheral',
      'diagnostic',
      'reboot',
      'capacity',
    ]),
    key: z.string(),
    value: z.string(),
    from: Time,
    to: Time.nullable().describe('Null while it stands.'),
    isEndKnown: z.boolean().describe('False: nobody heard it end; it was last known to stand at `to`.'),
    detail: z.record(z.string(), z.string()).nullable(),
  })
  .register(components, { id: 'Span' });
export type ShownSpan = z.output<typeof ShownSpan>;

export const SpanList = pageOf(ShownSpan);
export type SpanList = z.output<typeof SpanList>;

export const listSpans: Action<z.output<typeof Input>, SpanList> = {
  name: 'spans',
  summary:
    'In use, standby, sessions, peripherals, Diagnostics, software, reboots and capacity as half-open intervals, newest first.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/spans' },
  input: Input,
  answer: SpanList,
  async run({ kinds, ...input }, ports, _caller, options) {
    const query = await recordQuery(input, ports, options);
    const names = await namesById(ports, options);
    const only = kinds === null ? {} : { kinds };
    const rows = await recordsPage(ports.scoped.database, 'span', { ...query, ...only }, options);
    const last = rows.length < query.limit ? undefined : rows.at(-1);
    return {
      items: rows.map((row) => showSpan(row, names)),
      nextCursor: nextCursor(last === undefined ? null : placeOf('span', last)),
    };
  },
};

function showSpan(row: Recorded<'span'>, names: ReadonlyMap<number, string>) {
  return {
    device: names.get(row.device_id) ?? null,
    kind: row.kind,
    key: row.key,
    value: row.value,
    from: rfc3339(row.from_at),
    /** Null while it stands. */
    to: rfc3339(row.to_at),
    /** False: nobody heard it end; it was last known to stand at `to`. */
    isEndKnown: row.is_end_known === 1,
    detail:
      row.detail_json === null ? null : (JSON.parse(row.detail_json) as Readonly<Record<string, string>>),
  };
}
