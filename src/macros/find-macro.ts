import type { DesiredDevice } from '../fleet/fleet.ts';
import { didYouMean } from '../lib/suggest.ts';
import type { BoundMacro } from './bind.ts';
import { MacroError } from './macro-error.ts';

/**
 * A macro that is to run now, and the device it is to run on.
 * @param device null for a macro that is for the fleet as a whole
 * @throws MacroError for a macro that is not there or disabled, and for a device that it is not for
 */
export function findMacro(
  macros: readonly BoundMacro[],
  macro: string,
  device: string | null,
): { bound: BoundMacro; desired: DesiredDevice | null } {
  const bound = macros.find((one) => one.macro.name === macro);
  if (bound === undefined) {
    const names = macros.map((one) => one.macro.name);
    throw new MacroError('macro-unknown', `There is no macro "${macro}".${didYouMean(macro, names)}`);
  }
  if (!bound.macro.enabled)
    throw new MacroError(
      'macro-disabled',
      `The macro "${macro}" is disabled: take out \`enabled: false\` first.`,
    );
  if (bound.macro.scope === 'fleet') {
    if (device === null) return { bound, desired: null };
    throw new MacroError(
      'device-not-meant',
      `The macro "${macro}" is for the fleet as a whole: name no device.`,
    );
  }
  if (device === null)
    throw new MacroError(
      'device-not-meant',
      `The macro "${macro}" runs on a device: name one with --device.`,
    );
  const desired = bound.targets.find(({ name }) => name === device);
  if (desired === undefined) {
    const names = bound.targets.map(({ name }) => name);
    throw new MacroError(
      'device-not-meant',
      `The macro "${macro}" is for ${bound.macro.devices}, which does not name "${device}".${didYouMean(device, names)}`,
    );
  }
  return { bound, desired };
}
