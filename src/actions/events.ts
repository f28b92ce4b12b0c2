import { z } from 'zod';
import type { AbortOptions } from '../lib/abort.ts';
import { latestSeq, readEvents, type StoredEvent } from '../storage/events.ts';
import { type Action, ActionError } from './action.ts';
import { Time } from './answers.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const Input = z.strictObject({
  after: z
    .literal('latest')
    .or(z.coerce.number().int().min(0))
    .default(0)
    .describe('Only events after this one (`seq`); `latest`: only what has not happened yet.'),
  device: z.string().nullable().default(null),
  kinds: z.string().nullable().default(null).describe('Kinds, with commas between them.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

export type EventQuery = z.output<typeof Input>;

export const ShownEvent = z.strictObject({
  device: z.string().nullable(),
  receivedAt: Time,
  deviceAt: Time.nullable(),
  seq: z.int(),
  kind: z.string(),
  path: z.string().nullable().describe('Canonical path where there is one.'),
  payload: z.unknown().describe('Anything that JSON can hold.'),
  source: z.string().describe('`webhook`, `session`, `sweep`, `roomd`.'),
});
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
  http: { method: 'GET', path: '/events' },
  input: Input,
  answer: EventList,
  streams: 'events',
  async run({ after, device, kinds, limit }, ports, _caller, options) {
    const afterSeq = await seqOf(after, ports, options);
    const events = await readEvents(
      ports.database,
      {
        afterSeq,
        limit,
        ...(device === null ? {} : { deviceId: idOf(ports, device) }),
        ...(kinds === null ? {} : { kinds: kinds.split(',').map((kind) => kind.trim()) }),
      },
      options,
    );
    const names = new Map(ports.devices().flatMap(({ name }) => [[ports.deviceId(name), name] as const]));
    return {
      items: events.map((event) => showEvent(event, names)),
      nextCursor: events.length < limit ? null : String(events.at(-1)?.seq ?? afterSeq),
    };
  },
};

/** The event after which an asker wants to hear. */
export async function seqOf(
  after: EventQuery['after'],
  { database }: Pick<Ports, 'database'>,
  options: AbortOptions,
): Promise<number> {
  return after === 'latest' ? await latestSeq(database, options) : after;
}

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
