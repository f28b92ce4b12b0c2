import { Secret } from '../lib/secret.ts';
import { isWithin, type PathText } from '../xapi/path.ts';
import type { DesiredSetting, DriftRule } from './fleet.ts';
import { formatPlace, type Problem } from './problem.ts';
import type { LayerSetting, PathLock, ReadyLayer } from './ready-layer.ts';

/** The settings of layers laid over one another. */
export interface Overlay {
  readonly settings: ReadonlyMap<PathText, DesiredSetting>;
  /** Settings that change what a layer below them has locked. */
  readonly violations: readonly Violation[];
  /** Settings that layers spell differently. */
  readonly spellings: readonly Problem[];
  /** The same settings by `pathKey`, with what is needed to lay more over them. */
  readonly laid: ReadonlyMap<string, Laid>;
  readonly layers: readonly ReadyLayer[];
}

interface Laid {
  readonly setting: DesiredSetting;
  readonly winner: ReadyLayer;
}

export interface Violation {
  readonly setting: LayerSetting;
  readonly lock: PathLock;
}

/** Lays layers over one another, farthest first; over `below`, where it is given, only the further ones are. */
export function overlay(layers: readonly ReadyLayer[], below: Overlay | null = null): Overlay {
  const all = [...(below?.layers ?? []), ...layers];
  const laid = new Map(below?.laid);
  const violations = [...(below?.violations ?? [])];
  const spellings: Problem[] = [];
  const locks = (below?.layers ?? []).flatMap((layer) => layer.locks);
  for (const layer of layers) {
    for (const [key, setting] of layer.settings) {
      const under = laid.get(key)?.setting;
      const lock = lockBroken(setting, under, locks);
      if (lock !== null) violations.push({ setting, lock });
      if (under !== undefined && under.path !== setting.path)
        spellings.push(spelledOtherwise(setting, under));
      laid.set(key, { setting: lay(setting, under), winner: layer });
    }
    locks.push(...layer.locks);
  }
  // What lies below stays as it is unless the new layers have a say about settings that they do not set.
  const touchesAll = below === null || layers.some((layer) => layer.locks.length > 0 || layer.drift !== null);
  for (const [key, entry] of laid) {
    const isNew = touchesAll || below?.laid.get(key) !== entry;
    if (isNew) laid.set(key, { ...entry, setting: withRules(entry, all) });
  }
  const settings = new Map([...laid.values()].map(({ setting }) => [setting.path, setting]));
  return { settings, violations, spellings, laid, layers: all };
}

function lay({ path, value, origin }: LayerSetting, under: DesiredSetting | undefined): DesiredSetting {
  const overridden = under === undefined ? [] : [under.origin, ...under.overridden];
  return { path, value, origin, overridden };
}

/** The lock that a setting breaks; one that repeats the value below it breaks none. */
export function lockBroken(
  { path, value }: LayerSetting,
  under: DesiredSetting | undefined,
  locks: readonly PathLock[],
): PathLock | null {
  if (locks.length === 0 || (under !== undefined && isSame(value, under.value))) return null;
  return locks.find((lock) => isWithin(path, lock.path)) ?? null;
}

function isSame(a: string | Secret, b: string | Secret): boolean {
  return textOf(a) === textOf(b);
}

function textOf(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}

/** The setting with the lock that covers it and the drift rule that holds for it. */
function withRules({ setting, winner }: Laid, layers: readonly ReadyLayer[]): DesiredSetting {
  const locker = layers.findIndex(({ locks }) => locks.some(({ path }) => isWithin(setting.path, path)));
  const lock = layers[locker]?.locks.find(({ path }) => isWithin(setting.path, path));
  const drift = driftRule(setting, winner, locker === -1 ? layers : layers.slice(0, locker + 1));
  const { path, value, origin, overridden } = setting;
  return {
    path,
    value,
    origin,
    overridden,
    ...(drift === null ? {} : { drift }),
    ...(lock === undefined ? {} : { lock: { layer: lock.layer, place: lock.place } }),
  };
}

/** Of the layers the nearest that says something about the setting, and of what that says the longest path. */
function driftRule(
  { path }: DesiredSetting,
  winner: ReadyLayer,
  layers: readonly ReadyLayer[],
): DriftRule | null {
  for (const layer of layers.toReversed()) {
    if (layer.drift === null) continue;
    if (layer === winner && layer.drift.own !== null) return layer.drift.own;
    const rule = layer.drift.paths.find((named) => isWithin(path, named.path))?.rule;
    if (rule !== undefined) return rule;
  }
  return null;
}

/** Devices compare names without regard to case, so two spellings are one setting; which of them was meant is worth a look. */
function spelledOtherwise({ origin, filePath }: LayerSetting, under: DesiredSetting): Problem {
  return {
    severity: 'warning',
    place: origin.place,
    path: filePath,
    message: `it is spelled ${under.path} in ${formatPlace(under.origin.place)}; both are taken for one setting. Write them alike.`,
  };
}
