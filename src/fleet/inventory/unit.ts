import { type InventorySection, SOURCES } from './inventory-section.ts';
import type { PulledDevice } from './pulled.ts';

/**
 * One device as all sources together know it. What they tell differently is
 * the word of the first in `SOURCES`, but for where it is: that is told by a
 * source that reaches it now, and of several by the last, as the cloud is told
 * an address by the device itself and Unified CM may see that of a proxy.
 */
export interface Unit {
  /** In the order of `SOURCES`. */
  readonly parts: readonly PulledDevice[];
  /** That of the source which met it first. */
  readonly name: string;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly address: string | null;
  /** 443 where the source's section says nothing. */
  readonly port: number;
  readonly isRegistered: boolean | null;
  readonly sinceAt: number;
  /** Null while any source has it. */
  readonly goneSinceAt: number | null;
}

/** Devices of all sources, those with one MAC address or serial number made one. */
export function unitsOf(devices: readonly PulledDevice[], section: InventorySection): Unit[] {
  const groups = new Set<PulledDevice[]>();
  const byKey = new Map<string, PulledDevice[]>();
  for (const source of SOURCES) {
    for (const device of devices.filter((one) => one.source === source)) {
      const keys = [device.mac, device.serial].flatMap((key) => key ?? []);
      const known = keys.map((key) => byKey.get(key)).find((group) => group !== undefined);
      // A source itself tells its own apart.
      const group = known === undefined || known.some((part) => part.source === source) ? [] : known;
      group.push(device);
      groups.add(group);
      for (const key of keys) byKey.set(key, group);
    }
  }
  return [...groups].map((parts) => unitOf(parts, section));
}

/** Two units that somebody who knows more holds for one. */
export function mergeUnits(one: Unit, other: Unit, section: InventorySection): Unit {
  const parts = [...one.parts, ...other.parts].sort(
    (left, right) => SOURCES.indexOf(left.source) - SOURCES.indexOf(right.source),
  );
  return unitOf(parts, section);
}

/** Of two devices with one address, the one that is registered has it. */
export function likelierFirst(one: Ranked, other: Ranked): number {
  return rank(one) - rank(other) || other.sinceAt - one.sinceAt || (keyOf(one) < keyOf(other) ? -1 : 1);
}

export function isThere({ isRegistered, goneSinceAt }: Ranked): boolean {
  return goneSinceAt === null && isRegistered !== false;
}

type Ranked = Pick<Unit, 'isRegistered' | 'goneSinceAt' | 'sinceAt' | 'mac' | 'serial'>;

function rank({ isRegistered, goneSinceAt }: Ranked): number {
  return (goneSinceAt === null ? 0 : 2) + (isRegistered === true ? 0 : 1);
}

function keyOf({ mac, serial }: Ranked): string {
  return mac ?? serial ?? '';
}

function unitOf(parts: readonly PulledDevice[], section: InventorySection): Unit {
  const [first] = parts;
  if (first === undefined) throw new Error('a unit has at least one part');
  const earliest = parts.reduce((before, part) => (part.firstSeenAt < before.firstSeenAt ? part : before));
  const best = parts.reduce((before, part) => (rank(part) <= rank(before) ? part : before));
  const located = best.address === null ? (parts.find(({ address }) => address !== null) ?? best) : best;
  const gone = parts.map(({ goneSinceAt }) => goneSinceAt);
  return {
    parts,
    name: earliest.name,
    mac: parts.find(({ mac }) => mac !== null)?.mac ?? null,
    serial: parts.find(({ serial }) => serial !== null)?.serial ?? null,
    address: located.address,
    port: section[located.source]?.port ?? 443,
    isRegistered: best.isRegistered,
    sinceAt: best.sinceAt,
    goneSinceAt: gone.includes(null) ? null : Math.max(...gone.map((at) => at ?? 0)),
  };
}
