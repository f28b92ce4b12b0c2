import type { AbortOptions } from '../lib/abort.ts';
import type { DeviceIdentity } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';
import { type PathText, pathKey } from '../xapi/path.ts';
import { accountOf } from './account-role.ts';
import { slugOf, uniqueNames } from './adopt-names.ts';
import type { AdoptTarget } from './adopt-targets.ts';
import { type DeviceContent, readDeviceContent } from './device-content.ts';
import type { DesiredDevice } from './fleet.ts';
import { readTimezone, Wrong } from './forms.ts';
import { type HeldSettings, sortHeldSettings } from './held-settings.ts';
import type { VendorWord } from './knowledge/acceptance.ts';
import type { Acceptances } from './knowledge/acceptances.ts';
import { kindMismatch, type Target } from './plan.ts';
import { isWorthKeeping } from './worth-keeping.ts';

/** One device as it was met, with what of it goes into a file. */
export interface AdoptedDevice {
  readonly target: AdoptTarget;
  /** Unique among the devices of one adoption. */
  readonly name: string;
  readonly identity: DeviceIdentity;
  readonly kind: DesiredDevice['kind'];
  /** SHA-256 of the certificate that was met; null where it was not recorded. */
  readonly fingerprint256: string | null;
  /** IANA name that the device's Time.Zone names; null where it says none that is known. */
  readonly timezone: string | null;
  readonly held: HeldSettings;
  /** Settings that the file must name. */
  readonly kept: ReadonlySet<PathText>;
  /** Whether the device's defaults are known. */
  readonly defaultsKnown: boolean;
  readonly content: DeviceContent;
  /** Wall time of the reading, UTC milliseconds. */
  readonly readAt: number;
}

/** What became of one target; `device` is null where it could not be read, and `reason` says why. */
export interface AdoptRow {
  readonly target: AdoptTarget;
  readonly device: AdoptedDevice | null;
  readonly reason: string | null;
}

export interface AdoptModules {
  readonly accepts: Acceptances;
  readonly now: () => number;
}

/** A device that was read and has no final name yet. */
export type ReadDevice = Omit<AdoptedDevice, 'name'>;

/**
 * Reads one device; nothing is written to it. What goes wrong with it is the
 * row's reason. Rejects only when the signal aborts or the database fails.
 * @param all keep every setting, whatever its default
 */
export async function readForAdoption(
  target: AdoptTarget,
  reached: Target,
  { all, signal }: { all: boolean } & AbortOptions,
  { accepts, now }: AdoptModules,
): Promise<ReadDevice | string> {
  const { device, desired } = reached;
  const met: { fingerprint256: string | null } = { fingerprint256: fingerprintOf(reached) };
  const unsubscribe = device.subscribe((news) => {
    if (news.type === 'pinned') met.fingerprint256 = news.fingerprint256;
  });
  try {
    const identity = await device.identify({ signal });
    const document = await device.readConfiguration({ signal });
    const acceptance = await accepts.of(device, identity, { signal });
    const held = sortHeldSettings(document, acceptance, accountOf(desired));
    const content = await readDeviceContent(device, { withBodies: false, signal });
    const defaults = defaultsOf(held.values.keys(), acceptance.vendor);
    return {
      target,
      identity,
      kind: kindOf(desired, identity),
      fingerprint256: met.fingerprint256,
      timezone: timezoneIn(held),
      held,
      kept: keptSettings(held.values, defaults, all),
      defaultsKnown: defaults !== null,
      content,
      readAt: now(),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof XapiError) return error.message;
    throw error;
  } finally {
    unsubscribe();
  }
}

/** Gives the devices that were read their names, in the order of the list, and tells apart what was met twice. */
export function nameDevices(
  read: readonly { readonly target: AdoptTarget; readonly outcome: ReadDevice | string }[],
): AdoptRow[] {
  const bySerial = new Map<string, string>();
  const judged = read.map(({ target, outcome }) => {
    if (typeof outcome === 'string') return { target, outcome };
    const { serial } = outcome.identity;
    const first = bySerial.get(serial);
    if (first === undefined) bySerial.set(serial, target.host);
    return first === undefined
      ? { target, outcome }
      : { target, outcome: `the device with serial number ${serial} was already met at ${first}` };
  });
  const devices = judged.flatMap(({ outcome }) => (typeof outcome === 'string' ? [] : [outcome]));
  // A name that somebody wrote down goes before one that is only derived.
  const inOrder = [...devices].sort(
    (a, b) => Number(a.target.name === null) - Number(b.target.name === null),
  );
  const names = uniqueNames(inOrder.map(wishOf));
  const nameOf = new Map(inOrder.map((device, at) => [device, names[at] ?? '']));
  return judged.map(({ target, outcome }) =>
    typeof outcome === 'string'
      ? { target, device: null, reason: outcome }
      : { target, device: { ...outcome, name: nameOf.get(outcome) ?? '' }, reason: null },
  );
}

function wishOf({ target, held, identity }: ReadDevice): string {
  if (target.name !== null) return target.name;
  const told = [valueAt(held, 'SystemUnit.Name'), identity.systemName ?? '', target.host, identity.serial];
  return told.map((text) => slugOf(text ?? '')).find((slug) => slug !== '') ?? 'device';
}

/**
 * The settings that a file must name: with known defaults those that differ,
 * and those of unknown default that say anything; without, those worth keeping.
 */
export function keptSettings(
  values: ReadonlyMap<PathText, string>,
  defaults: ReadonlyMap<PathText, string> | null,
  all: boolean,
): ReadonlySet<PathText> {
  const byKey = new Map([...(defaults ?? [])].map(([path, value]) => [pathKey(path), value]));
  const isKept = ([path, value]: [PathText, string]): boolean => {
    if (all) return true;
    if (defaults === null) return isWorthKeeping(path, value);
    return (byKey.get(pathKey(path)) ?? '') !== value;
  };
  return new Set([...values].filter(isKept).map(([path]) => path));
}

/** The factory's values as far as the vendor's schema tells them; null where nobody knows any. */
function defaultsOf(paths: Iterable<PathText>, vendor: VendorWord | null): Map<PathText, string> | null {
  const defaults = new Map<PathText, string>();
  for (const path of paths) {
    const fallback = vendor?.at(path)?.default ?? null;
    if (fallback !== null) defaults.set(path, fallback);
  }
  return defaults.size === 0 ? null : defaults;
}

/** What the product's name tells, by the same rule by which a plan checks it; null where it tells nothing. */
function kindOf(desired: DesiredDevice, identity: DeviceIdentity): DesiredDevice['kind'] {
  const fitting = (['board', 'room', 'desk'] as const).filter(
    (kind) => kindMismatch({ ...desired, kind }, identity) === null,
  );
  const [kind] = fitting;
  return fitting.length === 1 ? (kind ?? null) : null;
}

function timezoneIn(held: HeldSettings): string | null {
  const zone = valueAt(held, 'Time.Zone');
  if (zone === null || zone === '') return null;
  const read = readTimezone(zone);
  return read instanceof Wrong ? null : read;
}

function valueAt({ values }: HeldSettings, path: PathText): string | null {
  for (const [held, value] of values) if (pathKey(held) === pathKey(path)) return value;
  return null;
}

function fingerprintOf({ device: { address } }: Target): string | null {
  return address.tls.mode === 'pin' ? address.tls.fingerprint256 : null;
}
