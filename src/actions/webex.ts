import { z } from 'zod';
import { SystemError } from '../fleet/systems/trust.ts';
import { type Action, ActionError } from './action.ts';
import { Time } from './answers.ts';
import { rfc3339 } from './present.ts';

const Input = z.strictObject({
  scopes: z
    .array(z.string().min(1).max(100))
    .max(50)
    .nullable()
    .default(null)
    .describe('What to ask for; what roomd’s verbs need of a person where absent.'),
});

const ShownAuthorization = z.strictObject({
  url: z.string().describe('Where a person grants it, in a browser.'),
  redirectUri: z.string().describe('Where the browser comes back to.'),
  until: Time.describe('Until when it is waited for.'),
});
export type ShownAuthorization = z.output<typeof ShownAuthorization>;

export const authorizeWebex: Action<z.output<typeof Input>, ShownAuthorization> = {
  name: 'webex.authorize',
  summary: 'The address at which a person grants the integration of systems.webex; the daemon waits for it.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/webex/authorize' },
  input: Input,
  answer: ShownAuthorization,
  deed: () => 'began to grant roomd access to Webex',
  async run({ scopes }, { webexGrants }) {
    if (webexGrants === undefined)
      throw new ActionError('conflict', 'this needs a running daemon: start it with `roomd run`');
    try {
      const { url, redirectUri, endsAt } = webexGrants.begin(scopes);
      return { url, redirectUri, until: rfc3339(endsAt) };
    } catch (error) {
      if (error instanceof SystemError) throw new ActionError('conflict', error.message, { cause: error });
      throw error;
    }
  },
};
