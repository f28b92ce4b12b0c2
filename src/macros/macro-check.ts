import { formatDuration } from '../fleet/duration.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Place, Problem } from '../fleet/problem.ts';
import { devicesOf } from './devices.ts';
import { allSteps, knownMacros } from './known-macros.ts';
import { type Macro, schedulesOf } from './macro-schema.ts';
import { checkPanels } from './panel-check.ts';
import { checkBlock, checkConditionAt, longestWaitMs, type Walk } from './script-check.ts';
import { type KnownMacro, type StepProblem, stepProblem } from './step.ts';
import { stepOf } from './steps/registry.ts';
import { checkTriggers } from './trigger-check.ts';

type Path = readonly (string | number)[];
type Locate = (path: Path) => Place | null;

/** What the steps at a macro's end may take, waits included. */
export const FINALLY_MS = 60_000;

/** What the schema of `macros:` cannot see: other names of the file, schedules, conditions, templates. */
export function checkMacros(macros: readonly Macro[], fleet: Fleet, locate: Locate): Problem[] {
  const known = knownMacros(macros, fleet);
  return macros.flatMap((macro, index) => {
    const found = [...checkName(macros, index), ...checkMacro(macro, fleet, known)];
    return found.map(({ path, severity, message }) => ({
      severity,
      place: nearestPlace([index, ...path], locate),
      path: formatPath([index, ...path]),
      message,
    }));
  });
}

function checkName(macros: readonly Macro[], index: number): StepProblem[] {
  const name = macros[index]?.name;
  const first = macros.findIndex((macro) => macro.name === name);
  if (first === index) return [];
  return [stepProblem(['name'], `"${name}" is the name of macros[${first}] too; give each its own.`)];
}

function checkMacro(macro: Macro, fleet: Fleet, macros: readonly KnownMacro[]): StepProblem[] {
  const { targets, problems } = devicesOf(macro.devices, fleet);
  return [
    ...problems.map((problem) => ({ ...problem, path: ['devices'] })),
    ...checkTriggers(macro, targets),
    ...checkPanels(macro, fleet),
    ...checkScript(macro, { fleet, macros, devices: targets }),
    ...checkUnmuted(macro),
    ...checkCatchUp(macro),
    ...checkStepsOrScript(macro),
    ...checkDeadline(macro, fleet),
    ...checkScope(macro),
  ];
}

function checkScript(
  macro: Macro,
  {
    fleet,
    macros,
    devices,
  }: { fleet: Fleet; macros: readonly KnownMacro[]; devices: readonly DesiredDevice[] },
): StepProblem[] {
  const walk: Walk = {
    fleet,
    macro: macro.name,
    macros,
    unmuted: macro.unmuted,
    targets: macro.scope === 'fleet' ? null : devices,
    isWithinEach: false,
    outputs: {},
    earlier: [],
  };
  return [
    ...(macro.if === undefined ? [] : checkConditionAt(macro.if, ['if'], walk)),
    ...checkBlock(macro.steps, ['steps'], walk),
    ...checkBlock(macro.onError ?? [], ['onError'], walk),
    ...checkBlock(macro.finally ?? [], ['finally'], walk),
  ];
}

/** `unmuted` belongs to a call with open microphones; anywhere else it is a misunderstanding. */
function checkUnmuted(macro: Macro): StepProblem[] {
  // What a script opens is known when it asks for it.
  if (!macro.unmuted || macro.script !== undefined) return [];
  const opens = allSteps(macro).some(
    ({ args }) => typeof args === 'object' && args !== null && 'muted' in args && args.muted === false,
  );
  return opens
    ? []
    : [stepProblem(['unmuted'], 'no step of this macro says `muted: false`, so nothing would be unmuted.')];
}

function checkCatchUp(macro: Macro): StepProblem[] {
  if (macro.catchUp === undefined) return [];
  if (schedulesOf(macro).length === 0)
    return [stepProblem(['catchUp'], 'the macro has no schedule, so no run can be missed.')];
  if (macro.script !== undefined)
    return [
      stepProblem(
        ['catchUp'],
        'a script may call, and a call is never made up later; leave catchUp out, or write steps.',
      ),
    ];
  const late = allSteps(macro).find(({ name }) => !stepOf(name).mayCatchUp);
  return late === undefined
    ? []
    : [stepProblem(['catchUp'], `a ${late.name} step is never made up later; leave catchUp out.`)];
}

function checkDeadline(
  { deadline, steps, onError = [], finally: last = [] }: Macro,
  fleet: Fleet,
): StepProblem[] {
  const countOf = (selector: string): number => devicesOf(selector, fleet).targets.length;
  const waitMs = longestWaitMs([...steps, ...onError], countOf);
  const lastMs = longestWaitMs(last, countOf);
  return [
    ...(waitMs < deadline
      ? []
      : [
          stepProblem(
            ['deadline'],
            `the steps may take ${formatDuration(waitMs)} by themselves, and the deadline is ${formatDuration(deadline)}: write a longer one.`,
          ),
        ]),
    ...(lastMs < FINALLY_MS
      ? []
      : [
          stepProblem(
            ['finally'],
            `its steps may take ${formatDuration(lastMs)} by themselves, and have ${formatDuration(FINALLY_MS)} in all.`,
          ),
        ]),
  ];
}

function checkStepsOrScript({ steps, script }: Macro): StepProblem[] {
  if (steps.length > 0 && script !== undefined)
    return [stepProblem(['script'], 'a macro has either steps or a script: leave out one of them.')];
  if (steps.length === 0 && script === undefined)
    return [stepProblem([], 'the macro does nothing: it needs steps, or a script.')];
  return [];
}

function checkScope({ scope, onlyWhenFree }: Macro): StepProblem[] {
  if (scope === 'device' || !onlyWhenFree) return [];
  return [
    stepProblem(
      ['onlyWhenFree'],
      "it is about one room, and the macro says `scope: fleet`: ask within each, with `if: occupancy == 'free'`.",
    ),
  ];
}

/** A value that was given in a shorter form, or left out, has the place of what it belongs to. */
function nearestPlace(path: Path, locate: Locate): Place | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = locate(path.slice(0, length));
    if (place !== null) return place;
  }
  return null;
}

function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
    'macros',
  );
}
