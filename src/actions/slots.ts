import { z } from 'zod';
import { type Action, ActionError } from './action.ts';
import type { DeviceSlots } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const Selector = z.string().nullable().default(null).describe('Selector; all devices where absent.');

const ListInput = z.strictObject({
  devices: Selector,
  fresh: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
    .default(false)
    .describe('Reads every device now, instead of showing what was read last.'),
});

export type ShownSlots = ReturnType<typeof showSlots>;

export interface SlotList {
  readonly items: readonly ShownSlots[];
  readonly nextCursor: null;
}

export const listSlots: Action<z.output<typeof ListInput>, SlotList> = {
  name: 'slots',
  summary: 'The feedback slots of each device: whose they are, how they stand and what they post.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/slots' },
  input: ListInput,
  async run({ devices, fresh }, ports, _caller, options) {
    const chosen = selectDevices(ports.fleet(), devices);
    const found = await ports.slots.list(chosen, { fresh }, options);
    return { items: found.map(showSlots), nextCursor: null };
  },
};

const RotateInput = z.strictObject({ devices: Selector });

export interface RotatedSlots {
  readonly items: readonly {
    readonly device: string;
    readonly isBegun: boolean;
    /** Why not; null where it is. */
    readonly reason: string | null;
  }[];
}

export const rotateSlots: Action<z.output<typeof RotateInput>, RotatedSlots> = {
  name: 'slots.rotate',
  summary:
    'Gives devices another token to post with; the one before is accepted until the new one is proven.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/slots/rotate' },
  input: RotateInput,
  async run({ devices }, ports, { actor }) {
    const { rotate } = ports.slots;
    if (rotate === undefined)
      throw new ActionError('conflict', 'this needs a running daemon: start it with `roomd run`');
    const rotated = await rotate(selectDevices(ports.fleet(), devices), actor);
    return { items: rotated.map(({ name, ...verdict }) => ({ device: name, ...verdict })) };
  },
};

function showSlots({ name, seenAt, lastPostAt, token, ...rest }: DeviceSlots) {
  return {
    device: name,
    ...rest,
    seenAt: rfc3339(seenAt),
    lastPostAt: rfc3339(lastPostAt),
    token:
      token === null ? null : { ...token, since: rfc3339(token.since), provenAt: rfc3339(token.provenAt) },
  };
}
