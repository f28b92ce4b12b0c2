import type { Fleet } from '../fleet/fleet.ts';
import { type BoundMacro, bindMacro } from './bind.ts';
import { checkMacros } from './macro-check.ts';
import { MacroError } from './macro-error.ts';
import { Macro } from './macro-schema.ts';
import type { StepName } from './steps/registry.ts';

interface StepByHand {
  readonly name: StepName;
  /** As they would stand in the file. */
  readonly args: unknown;
  readonly device: string;
}

/**
 * A macro with one step, for one device, that is held to all that a macro of
 * the file is held to.
 * @throws MacroError `step-refused`, `device-not-meant`
 */
export function stepByHand({ name, args, device }: StepByHand, fleet: Fleet | null): BoundMacro {
  const desired = fleet?.devices.find((one) => one.name === device);
  if (fleet === null || desired === undefined)
    throw new MacroError('device-not-meant', `The fleet has no device "${device}".`);
  const read = Macro.safeParse({
    name: `${name} (by hand)`,
    devices: `name=${device}`,
    deadline: '15m',
    steps: [{ [name]: args }],
  });
  if (!read.success) throw refused(name, read.error.issues[0]?.message);
  const problem = checkMacros([read.data], fleet, () => null).find(({ severity }) => severity === 'error');
  if (problem !== undefined) throw refused(name, problem.message);
  return bindMacro(read.data, fleet);
}

function refused(name: string, why: string | undefined): MacroError {
  return new MacroError(
    'step-refused',
    `The step ${name} was not begun: ${why ?? 'its arguments are wrong'}`,
  );
}
