import { suggesting } from '../lib/suggest.ts';
import { ActionError } from './action.ts';
import type { Ports } from './ports.ts';

/** That a name is no device's, with the name that was probably meant. */
export function noDevice(ports: Pick<Ports, 'fleet'>, name: string): ActionError {
  const names = ports.fleet().devices.map((device) => device.name);
  return new ActionError('not-found', suggesting(`no device is called "${name}"`, name, names));
}
