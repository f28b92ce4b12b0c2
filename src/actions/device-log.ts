import { z } from 'zod';
import { lineOf, readMacroLog } from '../feedback/macro-log.ts';
import type { Action } from './action.ts';
import { Time } from './answers.ts';
import { viewOf } from './devices.ts';
import { momentOf } from './history.ts';
import { noDevice } from './no-device.ts';
import { rfc3339 } from './present.ts';

const MOST_LINES = 1_000;

const Input = z.strictObject({
  name: z.string(),
  since: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'What the daemon recorded since then, such as `2h` ago or a time in RFC 3339; without it the device is asked for what it holds.',
    ),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Of what was recorded only lines after this one (`seq`).'),
});

export const DeviceLogLine = z.strictObject({
  seq: z.int().nullable().describe('In the log of events; null for a line that the device was asked for.'),
  receivedAt: Time.nullable().describe('When roomd heard it, RFC 3339; null as above.'),
  level: z.string().describe("In the device's own words: `INFO`, `ERROR`."),
  macro: z.string(),
  message: z.string().describe("On one line and of a limited length, without the device's password."),
  offset: z.int().nullable().describe("The device's own number of the line; null where it tells none."),
  at: z
    .string()
    .nullable()
    .describe("The device's own time of it, as it wrote it; null where it tells none."),
  leftOut: z.int().describe('Lines right before it that were not kept because too many came.'),
});
export type DeviceLogLine = z.output<typeof DeviceLogLine>;

export const DeviceLog = z.strictObject({
  name: z.string(),
  source: z.enum(['record', 'device']).describe('`device`: asked just now; `record`: heard by the daemon.'),
  lines: z.array(DeviceLogLine).readonly(),
});
export type DeviceLog = z.output<typeof DeviceLog>;

export const deviceLog: Action<z.output<typeof Input>, DeviceLog> = {
  name: 'device.log',
  summary: 'What the macros on a device wrote to its log: as the device holds it, or as it was recorded.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/log' },
  input: Input,
  answer: DeviceLog,
  async run({ name, since, after }, ports, _caller, options) {
    viewOf(ports, name);
    if (since === null) {
      const { lines, secret } = await ports.macroLog(name, options);
      const shown = lines.map((line) => ({
        ...lineOf(line, secret),
        leftOut: 0,
        seq: null,
        receivedAt: null,
      }));
      return { name, source: 'device', lines: shown.slice(-MOST_LINES) };
    }
    const deviceId = ports.deviceId(name);
    if (deviceId === null) throw noDevice(ports, name);
    const recorded = await readMacroLog(ports.scoped.database, {
      deviceId,
      since: momentOf(since, ports.now()),
      limit: MOST_LINES,
    });
    return {
      name,
      source: 'record',
      lines: recorded
        .filter(({ seq }) => seq > after)
        .map(({ seq, receivedAt, line }) => ({ ...line, seq, receivedAt: rfc3339(receivedAt) })),
    };
  },
};
