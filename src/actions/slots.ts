import { z } from 'zod';
import { type Action, ActionError } from './action.ts';
import { allOf, components, Time } from './answers.ts';
import type { DeviceSlots } from './ports/slots.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const Selector = z.string().nullable().default(null).describe('Selector; all devices where absent.');

const ListInput = z.strictObject({
  devices: Selector,
  fresh: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe('Reads every device now, instead of showing what was read last.'),
});

export const ShownSlots = z
  .strictObject({
    seenAt: Time.nullable(),
    lastPostAt: Time.nullable(),
    token: z
      .strictObject({
        since: Time,
        provenAt: Time.nullable(),
        isOldAccepted: z.boolean(),
      })
      .nullable(),
    reason: z.string().nullable(),
    slots: z
      .array(
        z.strictObject({
          number: z.int(),
          owner: z.enum(['roomd', 'another-roomd', 'tms', 'other', 'free']),
          origin: z
            .string()
            .nullable()
            .describe('Where it posts to, without the path, which may hold a secret.'),
          status: z.string().nullable(),
          format: z.string().nullable(),
          expressions: z.array(z.string()).readonly(),
        }),
      )
      .readonly()
      .describe('All four, or none where they are not known.'),
    device: z.string(),
  })
  .register(components, { id: 'DeviceSlots' });
export type ShownSlots = z.output<typeof ShownSlots>;

export const SlotList = allOf(ShownSlots);
export type SlotList = z.output<typeof SlotList>;

export const RotatedSlots = z.strictObject({
  items: z
    .array(
      z.strictObject({
        device: z.string(),
        isBegun: z.boolean(),
        reason: z.string().nullable().describe('Why not; null where it is.'),
      }),
    )
    .readonly(),
});
export type RotatedSlots = z.output<typeof RotatedSlots>;

export const listSlots: Action<z.output<typeof ListInput>, SlotList> = {
  name: 'slots',
  summary: 'The feedback slots of each device: whose they are, how they stand and what they post.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/slots' },
  input: ListInput,
  answer: SlotList,
  async run({ devices, fresh }, ports, _caller, options) {
    const chosen = selectDevices(ports.fleet(), devices);
    const found = await ports.slots.list(chosen, { fresh }, options);
    return { items: found.map(showSlots), nextCursor: null };
  },
};

const RotateInput = z.strictObject({ devices: Selector });

export const rotateSlots: Action<z.output<typeof RotateInput>, RotatedSlots> = {
  name: 'slots.rotate',
  summary:
    'Gives devices another token to post with; the one before is accepted until the new one is proven.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/slots/rotate' },
  input: RotateInput,
  answer: RotatedSlots,
  deed: ({ devices }, caller) =>
    `gave ${devices ?? caller.devices ?? 'all devices'} other tokens to post with`,
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
