import { z } from 'zod';
import { EVENT_KINDS } from '../feedback/event.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { eventBounds, readEvents, type StoredEvent } from '../storage/events.ts';
import type { Action } from './action.ts';
import { components, Time } from './answers.ts';
import { kindsIn } from './kinds.ts';
import { noDevice } from './no-device.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const Input = z.strictObject({
  after: z
    .union([z.literal('now'), z.coerce.number().int().min(0)])
    .default(0)
    .describe('Only events after this one (`seq`), or `now`: only what is still to come.'),
  device: z.string().nullable().default(null),
  kinds: z
    .string()
    .nullable()
    .default(null)
    .describe(`Kinds, with commas between them: ${EVENT_KINDS.join(', ')}.`),
  limit: z.coerce.number().int().min(1).max(1_000).default(200).describe('Of the list; a stream takes none.'),
});

export type EventQuery = z.output<typeof Input>;

export const ShownEvent = z
  .strictObject({
    device: z.string().nullable(),
    receivedAt: Time,
    deviceAt: Time.nullable(),
    seq: z.int(),
    kind: z.string(),
    path: z.string().nullable().describe('Canonical path where there is one.'),
    payload: z.unknown().describe('Anything that JSON can hold.'),
    source: z.string().describe('`webhook`, `session`, `sweep`, `roomd`.'),
  })
  .register(components, { id: 'Event' });
export type ShownEvent = z.output<typeof ShownEvent>;

export const EventList = z.strictObject({
  items: z.array(ShownEvent).readonly(),
  nextCursor: z
    .string()
    .nullable()
    .describe('Give it as `after` for the next page; null where there is none now.'),
});
export type EventList = z.output<typeof EventList>;

export const listEvents: Action<EventQuery, EventList> = {
  name: 'events',
  summary: 'What happened, in order; as server-sent events where the client accepts text/event-stream.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/events' },
  input: Input,
  answer: EventList,
  streams: 'events',
  async run({ after: given, device, kinds, limit }, ports, _caller, options) {
    const only = kindsIn(kinds, EVENT_KINDS);
    const after = given === 'now' ? (await eventBounds(ports.scoped.database, options)).last : given;
    const { deviceIds } = ports.scoped;
    const events = await readEvents(
      ports.scoped.database,
      {
        afterSeq: after,
        limit,
        ...(device === null ? {} : { deviceId: idOf(ports, device) }),
        ...(deviceIds === null ? {} : { deviceIds: [...deviceIds] }),
        ...(only === null ? {} : { kinds: [...only] }),
      },
      options,
    );
    const names = deviceNames(ports);
    return {
      items: events.map((event) => showEvent(event, names)),
      nextCursor: events.length < limit ? null : String(events.at(-1)?.seq ?? after),
    };
  },
};

function idOf(ports: Ports, name: string): number {
  const id = ports.deviceId(name);
  if (id === null) throw noDevice(ports, name);
  return id;
}

/** Names of the file's devices by roomd's own id. */
export function deviceNames(ports: Pick<Ports, 'fleet' | 'deviceId'>): ReadonlyMap<number | null, string> {
  const fleet = ports.fleet();
  const known = NAMES.get(fleet);
  if (known !== undefined) return known;
  const names = new Map(fleet.devices.map(({ name }) => [ports.deviceId(name), name]));
  if (!names.has(null)) NAMES.set(fleet, names);
  return names;
}

/** Made once for each fleet that is in force, when all its devices are on record. */
const NAMES = new WeakMap<Fleet, ReadonlyMap<number | null, string>>();

export function showEvent(event: StoredEvent, names: ReadonlyMap<number | null, string>): ShownEvent {
  const { deviceId, receivedAt, deviceAt, ...rest } = event;
  return {
    ...rest,
    device: names.get(deviceId) ?? null,
    receivedAt: rfc3339(receivedAt),
    deviceAt: rfc3339(deviceAt),
  };
}
