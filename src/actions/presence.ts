import { z } from 'zod';
import type { PresenceInterval } from '../feedback/presence.ts';
import { presenceHistory } from '../feedback/presence-store.ts';
import { type Action, ActionError } from './action.ts';
import { pageOf, Time } from './answers.ts';
import { CursorInput, placeIn, writeCursor } from './cursor.ts';
import { noDevice } from './no-device.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const NowInput = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
});

export const PresenceNow = z.strictObject({
  items: z
    .array(
      z.strictObject({
        device: z.string(),
        state: z.enum(['yes', 'no', 'unknown']),
        count: z.int().nullable(),
        since: Time.nullable(),
      }),
    )
    .readonly(),
  nextCursor: z.null(),
});
export type PresenceNow = z.output<typeof PresenceNow>;

export const presenceNow: Action<z.output<typeof NowInput>, PresenceNow> = {
  name: 'presence',
  summary: 'Who-is-there now, never who: People Presence and people count of each device.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/presence' },
  input: NowInput,
  answer: PresenceNow,
  async run({ devices }, ports) {
    const wanted = new Set(selectDevices(ports.fleet(), devices).map(({ name }) => name));
    const items = ports
      .devices()
      .filter(({ name }) => wanted.has(name))
      .map(({ name, presence }) => ({
        device: name,
        state: presence.state,
        count: presence.count,
        since: rfc3339(presence.since),
      }));
    return { items, nextCursor: null };
  },
};

const Instant = z.iso
  .datetime({ offset: true, error: 'expected a time such as 2026-03-01T08:00:00Z' })
  .transform((text) => Date.parse(text));

const HistoryInput = z.strictObject({
  device: z.string().nullable().default(null).describe('One device.'),
  devices: z
    .string()
    .nullable()
    .default(null)
    .describe('Selector, for several; device by device in the order of names.'),
  from: Instant,
  to: Instant,
  limit: z.coerce.number().int().min(1).max(10_000).default(5_000),
  cursor: CursorInput,
});

export const PresenceHistory = pageOf(
  z.strictObject({
    device: z.string(),
    from: Time,
    to: Time.nullable().describe('Null while it lasts.'),
    state: z.enum(['yes', 'no', 'unknown']),
    maxCount: z.int().nullable(),
    source: z.string(),
  }),
);
export type PresenceHistory = z.output<typeof PresenceHistory>;

export const presencePast: Action<z.output<typeof HistoryInput>, PresenceHistory> = {
  name: 'presence.history',
  summary: 'Presence of devices as half-open intervals, clipped to the span asked for.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/presence/history' },
  input: HistoryInput,
  answer: PresenceHistory,
  async run({ from, to, limit, cursor, ...which }, ports, _caller, options) {
    if (to <= from) throw new ActionError('bad-input', '"to" must be later than "from"');
    const [after, at] = placeIn(cursor, ORDER, Place) ?? [from, ''];
    const items: PresenceHistory['items'][number][] = [];
    for (const device of namesOf(which, ports)) {
      const deviceId = ports.deviceId(device);
      if (device < at || deviceId === null) continue;
      const span = { deviceId, from, to, now: ports.now() };
      for (const interval of await presenceHistory(ports.scoped.database, span, options))
        if (device !== at || interval.from > after) items.push(show(device, interval));
      if (items.length > limit) break;
    }
    const page = items.slice(0, limit);
    const last = page.at(-1);
    const hasMore = items.length > limit && last !== undefined;
    return {
      items: page,
      nextCursor: hasMore ? writeCursor([Date.parse(last.from), last.device], ORDER) : null,
    };
  },
};

const ORDER = 'device';

/** The begin of the last interval, and its device. */
const Place = z.tuple([z.int(), z.string()]);

/** @throws ActionError `bad-input`, `not-found` */
function namesOf(
  { device, devices }: { device: string | null; devices: string | null },
  ports: Ports,
): readonly string[] {
  if (device !== null && devices !== null)
    throw new ActionError('bad-input', 'give "device" or "devices", not both');
  if (device === null)
    return selectDevices(ports.fleet(), devices)
      .map(({ name }) => name)
      .sort();
  if (ports.deviceId(device) === null) throw noDevice(ports, device);
  return [device];
}

function show(device: string, { from, to, state, maxCount, source }: PresenceInterval) {
  return { device, from: rfc3339(from), to: rfc3339(to), state, maxCount, source };
}
