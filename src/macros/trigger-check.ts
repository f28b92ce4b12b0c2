import { ALWAYS_HEARD } from '../feedback/always-heard.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { readSchedule } from '../lib/cron.ts';
import { parseExpression } from '../xapi/expression.ts';
import { formatPath, isWithin } from '../xapi/path.ts';
import type { Macro } from './macro-schema.ts';
import { type StepProblem, stepProblem } from './step.ts';
import type { Trigger } from './trigger.ts';

/** Everything wrong with the triggers of a macro, whose scope is the fleet or the devices given. */
export function checkTriggers(
  { when = [], scope, timezone }: Macro,
  targets: readonly DesiredDevice[],
): StepProblem[] {
  const isFleet = scope === 'fleet';
  return when.flatMap((trigger, at) => {
    const path = when.length === 1 ? ['when'] : ['when', at];
    return [
      ...(isFleet ? checkForFleet(trigger, timezone, path) : []),
      ...(trigger.kind === 'schedule' ? checkSchedules(trigger.schedules, path) : []),
      ...(trigger.kind === 'feedback' ? checkHeard(trigger, targets, path) : []),
    ];
  });
}

function checkSchedules(schedules: readonly string[], path: readonly (string | number)[]): StepProblem[] {
  return schedules.flatMap((text, index) => {
    const { errors, warnings } = readSchedule(text);
    const place = [...path, 'schedule', index];
    return [
      ...errors.map((message) => stepProblem(place, message)),
      ...warnings.map((message) => ({ path: place, severity: 'warning' as const, message })),
    ];
  });
}

function checkForFleet(
  { kind }: Trigger,
  timezone: string | undefined,
  path: readonly (string | number)[],
): StepProblem[] {
  if (kind === 'schedule')
    return timezone === undefined
      ? [stepProblem(path, 'a run for the fleet has no wall clock of its own: say `timezone` on the macro.')]
      : [];
  if (['http', 'alert', 'chat', 'card'].includes(kind)) return [];
  return [
    stepProblem(
      path,
      `a ${kind} trigger is about one device, and the macro says \`scope: fleet\`: leave the scope out.`,
    ),
  ];
}

function checkHeard(
  { tree, path }: Extract<Trigger, { kind: 'feedback' }>,
  targets: readonly DesiredDevice[],
  place: readonly (string | number)[],
): StepProblem[] {
  const deaf = targets.filter(
    ({ feedback }) => ![...ALWAYS_HEARD, ...feedback.expressions].some((text) => covers(text, tree, path)),
  );
  const [first] = deaf;
  if (first === undefined) return [];
  const expression = `/${tree}/${path.replaceAll('.', '/')}`;
  return [
    stepProblem(
      [...place, 'feedback', 'path'],
      `nobody tells roomd of ${expression} on ${deaf.length === 1 ? first.name : `${deaf.length} devices, ${first.name} among them`}: add it to feedback.expressions.`,
    ),
  ];
}

function covers(text: string, tree: string, path: string): boolean {
  const expression = parseExpression(text);
  return (
    expression.tree === tree && (expression.path.length === 0 || isWithin(path, formatPath(expression.path)))
  );
}
