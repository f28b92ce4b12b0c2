import { z } from 'zod';
import type { Action } from './action.ts';
import { auditedDeviceId, momentOf } from './history.ts';

const Input = z.strictObject({
  since: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'From when on: how long ago, such as `7d`, or a time such as `2026-03-01T08:00:00Z`; all that is kept where absent.',
    ),
  device: z.string().nullable().default(null).describe('All devices where absent.'),
});

export const Replayed = z.strictObject({
  devices: z.int(),
});
export type Replayed = z.output<typeof Replayed>;

export const replay: Action<z.output<typeof Input>, Replayed> = {
  name: 'replay',
  summary:
    'Makes presence, calls, bookings, sensors and spans again from the events that are kept; what older events told stays as it is.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/replay' },
  input: Input,
  answer: Replayed,
  deed: ({ device, since }) =>
    `made the records of ${device ?? 'all devices'} again${since === null ? '' : ` since ${since}`}`,
  async run({ since, device }, ports, _caller, options) {
    const devices = await ports.records.rebuild({
      ...(since === null ? {} : { since: momentOf(since, ports.now()) }),
      ...(device === null ? {} : { deviceId: await auditedDeviceId(ports, device, options) }),
    });
    return { devices };
  },
};
