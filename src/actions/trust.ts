import { z } from 'zod';
import { type Action, ActionError } from './action.ts';
import { getDevice, type ShownDevice, viewOf } from './devices.ts';

const Input = z.strictObject({
  name: z.string(),
  certificate: z
    .boolean()
    .default(false)
    .describe('Accept the certificate that the device shows on the next contact.'),
  serial: z.boolean().default(false).describe('Bind to the serial number that answers on the next contact.'),
  retryLogin: z.boolean().default(false).describe('Try a refused password once more.'),
});

export const trust: Action<z.output<typeof Input>, ShownDevice> = {
  name: 'trust',
  summary: 'Vouch for what a device shows now: its certificate, its serial number, or its password.',
  role: 'admin',
  http: { method: 'POST', path: '/devices/:name/trust' },
  input: Input,
  async run({ name, ...what }, ports, caller, options) {
    viewOf(ports, name);
    if (!what.certificate && !what.serial && !what.retryLogin) {
      throw new ActionError('bad-input', 'say what to trust: certificate, serial or retryLogin');
    }
    await ports.trust(name, what);
    return getDevice.run({ name }, ports, caller, options);
  },
};
