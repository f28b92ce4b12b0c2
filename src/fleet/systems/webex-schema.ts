import { z } from 'zod';
import { Wrong } from '../forms.ts';
import { form, words } from '../schema-forms.ts';
import { connectionShape, systemUrl } from './connection.ts';

const appShape = {
  clientId: words({ description: 'The client id of the app.', examples: ['C1234…'] }),
  clientSecret: words({ description: 'As a reference.', examples: ['${credential:webex-client}'] }),
};

const refreshToken = words({ description: 'As a reference.', examples: ['${credential:webex-refresh}'] });

/** Where the daemon takes grants, below whatever a proxy puts before it. */
const GRANT_PATH = '/webex/granted';

function readRedirectUri(text: string): string | Wrong {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname.endsWith(GRANT_PATH)) return text;
  return new Wrong(
    `"${text}" does not lead to the daemon: write for example https://rooms.example.com${GRANT_PATH}.`,
  );
}

const Integration = z
  .strictObject({
    ...appShape,
    refreshToken: refreshToken.optional(),
    redirectUri: form(readRedirectUri, {
      description: `Where the browser comes back to the daemon after a grant, as the integration has it: the address of daemon.listen as browsers see it, with ${GRANT_PATH}.`,
      examples: ['https://rooms.example.com/webex/granted'],
    }).optional(),
  })
  .refine((app) => (app.refreshToken ?? app.redirectUri) !== undefined, {
    error: 'write refreshToken, or redirectUri, by which the daemon is granted one.',
  })
  .meta({ description: 'An integration that acts for the person who granted it.' });

export const WEBEX_CREDENTIALS = ['token', 'personal', 'integration', 'serviceApp', 'guest'] as const;

/** The Webex cloud, reached with exactly one credential (cloud facts 1.1). */
export const WebexSystem = z
  .strictObject({
    url: systemUrl('https://webexapis.com/v1').prefault('https://webexapis.com/v1').meta({
      description: 'Where the service answers.',
      default: 'https://webexapis.com/v1',
    }),
    ...connectionShape,
    token: words({
      description: 'A bot token, as a reference.',
      examples: ['${credential:webex-bot}'],
    }).optional(),
    personal: words({
      description: 'A personal access token, as a reference; it ends after 12 hours.',
      examples: ['${env:WEBEX_PERSONAL_TOKEN}'],
    }).optional(),
    integration: Integration.optional(),
    serviceApp: z
      .strictObject({ ...appShape, refreshToken })
      .meta({ description: 'A service app that an administrator authorised.' })
      .optional(),
    guest: z
      .strictObject({
        issuerId: words({ description: 'The id of the guest issuer.', examples: ['Y2lzY29…'] }),
        secret: words({
          description: 'Its secret, as a reference.',
          examples: ['${credential:webex-guest}'],
        }),
      })
      .meta({ description: 'A guest of an existing guest issuer.' })
      .optional(),
  })
  .refine((system) => WEBEX_CREDENTIALS.filter((kind) => system[kind] !== undefined).length === 1, {
    error: `write exactly one credential: ${WEBEX_CREDENTIALS.join(', ')}.`,
  })
  .meta({ id: 'WebexSystem', description: 'The Webex cloud.' });
export type WebexSystem = z.output<typeof WebexSystem>;
