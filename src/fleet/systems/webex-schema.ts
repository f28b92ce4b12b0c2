import { z } from 'zod';
import { words } from '../schema-forms.ts';
import { connectionShape, systemUrl } from './connection.ts';

const OAuth = (description: string) =>
  z
    .strictObject({
      clientId: words({ description: 'The client id of the app.', examples: ['C1234…'] }),
      clientSecret: words({ description: 'As a reference.', examples: ['${credential:webex-client}'] }),
      refreshToken: words({ description: 'As a reference.', examples: ['${credential:webex-refresh}'] }),
    })
    .meta({ description });

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
    integration: OAuth('An integration that acts for the person who granted it.').optional(),
    serviceApp: OAuth('A service app that an administrator authorised.').optional(),
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
