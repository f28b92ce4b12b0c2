import { z } from 'zod';
import { readEvents, type StoredEvent } from '../storage/events.ts';
import { type Action, ActionError } from './action.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const Input = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('Only events after this one (`seq`).'),
  device: z.string().nullable().default(null),
  kinds: z.string().nullable().default(null).describe('Kinds, with commas between them.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

export type EventQuery = z.output<typeof Input>;

export interface EventList {
  readonly items: readonly ShownEvent[];
  /** Give it as `after` for the next page; null where there is none now. */
  readonly nextCursor: string | null;
}

export type ShownEvent = ReturnType<typeof showEvent>;

export const listEvents: Action<EventQuery, EventList> = {
  name: 'events',
  summary: 'What happened, in order; as server-sent events where the client accepts text/event-stream.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/events' },
  input: Input,
  async run({ after, device, kinds, limit }, ports, _caller, options) {
    const { deviceIds } = ports.scoped;
    const events = await readEvents(
      ports.scoped.database,
      {
        afterSeq: after,
        limit,
        ...(device === null ? {} : { deviceId: idOf(ports, device) }),
        ...(deviceIds === null ? {} : { deviceIds: [...deviceIds] }),
        ...(kinds === null ? {} : { kinds: kinds.split(',').map((kind) => kind.trim()) }),
      },
      options,
    );
    const names = new Map(ports.devices().flatMap(({ name }) => [[ports.deviceId(name), name] as const]));
    return {
      items: events.map((event) => showEvent(event, names)),
      nextCursor: events.length < limit ? null : String(events.at(-1)?.seq ?? after),
    };
  },
};

function idOf(ports: Ports, name: string): number {
  const id = ports.deviceId(name);
  if (id === null) throw new ActionError('not-found', `no device is called "${name}"`);
  return id;
}

function showEvent(event: StoredEvent, names: ReadonlyMap<number | null, string>) {
  const { deviceId, receivedAt, deviceAt, ...rest } = event;
  return {
    ...rest,
    device: names.get(deviceId) ?? null,
    receivedAt: rfc3339(receivedAt),
    deviceAt: rfc3339(deviceAt),
  };
}
