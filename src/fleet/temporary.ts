import { pathKey } from '../xapi/path.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { DesiredSetting } from './fleet.ts';
import { instantOf } from './local-time.ts';
import { lockBroken, type Overlay, type Violation } from './overlay.ts';
import type { Problem } from './problem.ts';
import type { DeviceEntry } from './read-contents.ts';
import { type LayerSetting, readySettings } from './ready-layer.ts';
import type { Secrets } from './secrets.ts';

/** One override of a device, its end fixed. */
export interface ReadyOverride {
  readonly until: number;
  readonly reason: string;
  readonly settings: ReadonlyMap<string, LayerSetting>;
}

/** The overrides of a device whose `until` could be read, in the order of the file. */
export function readyOverrides(
  yaml: YamlFile,
  { value: device, overrides }: DeviceEntry,
  { timezone, now, secrets }: { timezone: string; now: number; secrets: Secrets },
): { overrides: readonly ReadyOverride[]; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const ready = overrides.flatMap(({ path, value, settings }): ReadyOverride[] => {
    if (value.until === undefined) return [];
    const until = instantOf(value.until, timezone);
    const end = endText(until);
    if (until <= now)
      problems.push(
        yaml.warning(
          [...path, 'until'],
          `this override of ${device.name ?? 'this device'} ended at ${end} and changes nothing any more; take it out, or give it a later end.`,
        ),
      );
    return [
      {
        until,
        reason: value.reason ?? '',
        settings: readySettings(settings, `override until ${end}`, secrets),
      },
    ];
  });
  return { overrides: ready, problems };
}

/**
 * The settings with those overrides on top that are not over, later ones above
 * earlier ones. An override needs a setting to return to: roomd could not take
 * its value back otherwise.
 */
export function withOverrides(
  lasting: Overlay,
  overrides: readonly ReadyOverride[],
  now: number,
): { settings: Overlay['settings']; violations: readonly Violation[]; problems: readonly Problem[] } {
  const active = overrides.filter(({ until }) => until > now);
  if (active.length === 0) return { settings: lasting.settings, violations: [], problems: [] };
  const locks = lasting.layers.flatMap((layer) => layer.locks);
  const byKey = new Map([...lasting.laid].map(([key, { setting }]) => [key, setting]));
  const violations: Violation[] = [];
  const problems: Problem[] = [];
  for (const { until, reason, settings } of active) {
    for (const setting of settings.values()) {
      const returnsTo = byKey.get(pathKey(setting.path));
      if (returnsTo === undefined) {
        problems.push(nothingBelow(setting));
        continue;
      }
      const lock = lockBroken(setting, returnsTo, locks);
      if (lock !== null) violations.push({ setting, lock });
      byKey.set(pathKey(setting.path), over(returnsTo, setting, { until, reason }));
    }
  }
  return {
    settings: new Map([...byKey.values()].map((setting) => [setting.path, setting])),
    violations,
    problems,
  };
}

function over(
  returnsTo: DesiredSetting,
  { value, origin }: LayerSetting,
  { until, reason }: { until: number; reason: string },
): DesiredSetting {
  return {
    ...returnsTo,
    value,
    origin,
    overridden: [returnsTo.origin, ...returnsTo.overridden],
    temporary: { until, reason, returnsTo },
  };
}

function nothingBelow({ path, filePath, origin }: LayerSetting): Problem {
  return {
    severity: 'error',
    place: origin.place,
    path: filePath,
    message: `no layer says what ${path} is when this override is over, so it could not return; set it under the device's configuration, too.`,
  };
}

function endText(until: number): string {
  return new Date(until)
    .toISOString()
    .replace(/:00\.000Z$/, 'Z')
    .replace('.000Z', 'Z');
}
