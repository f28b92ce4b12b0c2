import { z } from 'zod';
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
): { readonly devices: readonly DesiredDevice[]; readonly retired: readonly string[] } {
  const selected = selectDevices(ports.fleet(), selector);
  const isNamed = namedBy(selector);
  const isLeftOut = (device: DesiredDevice): boolean =>
    ports.retirement.of(device.name) !== null && !isNamed(device);
  return { devices: selected.filter((device) => !isLeftOut(device)), retired: namesOf(selected, isLeftOut) };
}

/** The devices that a selector means to write to at once: one that is retired or protected must be called by its name. */
export function selectToWrite(
  ports: Pick<Ports, 'fleet' | 'retirement'>,
  selector: string | null,
): {
  readonly devices: readonly DesiredDevice[];
  readonly retired: readonly string[];
  readonly protected: readonly string[];
} {
  const { devices, retired } = selectInService(ports, selector);
  const isNamed = namedBy(selector);
  const isLeftOut = (device: DesiredDevice): boolean => device.protected && !isNamed(device);
  return {
    devices: devices.filter((device) => !isLeftOut(device)),
    retired,
    protected: namesOf(devices, isLeftOut),
  };
}

/** Who was left out, as the answers of `plan` and `apply` tell it. */
export const leftOutShape = {
  retired: z
    .array(z.string())
    .readonly()
    .describe('Left out because they are retired and the selector does not call them by name.'),
  protected: z
    .array(z.string())
    .readonly()
    .describe('Left out because they are protected and the selector does not call them by name.'),
};

function namedBy(selector: string | null): (device: DesiredDevice) => boolean {
  const parsed = selector === null ? null : readSelector(selector);
  return (device) => parsed !== null && callsByName(parsed, device);
}

function namesOf(
  devices: readonly DesiredDevice[],
  isMeant: (device: DesiredDevice) => boolean,
): readonly string[] {
  return devices.filter(isMeant).map(({ name }) => name);
}

function readSelector(selector: string): Selector {
  try {
    return parseSelector(selector);
  } catch (error) {
    throw new ActionError('bad-input', messageOf(error), { cause: error });
  }
}
