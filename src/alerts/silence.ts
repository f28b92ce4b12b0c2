import { isWindowOpen } from '../fleet/campaign/windows.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { instantOf } from '../fleet/local-time.ts';
import { matches } from '../fleet/selector.ts';
import { firesAt, readSchedule, type Schedule } from '../lib/cron.ts';
import { type ZoneClock, zoneClocks } from '../lib/zone.ts';
import type { Alerts } from './alerts-schema.ts';

const MINUTE_MS = 60_000;

/** A time of maintenance that holds now. */
export interface MaintenanceNow {
  readonly reason: string;
  /** UTC milliseconds. */
  readonly until: number;
  /** `command`: a person began it; `file`: the fleet file schedules it. */
  readonly source: 'command' | 'file';
}

export interface Silence {
  readonly maintenance: MaintenanceNow | null;
  /** The device may be off at this hour. */
  readonly expectedOff: boolean;
}

type Entry = Alerts['maintenance'][number] & { readonly cron: Schedule | null };

/** What the file says of quiet times, asked device by device; each by its own clock. */
export class QuietTimes {
  readonly #expectedOff: Alerts['expectedOff'];
  readonly #maintenance: readonly Entry[];
  readonly #clockOf = zoneClocks();
  /** What an entry says is the same for every device of a zone; a span is for good, a schedule for a minute. */
  readonly #spans = new Map<string, { readonly from: number; readonly to: number }>();
  readonly #ends = new Map<string, { readonly minute: number; readonly until: number | null }>();

  constructor({ expectedOff, maintenance }: Alerts) {
    this.#expectedOff = expectedOff;
    this.#maintenance = maintenance.map((entry) => ({
      ...entry,
      cron: entry.schedule === undefined ? null : readSchedule(entry.schedule).schedule,
    }));
  }

  at(device: DesiredDevice, now: number): Silence {
    const wanted = this.#expectedOff.filter(({ devices }) => matches(devices.selector, device));
    const wall = wanted.length === 0 ? 0 : this.#clockOf(device.timezone).wallAt(now);
    return {
      maintenance: this.#maintenanceAt(device, now),
      expectedOff: wanted.some(({ window }) => isWindowOpen(window, wall)),
    };
  }

  #maintenanceAt(device: DesiredDevice, now: number): MaintenanceNow | null {
    for (const [index, entry] of this.#maintenance.entries()) {
      if (!matches(entry.devices.selector, device)) continue;
      const until = this.#untilAt(entry, index, { timezone: device.timezone, now });
      if (until !== null) return { reason: entry.reason, until, source: 'file' };
    }
    return null;
  }

  #untilAt(entry: Entry, index: number, { timezone, now }: { timezone: string; now: number }): number | null {
    const key = `${index} ${timezone}`;
    const { cron, for: forMs, from, to } = entry;
    if (from !== undefined && to !== undefined) {
      const span = this.#spans.get(key) ?? { from: instantOf(from, timezone), to: instantOf(to, timezone) };
      this.#spans.set(key, span);
      return span.from <= now && now < span.to ? span.to : null;
    }
    if (cron === null || forMs === undefined) return null;
    const minute = now - (now % MINUTE_MS);
    const known = this.#ends.get(key);
    if (known?.minute === minute) return known.until;
    const until = untilEndOf(cron, this.#clockOf(timezone), { forMs, minute });
    this.#ends.set(key, { minute, until });
    return until;
  }
}

/** When the latest time that this schedule began is over; null where that was before the minute. */
function untilEndOf(
  schedule: Schedule,
  zone: ZoneClock,
  { forMs, minute }: { forMs: number; minute: number },
): number | null {
  for (let begin = minute; begin > minute - forMs; begin -= MINUTE_MS) {
    if (firesAt([schedule], zone, begin)) return begin + forMs;
  }
  return null;
}

/** A maintenance of every device that something concerns keeps people from being told of it; null: it does not. */
export function silencedBy(
  devices: readonly string[],
  maintenance: ReadonlyMap<string, string | null>,
): string | null {
  const reasons = devices.map((name) => maintenance.get(name) ?? null);
  const [first = null] = reasons;
  return first === null || reasons.includes(null) ? null : `maintenance: ${first}`;
}
