import { z } from 'zod';
import { presenceHistory } from '../feedback/presence-store.ts';
import { type Action, ActionError } from './action.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const NowInput = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
});

export interface PresenceNow {
  readonly items: readonly {
    readonly device: string;
    readonly state: 'yes' | 'no' | 'unknown';
    readonly count: number | null;
    readonly since: string | null;
  }[];
  readonly nextCursor: null;
}

export const presenceNow: Action<z.output<typeof NowInput>, PresenceNow> = {
  name: 'presence',
  summary: 'Who-is-there now, never who: People Presence and people count of each device.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/presence' },
  input: NowInput,
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
  device: z.string(),
  from: Instant,
  to: Instant,
});

export interface PresenceHistory {
  readonly items: readonly {
    readonly from: string;
    readonly to: string | null;
    readonly state: 'yes' | 'no' | 'unknown';
    readonly maxCount: number | null;
    readonly source: string;
  }[];
  readonly nextCursor: null;
}

export const presencePast: Action<z.output<typeof HistoryInput>, PresenceHistory> = {
  name: 'presence.history',
  summary: 'Presence of one device as half-open intervals, clipped to the span asked for.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/presence/history' },
  input: HistoryInput,
  async run({ device, from, to }, ports, _caller, options) {
    const deviceId = ports.deviceId(device);
    if (deviceId === null) throw new ActionError('not-found', `no device is called "${device}"`);
    if (to <= from) throw new ActionError('bad-input', '"to" must be later than "from"');
    const intervals = await presenceHistory(
      ports.scoped.database,
      { deviceId, from, to, now: ports.now() },
      options,
    );
    return {
      items: intervals.map((interval) => ({
        from: rfc3339(interval.from),
        to: rfc3339(interval.to),
        state: interval.state,
        maxCount: interval.maxCount,
        source: interval.source,
      })),
      nextCursor: null,
    };
  },
};
