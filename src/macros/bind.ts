import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { sectionOf } from '../fleet/section.ts';
import { readSchedule, type Schedule } from '../lib/cron.ts';
import type { ZoneClock } from '../lib/zone.ts';
import { type Condition, compileCondition } from './condition.ts';
import { devicesLike } from './devices.ts';
import { fileOfMacro } from './javascript/named-scripts.ts';
import type { JavaScriptFile } from './javascript/protocol.ts';
import { macroSection } from './macro.ts';
import { type Macro, schedulesOf } from './macro-schema.ts';
import { type Block, blocksOf, CONTROL_OUTPUTS, stepsOf } from './script.ts';
import { stepOf } from './steps/registry.ts';
import type { Watched } from './tick.ts';
import { languageOf, type Outputs } from './vocabulary.ts';

/** A macro of a valid fleet with everything that the file's names stand for. */
export interface BoundMacro {
  readonly macro: Macro;
  readonly fleet: Fleet;
  /** The condition of a text in it, read once. */
  readonly condition: (text: string) => Condition;
  readonly schedules: readonly Schedule[];
  /** Its script, where it has one instead of steps. */
  readonly javascript: JavaScriptFile | null;
  /** Whom it is for; one run for all of them where the scope is the fleet. */
  readonly targets: readonly DesiredDevice[];
}

/** The macros of a fleet, in the file's order. */
export function bindMacros(fleet: Fleet): BoundMacro[] {
  return (sectionOf(fleet, macroSection) ?? []).map((macro, index) => ({
    ...bindMacro(macro, fleet),
    javascript: fileOfMacro(fleet, macro, index),
  }));
}

/** One that has steps, and that `checkMacros` found nothing wrong with. */
export function bindMacro(macro: Macro, fleet: Fleet): BoundMacro {
  return {
    macro,
    fleet,
    condition: conditionsOf(macro),
    schedules: schedulesOf(macro).flatMap((text) => readSchedule(text).schedule ?? []),
    javascript: null,
    targets: devicesLike(macro.devices, fleet),
  };
}

/** How the tick names a run that is for the fleet as a whole. */
export const FLEET = null;

/** What the tick has to watch: the enabled macros, their devices grouped by wall clock. */
export function watchedOf(bound: readonly BoundMacro[], clockOf: (zone: string) => ZoneClock): Watched[] {
  return bound
    .filter(({ macro, schedules }) => macro.enabled && schedules.length > 0)
    .map(({ macro, schedules, targets }) => ({
      macro: macro.name,
      schedules,
      catchUpMs: mayCatchUp(macro) ? (macro.catchUp ?? null) : null,
      groups:
        macro.scope === 'fleet'
          ? [{ zone: clockOf(zoneOf(macro, null)), devices: [FLEET] }]
          : [...new Set(targets.map((device) => zoneOf(macro, device)))].map((zone) => ({
              zone: clockOf(zone),
              devices: targets.filter((device) => zoneOf(macro, device) === zone).map(({ name }) => name),
            })),
    }));
}

/** Whose wall clock counts for a macro on a device, or for the fleet. */
export function zoneOf(macro: Macro, device: DesiredDevice | null): string {
  return macro.timezone ?? device?.timezone ?? 'UTC';
}

function mayCatchUp(macro: Macro): boolean {
  return macro.script === undefined && [...stepsOf(macro.steps)].every(({ name }) => stepOf(name).mayCatchUp);
}

/** One language for the whole macro: whether a name is known at a place was checked when the file was loaded. */
function conditionsOf(macro: Macro): (text: string) => Condition {
  const language = languageOf({
    hasDevice: true,
    outputs: outputsOf([...macro.steps, ...(macro.onError ?? []), ...(macro.finally ?? [])]),
  });
  const read = new Map<string, Condition>();
  return (text) => {
    const known = read.get(text) ?? compileCondition(text, language);
    read.set(text, known);
    return known;
  };
}

function outputsOf(block: Block): Outputs {
  const outputs: Record<string, Outputs[string]> = {};
  for (const node of block) {
    for (const { block: inner } of blocksOf(node)) Object.assign(outputs, outputsOf(inner));
    if (node.kind === 'if' || node.as === null) continue;
    const told = node.kind === 'step' ? stepOf(node.name).outputs : CONTROL_OUTPUTS[node.kind];
    if (told !== undefined) outputs[node.as] = told;
  }
  return outputs;
}
