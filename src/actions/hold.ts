import { z } from 'zod';
import type { Hold } from '../fleet/hold.ts';
import type { Action } from './action.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

export type ShownHold = ReturnType<typeof showHold>;

export interface HoldList {
  readonly items: readonly ShownHold[];
  readonly nextCursor: null;
}

const NoInput = z.strictObject({});

export const listHolds: Action<z.output<typeof NoInput>, HoldList> = {
  name: 'holds',
  summary: 'The holds in force.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/hold' },
  input: NoInput,
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
  async run({ devices, every }, ports, { actor }) {
    const released = await ports.holds.release({ selector: devices, every, actor });
    return { items: released.map(showHold), nextCursor: null };
  },
};

function showHold({ id, selector, reason, actor, sinceAt }: Hold) {
  return { id, devices: selector, reason, actor, since: rfc3339(sinceAt) };
}
