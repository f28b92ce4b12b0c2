import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { parseSelector, select, unknownNames } from '../fleet/selector.ts';
import { messageOf } from '../lib/errors.ts';
import { ActionError } from './action.ts';

/**
 * The devices that a selector means; null means all.
 * @throws ActionError `bad-input` for one that cannot be read, `not-found` for one that names or matches nothing
 */
export function selectDevices(fleet: Fleet, selector: string | null): readonly DesiredDevice[] {
  if (selector === null) return fleet.devices;
  let parsed: ReturnType<typeof parseSelector>;
  try {
    parsed = parseSelector(selector);
  } catch (error) {
    throw new ActionError('bad-input', messageOf(error), { cause: error });
  }
  const [unknown] = unknownNames(parsed, fleet.devices);
  if (unknown !== undefined) throw new ActionError('not-found', unknown.message);
  const devices = select(parsed, fleet.devices);
  if (devices.length === 0) throw new ActionError('not-found', `no device matches "${selector}"`);
  return devices;
}
