import { z } from 'zod';
import { placeOf, recordsPage } from '../feedback/records.ts';
import { type SensorName, UNITS } from '../feedback/sensor.ts';
import type { Action } from './action.ts';
import { components, pageOf, Time } from './answers.ts';
import { rfc3339 } from './present.ts';
import { nextCursor, recordQuery, recordShape } from './record-query.ts';

const Input = z.strictObject({
  device: z.string(),
  sensor: z
    .enum(
      ['temperature', 'humidity', 'air-quality', 'ambient-noise', 'sound-level'],
      'expected temperature, humidity, air-quality, ambient-noise or sound-level',
    )
    .nullable()
    .default(null)
    .describe('Only this one.'),
  hourly: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe('Hours with least, greatest and mean value instead of single values.'),
  ...recordShape,
  since: recordShape.since.default('24h'),
});

export const ShownMeasurement = z
  .strictObject({
    sensor: z.string(),
    source: z.string().describe("`device`, or `peripheral:1001` by the device's own id of it."),
    unit: z.string(),
    at: Time.describe('When it showed the value first, or the beginning of the hour.'),
    value: z.number().describe("The value, or the hour's mean."),
    hour: z
      .strictObject({
        samples: z.int(),
        min: z.number(),
        max: z.number(),
      })
      .nullable(),
  })
  .register(components, { id: 'Measurement' });
export type ShownMeasurement = z.output<typeof ShownMeasurement>;

export const SensorList = pageOf(ShownMeasurement);
export type SensorList = z.output<typeof SensorList>;

export const listSensors: Action<z.output<typeof Input>, SensorList> = {
  name: 'sensors',
  summary:
    'What the sensors of a device, and of what is attached to it, showed, newest first; a value stands until the next.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/sensors' },
  input: Input,
  answer: SensorList,
  async run({ sensor, hourly, ...input }, ports, _caller, options) {
    const query = await recordQuery(input, ports, options);
    const asked = { ...query, ...(sensor === null ? {} : { sensors: [sensor] }) };
    const { items, last } = hourly ? await hours(ports, asked, options) : await values(ports, asked, options);
    return { items, nextCursor: nextCursor(items.length < query.limit ? null : last) };
  },
};

type Asked = Parameters<typeof recordsPage>[2];
type Run = Parameters<typeof listSensors.run>;

async function values({ scoped: { database } }: Run[1], asked: Asked, options: Run[3]) {
  const rows = await recordsPage(database, 'measurement', asked, options);
  const last = rows.at(-1);
  return {
    items: rows.map(({ sensor, source, at, value }): ShownMeasurement => {
      return { sensor, source, unit: unitOf(sensor), at: rfc3339(at), value, hour: null };
    }),
    last: last === undefined ? null : placeOf('measurement', last),
  };
}

async function hours({ scoped: { database } }: Run[1], asked: Asked, options: Run[3]) {
  const rows = await recordsPage(database, 'measurement_hour', asked, options);
  const last = rows.at(-1);
  return {
    items: rows.map(({ sensor, source, hour_at, samples, min, max, mean }): ShownMeasurement => {
      const at = rfc3339(hour_at);
      return { sensor, source, unit: unitOf(sensor), at, value: mean, hour: { samples, min, max } };
    }),
    last: last === undefined ? null : placeOf('measurement_hour', last),
  };
}

function unitOf(sensor: string): string {
  return UNITS[sensor as SensorName] ?? '';
}
