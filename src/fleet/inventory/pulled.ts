import type { Facts } from './template.ts';

/** A device as a source tells of it, whatever the source. */
export interface FoundDevice {
  /** `00:11:22:33:44:55`; what a device is known by. */
  readonly mac: string;
  readonly facts: Facts;
  /** Null where the source knows none. */
  readonly address: string | null;
  /** Null where the source does not say. */
  readonly isRegistered: boolean | null;
  /** What it runs, as the source words it; null where it does not say. */
  readonly software: string | null;
}

/** A device as it is on record after one or more complete pulls. Times are UTC milliseconds. */
export interface PulledDevice extends FoundDevice {
  readonly source: string;
  /** In the fleet; given when it was first met, and kept. */
  readonly name: string;
  readonly firstSeenAt: number;
  /** Since when `isRegistered` is what it is. */
  readonly sinceAt: number;
  /** Since which pull the source no longer has it; null: it has it. */
  readonly goneSinceAt: number | null;
}

/** What a complete pull changes. */
export interface PullChange {
  readonly kind: 'added' | 'changed' | 'gone' | 'back';
  readonly device: PulledDevice;
  /** What is different, each in a clause. */
  readonly what: readonly string[];
}

export interface TakenIn {
  /** In the order of their MAC addresses. */
  readonly devices: readonly PulledDevice[];
  readonly changes: readonly PullChange[];
}

/**
 * What is on record after a complete pull, pure. Nothing is ever taken out: a
 * device that the source no longer has is marked. An address that the source
 * has forgotten stays as it was last told.
 */
export function takeIn(
  before: readonly PulledDevice[],
  found: readonly FoundDevice[],
  { source, nameOf, now }: { source: string; nameOf: (facts: Facts) => string; now: number },
): TakenIn {
  const known = new Map(before.map((device) => [device.mac, device]));
  const taken = new Set(before.map(({ name }) => name.toLowerCase()));
  const changes: PullChange[] = [];
  const present = new Map([...found].sort(byMac).map((device) => [device.mac, device]));
  const devices = [...present.values()].map((device) => {
    const was = known.get(device.mac);
    if (was !== undefined) return again(was, device, now, changes);
    const name = freeName(nameOf(device.facts), device.mac, taken);
    taken.add(name.toLowerCase());
    const added = { ...device, source, name, firstSeenAt: now, sinceAt: now, goneSinceAt: null };
    changes.push({ kind: 'added', device: added, what: [] });
    return added;
  });
  const missing = before
    .filter(({ mac }) => !present.has(mac))
    .map((device) => {
      if (device.goneSinceAt !== null) return device;
      const gone = { ...device, goneSinceAt: now };
      changes.push({ kind: 'gone', device: gone, what: [] });
      return gone;
    });
  return { devices: [...devices, ...missing].sort(byMac), changes };
}

/** A name with the end of the MAC address behind it where another device has it, so that which one came first does not change it. */
export function freeName(wish: string, mac: string, taken: ReadonlySet<string>): string {
  const digits = mac.replaceAll(':', '');
  const wishes = [wish, `${wish.slice(0, 59)}-${digits.slice(-4)}`, `SEP${digits}`];
  return wishes.find((name) => !taken.has(name.toLowerCase())) ?? `${wish.slice(0, 51)}-${digits}`;
}

function again(was: PulledDevice, device: FoundDevice, now: number, changes: PullChange[]): PulledDevice {
  const isSame = was.isRegistered === device.isRegistered && was.goneSinceAt === null;
  const updated: PulledDevice = {
    ...was,
    ...device,
    address: device.address ?? was.address,
    sinceAt: isSame ? was.sinceAt : now,
    goneSinceAt: null,
  };
  const what = differences(was, updated);
  if (was.goneSinceAt !== null) changes.push({ kind: 'back', device: updated, what });
  else if (what.length > 0) changes.push({ kind: 'changed', device: updated, what });
  return updated;
}

/** What the fleet could notice; registering and its like are not. */
function differences(was: PulledDevice, is: PulledDevice): string[] {
  const pairs: (readonly [string, string, string])[] = [
    ['address', was.address ?? 'none', is.address ?? 'none'],
    ['description', was.facts.description, is.facts.description],
    ['model', was.facts.model, is.facts.model],
    ['product', was.facts.product, is.facts.product],
    ['device pool', was.facts.devicePool, is.facts.devicePool],
    ['location', was.facts.location, is.facts.location],
  ];
  return pairs
    .filter(([, before, after]) => before !== after)
    .map(
      ([what, before, after]) =>
        `${what}: ${before === '' ? 'none' : before} → ${after === '' ? 'none' : after}`,
    );
}

function byMac(one: { readonly mac: string }, other: { readonly mac: string }): number {
  return one.mac < other.mac ? -1 : 1;
}
