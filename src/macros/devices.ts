import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import {
  gravityOfMiss,
  meantInstead,
  parseSelector,
  SelectorError,
  select,
  unknownNames,
} from '../fleet/selector.ts';
import { type StepProblem, stepProblem } from './step.ts';

/** The devices of a selector that `checkMacros` found nothing wrong with. */
export function devicesLike(selector: string, { devices }: Fleet): readonly DesiredDevice[] {
  return select(parseSelector(selector), devices);
}

/** The devices of a selector, with what is wrong with it; paths are the caller's to put in. */
export function devicesOf(
  text: string,
  fleet: Fleet,
): { targets: readonly DesiredDevice[]; problems: StepProblem[] } {
  try {
    const selector = parseSelector(text);
    const targets = select(selector, fleet.devices);
    const problems: StepProblem[] = unknownNames(selector, fleet.devices).map(({ message }) => ({
      path: [],
      severity: gravityOfMiss(fleet),
      message,
    }));
    if (targets.length === 0 && problems.length === 0)
      problems.push({
        path: [],
        severity: 'warning',
        message: `no device fits, so nothing ever happens.${meantInstead(selector, fleet.devices)}`,
      });
    return { targets, problems };
  } catch (error) {
    if (error instanceof SelectorError) return { targets: [], problems: [stepProblem([], error.message)] };
    throw error;
  }
}
