import { ActionError } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import { membersOf } from '../fleet/managed-content.ts';
import { XapiError } from '../xapi/errors.ts';
import type { Engine } from './engine.ts';

/** `Ports.macroLog` over an engine: xCommand Macros Log Get, from the oldest line on. */
export function macroLogPort({ devices }: Engine): Ports['macroLog'] {
  return async (name, options) => {
    const device = devices.get(name);
    if (device === null) throw new ActionError('not-found', `no device is called "${name}"`);
    try {
      const result = await device.command('Macros.Log.Get', { Offset: 0 }, options);
      return { lines: membersOf(result, 'Message'), secret: device.address.password.reveal() };
    } catch (error) {
      if (!(error instanceof XapiError)) throw error;
      throw new ActionError('conflict', `the log of ${name} cannot be read: ${error.message}`, {
        cause: error,
      });
    }
  };
}
