import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { sectionOf } from '../fleet/section.ts';
import { parseSelector, select } from '../fleet/selector.ts';
import { readSchedule, type Schedule } from '../lib/cron.ts';
import type { ZoneClock } from '../lib/zone.ts';
import { type Condition, compileCondition } from './condition.ts';
import { macroSection } from './macro.ts';
import type { Macro } from './macro-schema.ts';
import { stepOf } from './steps/registry.ts';
import type { Watched } from './tick.ts';

/** A macro of a valid fleet with everything that the file's names stand for. */
export interface BoundMacro {
  readonly macro: Macro;
  readonly fleet: Fleet;
  readonly condition: Condition | null;
  readonly schedules: readonly Schedule[];
  readonly targets: readonly DesiredDevice[];
}

/** The macros of a fleet, in the file's order. */
export function bindMacros(fleet: Fleet): BoundMacro[] {
  return (sectionOf(fleet, macroSection) ?? []).map((macro) => ({
    macro,
    fleet,
    condition: macro.if === undefined ? null : compileCondition(macro.if),
    schedules: (macro.when?.schedule ?? []).flatMap((text) => readSchedule(text).schedule ?? []),
    targets: select(parseSelector(macro.devices), fleet.devices),
  }));
}

/** What the tick has to watch: the enabled macros, their devices grouped by wall clock. */
export function watchedOf(bound: readonly BoundMacro[], clockOf: (zone: string) => ZoneClock): Watched[] {
  return bound
    .filter(({ macro, schedules }) => macro.enabled && schedules.length > 0)
    .map(({ macro, schedules, targets }) => ({
      macro: macro.name,
      schedules,
      catchUpMs: mayCatchUp(macro) ? (macro.catchUp ?? null) : null,
      groups: [...new Set(targets.map((device) => zoneOf(macro, device)))].map((zone) => ({
        zone: clockOf(zone),
        devices: targets.filter((device) => zoneOf(macro, device) === zone).map(({ name }) => name),
      })),
    }));
}

/** Whose wall clock counts for a macro on a device. */
export function zoneOf(macro: Macro, device: DesiredDevice): string {
  return macro.timezone ?? device.timezone;
}

function mayCatchUp({ steps }: Macro): boolean {
  return steps.every(({ name }) => stepOf(name).mayCatchUp);
}
