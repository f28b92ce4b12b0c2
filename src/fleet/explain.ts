import { formatPath, isWithin, type PathText, parsePath } from '../xapi/path.ts';
import type { DesiredDevice, DesiredSetting, DriftRule, Lock, Origin } from './fleet.ts';
import { formatPlace } from './problem.ts';

/** Why a device's setting is what it is: the layer that won, then every layer that lost, nearest first. */
export interface ExplainRow {
  readonly path: PathText;
  readonly value: string;
  readonly winner: Origin;
  readonly losers: readonly Origin[];
  /** What happens when somebody changes it on the device. */
  readonly drift: DriftRule;
  /** The lock that keeps layers above from changing it; null: none. */
  readonly lock: Lock | null;
  /** The end of the override that won, in UTC milliseconds, and why it is there; null: it lasts. */
  readonly override: { readonly until: number; readonly reason: string } | null;
}

/**
 * The settings of a device at or below `path`, or all of them, in the order of
 * their paths. Secrets show as `[secret]`.
 * @throws PathError where `path` cannot be read
 */
export function explain(device: DesiredDevice, path?: string): ExplainRow[] {
  const within = path === undefined ? '' : formatPath(parsePath(path));
  return [...device.configuration.values()]
    .filter((setting) => isWithin(setting.path, within))
    .sort((a, b) => byPath(a.path, b.path))
    .map(({ path, origin, overridden, drift, lock, temporary }: DesiredSetting) => ({
      path,
      value: origin.shown,
      winner: origin,
      losers: overridden,
      drift: drift ?? 'correct',
      lock: lock ?? null,
      override: temporary === undefined ? null : { until: temporary.until, reason: temporary.reason },
    }));
}

/** The rows as people read them: the winner's line, and indented below it what lost. */
export function formatExplanation(rows: readonly ExplainRow[]): string {
  return rows
    .map(({ path, value, winner, losers, drift, lock, override }) =>
      [
        `${path}: ${value}`,
        `  set by ${winner.layer}, ${formatPlace(winner.place)}${override === null ? '' : ` (${override.reason})`}`,
        ...losers.map(({ layer, shown, place }) => `  not ${shown}, by ${layer}, ${formatPlace(place)}`),
        ...(lock === null ? [] : [`  locked by ${lock.layer}, ${formatPlace(lock.place)}`]),
        ...(drift === 'correct' ? [] : [`  drift: ${drift}`]),
      ].join('\n'),
    )
    .join('\n');
}

/** Indices by number: Connector[2] before Connector[10]. */
function byPath(a: PathText, b: PathText): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
