import { z } from 'zod';
import type { ErasureCounts } from '../feedback/erase.ts';
import { instantOf, readDay } from '../fleet/local-time.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { type Action, ActionError } from './action.ts';
import { Time } from './answers.ts';
import { auditedDeviceId, momentOf } from './history.ts';
import type { RecordSpan } from './ports/records.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const Input = z.strictObject({
  name: z.string(),
  day: z
    .string()
    .nullable()
    .default(null)
    .describe("One day, such as `2026-03-01`, from midnight to midnight on the device's own clock."),
  before: z
    .string()
    .nullable()
    .default(null)
    .describe('All before: how long ago, such as `90d`, or a time such as `2026-03-01T08:00:00Z`.'),
});

export type EraseInput = z.output<typeof Input>;

export const Erased = z.strictObject({
  device: z.string(),
  from: Time.nullable().describe('The span of time; null: as far as the record goes.'),
  to: Time.nullable(),
  rows: z
    .strictObject({
      presence: z.int(),
      people_count: z.int(),
      call: z.int(),
      booking: z.int(),
      span: z.int(),
      measurement: z.int(),
      measurement_hour: z.int(),
      utilisation: z.int(),
      event: z.int(),
    })
    .describe('Rows by kind that go.'),
});
export type Erased = z.output<typeof Erased>;

export const countErased: Action<EraseInput, Erased> = {
  name: 'erase.count',
  summary: 'How much `erase` would take away; erases nothing.',
  role: 'admin',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/erase/count' },
  input: Input,
  answer: Erased,
  async run(input, ports, _caller, options) {
    const span = await spanOf(input, ports, options);
    return shown(input.name, span, await ports.records.count(span, options));
  },
};

export const eraseRecords: Action<EraseInput, Erased> = {
  name: 'erase',
  summary:
    'Erases what was recorded of a device, of one day of it or of all before a time: events, presence, people counts, calls, bookings, sensors, spans, utilisation. That it was erased stays on record.',
  role: 'admin',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/erase' },
  input: Input,
  answer: Erased,
  async run(input, ports, { actor }, options) {
    const span = await spanOf(input, ports, options);
    return shown(input.name, span, await ports.records.erase(span, actor, options));
  },
};

async function spanOf(
  { name, day, before }: EraseInput,
  ports: Ports,
  options: AbortOptions,
): Promise<RecordSpan> {
  const deviceId = await auditedDeviceId(ports, name, options);
  if (day !== null && before !== null)
    throw new ActionError('bad-input', 'write a day or a time before which all goes, one of the two');
  if (before !== null) return { deviceId, from: null, to: momentOf(before, ports.now()) };
  if (day === null) return { deviceId, from: null, to: null };
  const wall = readDay(day);
  if (wall === null) throw new ActionError('bad-input', `"${day}" is no day: write it as 2026-03-01`);
  // A device that the file no longer names has no clock that roomd knows of.
  const timezone = ports.fleet().devices.find((device) => device.name === name)?.timezone ?? 'Etc/UTC';
  const at = (wallTime: number) => instantOf({ kind: 'wall', wall: wallTime }, timezone);
  return { deviceId, from: at(wall), to: at(wall + DAY_MS) };
}

const DAY_MS = 86_400_000;

function shown(device: string, { from, to }: RecordSpan, rows: ErasureCounts): Erased {
  return { device, from: rfc3339(from), to: rfc3339(to), rows };
}
