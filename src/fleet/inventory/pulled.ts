import type { SourceName } from './inventory-section.ts';
import type { Facts } from './template.ts';

/** A device as a source tells of it, whatever the source. */
export interface FoundDevice {
  /** `00:11:22:33:44:55`, what a device is known by; null where the source does not tell it. */
  readonly mac: string | null;
  /** In upper case; null where the source does not tell it. One of the two is told. */
  readonly serial: string | null;
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
  readonly source: SourceName;
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
  /** In the order of their keys. */
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
  {
    source,
    others,
    nameOf,
    now,
  }: {
    readonly source: SourceName;
    /** On record of other sources: one that is the same unit has its name already, and names are given once. */
    readonly others: readonly PulledDevice[];
    readonly nameOf: (facts: Facts) => string;
    readonly now: number;
  },
): TakenIn {
  const taken = new Set([...before, ...others].map(({ name }) => name.toLowerCase()));
  const changes: PullChange[] = [];
  const present = new Map([...found].sort(byKey).map((device) => [keyOf(device), device]));
  const missing = new Set(before);
  const [known, elsewhere] = [indexOf(before), indexOf(others)];
  const devices = [...present.values()].map((device) => {
    const was = inIndex(known, device);
    if (was !== undefined && missing.delete(was)) return again(was, device, now, changes);
    const name = inIndex(elsewhere, device)?.name ?? freeName(nameOf(device.facts), keyOf(device), taken);
    taken.add(name.toLowerCase());
    const added = { ...device, source, name, firstSeenAt: now, sinceAt: now, goneSinceAt: null };
    changes.push({ kind: 'added', device: added, what: [] });
    return added;
  });
  const gone = [...missing].map((device) => {
    if (device.goneSinceAt !== null) return device;
    const left = { ...device, goneSinceAt: now };
    changes.push({ kind: 'gone', device: left, what: [] });
    return left;
  });
  return { devices: [...devices, ...gone].sort(byKey), changes };
}

/** What a source tells its devices apart by: the MAC address, or the serial number where it tells none. */
export function keyOf({ mac, serial }: Pick<FoundDevice, 'mac' | 'serial'>): string {
  return mac ?? serial ?? '';
}

/** Devices by MAC address and by serial number. */
function indexOf(devices: readonly PulledDevice[]): ReadonlyMap<string, PulledDevice> {
  return new Map(
    devices.flatMap((device) =>
      [device.mac, device.serial].flatMap((key) => (key === null ? [] : [[key, device]])),
    ),
  );
}

function inIndex(
  index: ReadonlyMap<string, PulledDevice>,
  { mac, serial }: FoundDevice,
): PulledDevice | undefined {
  return index.get(mac ?? '') ?? index.get(serial ?? '');
}

/** A name with the end of the MAC address or serial number behind it where another device has it, so that which one came first does not change it. */
export function freeName(wish: string, key: string, taken: ReadonlySet<string>): string {
  const digits = key.replaceAll(':', '');
  const wishes = [wish, `${wish.slice(0, 59)}-${digits.slice(-4)}`, key === digits ? digits : `SEP${digits}`];
  return wishes.find((name) => !taken.has(name.toLowerCase())) ?? `${wish.slice(0, 30)}-${digits}`;
}

function again(was: PulledDevice, device: FoundDevice, now: number, changes: PullChange[]): PulledDevice {
  const isSame = was.isRegistered === device.isRegistered && was.goneSinceAt === null;
  const updated: PulledDevice = {
    ...was,
    ...device,
    mac: device.mac ?? was.mac,
    serial: device.serial ?? was.serial,
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
    ['serial number', was.serial ?? 'none', is.serial ?? 'none'],
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

function byKey(one: FoundDevice, other: FoundDevice): number {
  return keyOf(one) < keyOf(other) ? -1 : 1;
}
