import { z } from 'zod';
import { readHttpUrl } from '../forms.ts';
import { form, words } from '../schema-forms.ts';
import { connectionShape, systemUrl } from './connection.ts';

/** Webex Meetings: REST, and the retired XML interface where `xmlUrl` names it (cloud facts 1.7 and 3). */
export const MeetingsSystem = z
  .strictObject({
    url: systemUrl('https://webexapis.com/v1').prefault('https://webexapis.com/v1').meta({
      description: 'Where the service answers.',
      default: 'https://webexapis.com/v1',
    }),
    ...connectionShape,
    xmlUrl: form(readHttpUrl, {
      description: 'Where the older XML interface answers.',
      examples: ['https://example.webex.com/WBXService/XMLService'],
    }).optional(),
    siteName: words({ description: 'The site, for the XML interface.', examples: ['example'] }).optional(),
    webexId: words({ description: 'Who logs in to the XML interface.', examples: ['roomd'] }).optional(),
    password: words({ description: 'As a reference.', examples: ['${credential:meetings}'] }).optional(),
    token: words({
      description: 'The token for the REST interface, as a reference.',
      examples: ['${credential:webex-meetings}'],
    }).optional(),
  })
  .meta({ id: 'MeetingsSystem', description: 'Webex Meetings.' });
export type MeetingsSystem = z.output<typeof MeetingsSystem>;
