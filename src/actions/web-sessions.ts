import { z } from 'zod';
import { asked } from './account.ts';
import { type Action, ActionError } from './action.ts';
import { components } from './answers.ts';
import { viewOf } from './devices.ts';

const Input = z.strictObject({ name: z.string() });

export const ShownWebSessions = z
  .strictObject({
    device: z.string(),
    total: z.int(),
    ofAccount: z.int().describe('Of the account that roomd logs in with.'),
    mostInAll: z.int(),
    mostPerUser: z.int(),
    free: z.int().describe('How many more the account may open.'),
    leaveFree: z.int().describe('So many are to be left to people, by the file.'),
  })
  .register(components, { id: 'WebSessions' });
export type ShownWebSessions = z.output<typeof ShownWebSessions>;

export const webSessions: Action<z.output<typeof Input>, ShownWebSessions> = {
  name: 'device.web-sessions',
  summary: 'How many web sessions a device has now, of whomever, and how many it may have.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/web-sessions' },
  input: Input,
  answer: ShownWebSessions,
  async run({ name }, ports, _caller, options) {
    viewOf(ports, name);
    const desired = ports.fleet().devices.find((device) => device.name === name);
    const count = desired === undefined ? null : await asked(() => ports.webSessions(desired, options));
    if (count === null)
      throw new ActionError('conflict', `"${name}" is not among the devices that this roomd reaches`);
    return { device: name, ...count, leaveFree: ports.fleet().daemon.sessions.leaveFree };
  },
};
