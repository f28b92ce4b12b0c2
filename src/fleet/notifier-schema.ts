import { z } from 'zod';
import { isLoopback, readHttpUrl, readMailbox } from './forms.ts';
import { form, integer, words } from './schema-forms.ts';

const Webex = z
  .strictObject({
    roomId: words({
      description: 'Id of the space to post to; this or personEmail.',
      examples: ['Y2lzY29zcGFyazov…'],
    }).optional(),
    personEmail: words({
      description: 'The person to post to; this or roomId.',
      examples: ['ops@example.com'],
    }).optional(),
    token: words({
      description: 'The bot token, as a reference; that of systems.webex where nothing is said.',
      examples: ['${credential:webex-bot}'],
    }).optional(),
    baseUrl: z
      .url({ protocol: /^https?$/, error: 'write a URL, such as https://webexapis.com/v1.' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional()
      .meta({
        description: 'Where the service answers, for a token of its own.',
        default: 'https://webexapis.com/v1',
      }),
  })
  .refine(({ token, baseUrl }) => token !== undefined || baseUrl === undefined, {
    error: 'without a token of its own it speaks as systems.webex does: leave baseUrl out, or write a token.',
    path: ['baseUrl'],
  })
  .refine(({ roomId, personEmail }) => (roomId === undefined) !== (personEmail === undefined), {
    error: 'write either roomId (a space) or personEmail (a person), one of the two.',
  })
  .meta({ description: 'Webex messaging: a bot that tells a space or a person.' });

const mailbox = form(readMailbox, { examples: ['ops@example.com'] });

const Email = z
  .strictObject({
    host: words({ description: 'The mail server.', examples: ['smtp.example.com'] }),
    port: integer()
      .min(1, { error: 'a port is a number from 1 to 65535.' })
      .max(65_535, { error: 'a port is a number from 1 to 65535.' })
      .optional()
      .meta({
        description: '587 with starttls, 465 with implicit, 25 with none, where nothing is said.',
        examples: [587],
      }),
    tls: z.enum(['starttls', 'implicit', 'none']).default('starttls').meta({
      description: 'starttls: must be offered; implicit: TLS from the first byte; none: in the clear.',
    }),
    user: words({
      description: 'Who logs in, where the server asks for it.',
      examples: ['roomd@example.com'],
    }).optional(),
    password: words({ description: 'As a reference.', examples: ['${credential:mail}'] }).optional(),
    from: form(readMailbox, { description: 'The sender.', examples: ['roomd <roomd@example.com>'] }),
    to: z
      .union([mailbox, z.array(mailbox).min(1, { error: 'name somebody who gets the mail.' })])
      .transform((to) => (typeof to === 'string' ? [to] : to))
      .meta({ description: 'Who gets the mail: an address, or a list.', examples: ['ops@example.com'] }),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'user and password stand together, or neither of them.',
  })
  .refine(
    ({ host, tls, password }) => password === undefined || tls !== 'none' || isLoopback({ host, port: 0 }),
    {
      error: 'with tls: none the password would cross the network in the clear; use starttls or implicit.',
      path: ['tls'],
    },
  )
  .meta({ description: 'Mail in plain text, by SMTP.' });

const Webhook = z
  .strictObject({
    url: form(readHttpUrl, {
      description: 'What is posted to.',
      examples: ['https://hooks.example.com/roomd'],
    }),
    secret: words({
      description: 'What each post is signed with, as a reference.',
      examples: ['${credential:webhook}'],
    }),
  })
  .meta({ description: 'A signed HTTP post of JSON.' });

const Alertmanager = z
  .strictObject({
    url: form(readHttpUrl, {
      description: 'Without /api/v2/alerts.',
      examples: ['http://alertmanager.example.com:9093'],
    }),
  })
  .meta({ description: 'A Prometheus Alertmanager; it takes alerts, no messages of macros.' });

const Teams = z
  .strictObject({
    url: words({
      description: 'The URL of the workflow, as a reference: who knows it may post.',
      examples: ['${credential:teams-workflow}'],
    }),
  })
  .meta({ description: 'A workflow of Microsoft Teams that takes webhook requests.' });

const KINDS = ['webex', 'email', 'webhook', 'alertmanager', 'teams'] as const;

export const Notifier = z
  .strictObject({
    webex: Webex.optional(),
    email: Email.optional(),
    webhook: Webhook.optional(),
    alertmanager: Alertmanager.optional(),
    teams: Teams.optional(),
  })
  .refine((notifier) => KINDS.filter((kind) => notifier[kind] !== undefined).length === 1, {
    error: `a notifier is exactly one of ${KINDS.join(', ')}; give each a name of its own.`,
  })
  .meta({ id: 'Notifier', description: 'A way to tell people.', minProperties: 1, maxProperties: 1 });
export type Notifier = z.output<typeof Notifier>;
