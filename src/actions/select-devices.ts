import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { callsByName, parseSelector, type Selector, select, unknownNames } from '../fleet/selector.ts';
import { messageOf } from '../lib/errors.ts';
import { ActionError } from './action.ts';
import type { Ports } from './ports.ts';

/**
 * The devices that a selector means; null means all.
 * @throws ActionError `bad-input` for one that cannot be read, `not-found` for one that names or matches nothing
 */
export function selectDevices(fleet: Fleet, selector: string | null): readonly DesiredDevice[] {
  if (selector === null) return fleet.devices;
  const parsed = readSelector(selector);
  const [unknown] = unknownNames(parsed, fleet.devices);
  if (unknown !== undefined) throw new ActionError('not-found', unknown.message);
  const devices = select(parsed, fleet.devices);
  if (devices.length === 0) throw new ActionError('not-found', `no device matches "${selector}"`);
  return devices;
}

/** The devices that a selector means to work on: one that is retired must be called by its name. */
export function selectInService(
  ports: Pick<Ports, 'fleet' | 'retirement'>,
  selector: string | null,
): { readonly devices: readonly DesiredDevice[]; readonly leftOut: readonly string[] } {
  const selected = selectDevices(ports.fleet(), selector);
  const parsed = selector === null ? null : readSelector(selector);
  const isLeftOut = (device: DesiredDevice): boolean =>
    ports.retirement.of(device.name) !== null && (parsed === null || !callsByName(parsed, device));
  return {
    devices: selected.filter((device) => !isLeftOut(device)),
    leftOut: selected.filter(isLeftOut).map(({ name }) => name),
  };
}

function readSelector(selector: string): Selector {
  try {
    return parseSelector(selector);
  } catch (error) {
    throw new ActionError('bad-input', messageOf(error), { cause: error });
  }
}
