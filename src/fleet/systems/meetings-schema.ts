import { z } from 'zod';
import { words } from '../schema-forms.ts';
import { connectionShape, systemUrl } from './connection.ts';

const REST_URL = 'https://webexapis.com/v1';
const XML_URL = 'https://api.webex.com/WBXService/XMLService';

/** The retired interface, for sites that were given longer (cloud facts 3). */
const Xml = z
  .strictObject({
    url: systemUrl('https://example.webex.com/WBXService/XMLService').prefault(XML_URL).meta({
      description: 'Where it answers; the site’s own host serves it, too.',
      default: XML_URL,
    }),
    siteName: words({
      description: 'The site: the first part of its host name.',
      examples: ['example'],
    }),
    webexId: words({ description: 'Who logs in.', examples: ['roomd'] }),
    password: words({ description: 'As a reference.', examples: ['${credential:meetings}'] }).optional(),
    token: words({
      description: 'An access token instead of a password, as a reference.',
      examples: ['${credential:webex-meetings}'],
    }).optional(),
  })
  .refine(({ password, token }) => (password === undefined) !== (token === undefined), {
    error: 'write either password or token: what the account logs in with.',
  })
  .meta({
    description:
      'The XML interface instead of REST. Webex retired it on 31 March 2024; some sites have it still.',
  });

/** Webex Meetings: REST, or the retired XML interface where `xml` asks for it (cloud facts 1.7 and 3). */
export const MeetingsSystem = z
  .strictObject({
    url: systemUrl(REST_URL).prefault(REST_URL).meta({
      description: 'Where REST answers.',
      default: REST_URL,
    }),
    ...connectionShape,
    token: words({
      description: 'The token for REST, as a reference; without it, that of webex is used.',
      examples: ['${credential:webex-meetings}'],
    }).optional(),
    hostEmail: words({
      description: 'Whose meetings they are, for the token of an administrator or a service app.',
      examples: ['rooms@example.com'],
    }).optional(),
    siteUrl: words({
      description: 'The site to meet on, where it is not the host’s preferred one.',
      examples: ['example.webex.com'],
    }).optional(),
    xml: Xml.optional(),
  })
  .refine(
    ({ xml, token, hostEmail, siteUrl }) =>
      xml === undefined || (token ?? hostEmail ?? siteUrl) === undefined,
    {
      error:
        'token, hostEmail and siteUrl are for REST, and xml says that the XML interface is used: leave out either.',
    },
  )
  .meta({ id: 'MeetingsSystem', description: 'Webex Meetings.' });
export type MeetingsSystem = z.output<typeof MeetingsSystem>;
