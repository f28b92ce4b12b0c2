import { z } from 'zod';
import { accountOf } from '../fleet/account-role.ts';
import { XapiError } from '../xapi/errors.ts';
import { type Action, ActionError } from './action.ts';
import { components } from './answers.ts';
import { viewOf } from './devices.ts';

const Input = z.strictObject({ name: z.string() });

export const ShownAccount = z
  .strictObject({
    account: z.string().describe('Its name under `credentials:`.'),
    roles: z.array(z.string()).readonly().describe('By the file.'),
    rolesOnDevice: z
      .array(z.string())
      .readonly()
      .nullable()
      .describe('By the device; null where it does not tell.'),
    lack: z
      .string()
      .nullable()
      .describe(
        'In what way the account is less than the file says; null where it is not, or where nobody knows.',
      ),
  })
  .register(components, { id: 'Account' });
export type ShownAccount = z.output<typeof ShownAccount>;

export const account: Action<z.output<typeof Input>, ShownAccount> = {
  name: 'account',
  summary: 'What the account that roomd logs in with is on a device, by the file and by the device.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/account' },
  input: Input,
  answer: ShownAccount,
  async run({ name }, ports, _caller, options) {
    viewOf(ports, name);
    const desired = ports.fleet().devices.find((device) => device.name === name);
    const found = desired === undefined ? null : await asked(() => ports.account(desired, options));
    if (desired === undefined || found === null)
      throw new ActionError('conflict', `"${name}" is not among the devices that this roomd reaches`);
    const { name: credential, roles } = accountOf(desired);
    return { account: credential, roles, rolesOnDevice: found.roles, lack: found.lack };
  },
};

/** That a device cannot be asked is no failure of roomd. */
export async function asked<Found>(ask: () => Promise<Found>): Promise<Found> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof XapiError) throw new ActionError('conflict', error.message, { cause: error });
    throw error;
  }
}
