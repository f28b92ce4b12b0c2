import { z } from 'zod';
import type { Hold } from '../fleet/hold.ts';
import type { Action } from './action.ts';
import { allOf, components, Time } from './answers.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const NoInput = z.strictObject({});

export const ShownHold = z
  .strictObject({
    id: z.string(),
    devices: z.string().nullable(),
    reason: z.string(),
    actor: z.string(),
    since: Time,
  })
  .register(components, { id: 'Hold' });
export type ShownHold = z.output<typeof ShownHold>;

export const HoldList = allOf(ShownHold);
export type HoldList = z.output<typeof HoldList>;

export const listHolds: Action<z.output<typeof NoInput>, HoldList> = {
  name: 'holds',
  summary: 'The holds in force.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/hold' },
  input: NoInput,
  answer: HoldList,
  async run(_input, ports) {
    return { items: ports.holds.list().map(showHold), nextCursor: null };
  },
};

const PlaceInput = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; the whole fleet where absent.'),
  reason: z.string().min(1).max(500).default('no reason given'),
});

export const placeHold: Action<z.output<typeof PlaceInput>, ShownHold> = {
  name: 'hold',
  summary: 'Stop every write and every macro at once, for all devices or for a selector.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/hold' },
  input: PlaceInput,
  answer: ShownHold,
  async run({ devices, reason }, ports, { actor }) {
    selectDevices(ports.fleet(), devices);
    return showHold(await ports.holds.place({ selector: devices, reason, actor }));
  },
};

const ReleaseInput = z.strictObject({
  devices: z
    .string()
    .nullable()
    .default(null)
    .describe('The selector of the hold to release; the one over the whole fleet where absent.'),
  every: z.boolean().default(false).describe('Release every hold.'),
});

export const releaseHold: Action<z.output<typeof ReleaseInput>, HoldList> = {
  name: 'hold.release',
  summary: 'Release holds; answers those that were released.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/hold/release' },
  input: ReleaseInput,
  answer: HoldList,
  async run({ devices, every }, ports, { actor }) {
    const released = await ports.holds.release({ selector: devices, every, actor });
    return { items: released.map(showHold), nextCursor: null };
  },
};

function showHold({ id, selector, reason, actor, sinceAt }: Hold) {
  return { id, devices: selector, reason, actor, since: rfc3339(sinceAt) };
}
