import type { Campaign, CampaignDevice } from './campaign.ts';
import { type Closed, closedNow } from './windows.ts';

/** The next step of a campaign, from what is on record and the time alone. */
export interface CampaignDecision<Act> {
  readonly acts: readonly Act[];
  /** Look again then at the latest, UTC milliseconds; null: only when something happens. */
  readonly nextLookAt: number | null;
  /** What single devices wait for, by id. */
  readonly waiting: ReadonlyMap<number, string>;
  /** What the whole waits for, in a sentence; null while it goes on. */
  readonly waitsFor: string | null;
}

export interface Circumstances {
  readonly now: number;
  /** Why nothing may be done to a device now, such as safe mode; null: it may. */
  readonly blocked: string | null;
  readonly timezone: (name: string) => string;
  /** When a device may be begun; by windows and freezes alone where nothing else is said. */
  readonly closed?: typeof closedNow;
}

export function resting(waitsFor: string | null): CampaignDecision<never> {
  return { acts: [], nextLookAt: null, waiting: new Map(), waitsFor };
}

export function acting<Act>(...acts: readonly Act[]): CampaignDecision<Act> {
  return { ...resting(null), acts };
}

export function least(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

/**
 * Whose turn it is: devices of the rings begun that were not tried, or are
 * stragglers, in the order in which they begin. Of the others, what they wait
 * for, and when to look again.
 */
export function whoseTurn<Device extends CampaignDevice>(
  { strategy, ring: present }: Pick<Campaign, 'strategy' | 'ring'>,
  devices: readonly Device[],
  {
    now,
    timezone,
    closed: closedAt = closedNow,
    isStraggler,
  }: Circumstances & { isStraggler: (device: Device) => boolean },
) {
  const waiting = new Map<number, string>();
  const times: number[] = [];
  const due: Device[] = [];
  const closedIn = new Map<string, Closed | null>();
  for (const device of devices) {
    const { id, name, state, ring, nextAt } = device;
    if (ring > present || (state !== 'pending' && !isStraggler(device))) continue;
    const zone = timezone(name);
    const closed = closedIn.has(zone) ? (closedIn.get(zone) ?? null) : closedAt(strategy, zone, now);
    closedIn.set(zone, closed);
    if (closed !== null) {
      waiting.set(id, closed.reason);
      times.push(closed.until);
    } else if (nextAt > now) times.push(nextAt);
    else due.push(device);
  }
  // Those whose turn has not come yet go before those that did not answer.
  due.sort((one, other) => Number(isStraggler(one)) - Number(isStraggler(other)));
  return { due, waiting, times };
}
