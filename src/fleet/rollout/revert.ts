import type { ApprovedThing } from '../approved-content.ts';
import { type ApprovedSettings, type ApprovedValue, CONTENT, inPathOrder } from '../approved-settings.ts';
import type { DesiredBranding } from '../fleet.ts';
import type { RolloutDevice } from './rollout.ts';
import type { Before, ThingBefore, ValueBefore } from './writes.ts';

export interface Return {
  /** What is approved from now on, by device id; null: nothing. */
  readonly states: ReadonlyMap<number, ApprovedSettings | null>;
  /** The devices on their way back, and those that have nothing to go back from. */
  readonly devices: readonly RolloutDevice[];
}

/**
 * What is approved instead of this rollout: for a device that was written, what
 * was approved before, with the values that its settings held before the
 * writes, and with the panels, macros and pictures of others that it had in the
 * place of the rollout's; for every other, what was approved before.
 */
export function returnOf(devices: readonly RolloutDevice[], { values, things }: Before): Return {
  const states = new Map<number, ApprovedSettings | null>();
  const valuesOf = grouped(values);
  const thingsOf = grouped(things);
  const changed: RolloutDevice[] = [];
  for (const device of devices) {
    if (device.state === 'left-out') continue;
    if (!device.isTouched) {
      states.set(device.id, device.before);
      continue;
    }
    const written = valuesOf.get(device.id) ?? [];
    const replaced = thingsOf.get(device.id) ?? [];
    states.set(device.id, stateBefore(device, written, replaced));
    const lost = [lostSecrets(written), ...lostThings(device, replaced)].filter((one) => one !== null);
    const reason = lost.length === 0 ? null : lost.join('; ');
    changed.push({ ...device, state: 'to-revert', reason, nextAt: 0 });
  }
  return { states, devices: changed };
}

/** The states that stand again where a rollout ends with what it has written left in place. */
export function untouchedOf(devices: readonly RolloutDevice[]): ReadonlyMap<number, ApprovedSettings | null> {
  const kept = devices.filter(({ isTouched, state }) => !isTouched && UNTRIED.has(state));
  return new Map(kept.map(({ id, before }) => [id, before]));
}

/** The states of a device whose turn has not come. */
export const UNTRIED: ReadonlySet<RolloutDevice['state']> = new Set(['pending', 'off', 'needs-bootstrap']);

function stateBefore(
  { before }: RolloutDevice,
  written: readonly ValueBefore[],
  replaced: readonly ThingBefore[],
): ApprovedSettings | null {
  const values = written.flatMap(({ path, before: value, isSecret }) =>
    value === null || isSecret ? [] : [[path, { value }] as const],
  );
  const things = knowsContent(before)
    ? replaced
        .filter(({ path }) => before?.[path] === undefined)
        .flatMap((one): [string, ApprovedValue][] => {
          const thing = thingOf(one);
          return thing === null ? [] : [[one.path, thing]];
        })
    : [];
  if (before === null && values.length === 0 && replaced.length === 0) return null;
  const overwritten = new Set(values.map(([path]) => path.toLowerCase()));
  const kept = Object.entries(before ?? {}).filter(([path]) => !overwritten.has(path.toLowerCase()));
  return inPathOrder([...kept, ...values, ...things]);
}

/** Null where nothing stood there, so that roomd's own is taken off, and where what did cannot be put back. */
function thingOf({ kind, replaced }: ThingBefore): ApprovedThing | null {
  const { key, isOurs, digest, active = false } = replaced;
  if (digest === null) return null;
  const back = isOurs ? {} : ({ givesBack: true } as const);
  if (kind === 'ui-panel') return { kind, key, digest, ...back };
  if (kind === 'device-macro') return { kind, key, digest, active, ...back };
  if (kind === 'branding') return { kind, key: key as DesiredBranding['type'], digest, ...back };
  return null;
}

function lostSecrets(written: readonly ValueBefore[]): string | null {
  const secrets = written.filter(({ isSecret }) => isSecret).map(({ path }) => path);
  return secrets.length === 0
    ? null
    : `the old secret is not on record and stays overwritten: ${secrets.join(', ')}`;
}

function lostThings({ before }: RolloutDevice, replaced: readonly ThingBefore[]): string[] {
  if (replaced.length > 0 && !knowsContent(before))
    return [
      `what it had besides settings was approved with an older roomd and is not on record: left as the rollout put it: ${replaced.map(({ path }) => path).join(', ')}`,
    ];
  return replaced
    .filter(({ path }) => before?.[path] === undefined)
    .flatMap(({ path, replaced: { digest, lacks } }) => {
      if (lacks === null) return [];
      return [
        digest === null
          ? `${path} cannot be put back as it was: ${lacks}`
          : `${path} is put back without ${lacks}`,
      ];
    });
}

/** Databases from before schema 6 have one digest for all content, which says nothing of its parts. */
function knowsContent(before: ApprovedSettings | null): boolean {
  return before === null || before[CONTENT] === undefined;
}

function grouped<Of extends { readonly deviceId: number }>(all: readonly Of[]): Map<number, Of[]> {
  const groups = new Map<number, Of[]>();
  for (const one of all) groups.set(one.deviceId, [...(groups.get(one.deviceId) ?? []), one]);
  return groups;
}
