import { formatDuration } from '../fleet/duration.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Place, Problem } from '../fleet/problem.ts';
import { gravityOfMiss, parseSelector, SelectorError, select, unknownNames } from '../fleet/selector.ts';
import { readSchedule } from '../lib/cron.ts';
import { checkCondition } from './condition-check.ts';
import type { Macro } from './macro-schema.ts';
import { type CheckContext, type StepProblem, stepProblem } from './step.ts';
import { stepOf } from './steps/registry.ts';

type Path = readonly (string | number)[];
type Locate = (path: Path) => Place | null;

/** What the schema of `macros:` cannot see: other names of the file, schedules, conditions, templates. */
export function checkMacros(macros: readonly Macro[], fleet: Fleet, locate: Locate): Problem[] {
  return macros.flatMap((macro, index) => {
    const found = [...checkName(macros, index), ...checkMacro(macro, fleet)];
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

function checkMacro(macro: Macro, fleet: Fleet): StepProblem[] {
  const { targets, problems } = checkDevices(macro, fleet);
  return [
    ...problems,
    ...checkSchedules(macro),
    ...(macro.if === undefined
      ? []
      : checkCondition(macro.if).map((message) => stepProblem(['if'], message))),
    ...checkSteps(macro, fleet, targets),
    ...checkUnmuted(macro),
    ...checkCatchUp(macro),
    ...checkDeadline(macro),
  ];
}

function checkDevices(macro: Macro, fleet: Fleet): { targets: DesiredDevice[]; problems: StepProblem[] } {
  try {
    const selector = parseSelector(macro.devices);
    const targets = select(selector, fleet.devices);
    const problems: StepProblem[] = unknownNames(selector, fleet.devices).map(({ message }) => ({
      path: ['devices'],
      severity: gravityOfMiss(fleet),
      message,
    }));
    if (targets.length === 0 && problems.length === 0)
      problems.push({
        path: ['devices'],
        severity: 'warning',
        message: 'no device fits, so the macro never runs.',
      });
    return { targets, problems };
  } catch (error) {
    if (error instanceof SelectorError)
      return { targets: [], problems: [stepProblem(['devices'], error.message)] };
    throw error;
  }
}

function checkSchedules({ when }: Macro): StepProblem[] {
  return (when?.schedule ?? []).flatMap((text, index) => {
    const { errors, warnings } = readSchedule(text);
    const path = ['when', 'schedule', index];
    return [
      ...errors.map((message) => stepProblem(path, message)),
      ...warnings.map((message) => ({ path, severity: 'warning' as const, message })),
    ];
  });
}

function checkSteps(macro: Macro, fleet: Fleet, targets: readonly DesiredDevice[]): StepProblem[] {
  return macro.steps.flatMap(({ name, args }, index) => {
    const context: CheckContext = {
      fleet,
      targets,
      macro: macro.name,
      unmuted: macro.unmuted,
      earlier: macro.steps.slice(0, index).map((step) => step.name),
    };
    return stepOf(name)
      .check(args, context)
      .map((problem) => ({ ...problem, path: ['steps', index, name, ...problem.path] }));
  });
}

/** `unmuted` belongs to a call with open microphones; anywhere else it is a misunderstanding. */
function checkUnmuted({ unmuted, steps }: Macro): StepProblem[] {
  if (!unmuted) return [];
  const opens = steps.some(
    ({ name, args }) =>
      name === 'dial' && typeof args === 'object' && args !== null && 'muted' in args && !args.muted,
  );
  return opens
    ? []
    : [
        stepProblem(
          ['unmuted'],
          'no dial step of this macro says `muted: false`, so nothing would be unmuted.',
        ),
      ];
}

function checkCatchUp({ catchUp, when, steps }: Macro): StepProblem[] {
  if (catchUp === undefined) return [];
  if (when === undefined)
    return [stepProblem(['catchUp'], 'the macro has no schedule, so no run can be missed.')];
  const late = steps.find(({ name }) => !stepOf(name).mayCatchUp);
  return late === undefined
    ? []
    : [stepProblem(['catchUp'], `a ${late.name} step is never made up later; leave catchUp out.`)];
}

function checkDeadline({ deadline, steps }: Macro): StepProblem[] {
  const waitMs = steps.reduce((total, { name, args }) => total + stepOf(name).waitMs(args), 0);
  if (waitMs < deadline) return [];
  return [
    stepProblem(
      ['deadline'],
      `the steps may take ${formatDuration(waitMs)} by themselves, and the deadline is ${formatDuration(deadline)}: write a longer one.`,
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
