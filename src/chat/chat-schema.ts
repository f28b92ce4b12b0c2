import { z } from 'zod';
import { duration } from '../fleet/duration.ts';
import type { Role } from '../fleet/fleet.ts';
import { readListenAddress, readMailbox, readPublicUrl, Wrong } from '../fleet/forms.ts';
import { form, words } from '../fleet/schema-forms.ts';

const KINDS = ['email', 'domain', 'organization'] as const;

/** Whom a line of `allow` means. */
export interface Whom {
  readonly kind: (typeof KINDS)[number];
  /** Addresses and domains in lower case. */
  readonly value: string;
}

export interface Grant {
  readonly whom: Whom;
  readonly role: Role;
}

const Allowed = z
  .strictObject({
    email: form(readEmail, {
      description: 'One person, by the address that Webex knows; this, domain or organization.',
      examples: ['anna@example.com'],
    }).optional(),
    domain: form(readDomain, {
      description: 'Everybody whose address is of this domain.',
      examples: ['example.com'],
    }).optional(),
    organization: words({
      description: 'Everybody of this organization, by its id in Webex.',
      examples: ['Y2lzY29zcGFyazov…'],
    }).optional(),
    role: z.enum(['viewer', 'operator', 'admin']).default('viewer').meta({
      description: 'viewer: may ask; operator: may also act on rooms; admin: everything that the bot has.',
    }),
  })
  .meta({ description: 'Who may use the bot.' })
  .transform(({ role, ...given }, context): Grant => {
    const [kind, ...others] = KINDS.filter((known) => given[known] !== undefined);
    const value = kind === undefined ? undefined : given[kind];
    if (kind !== undefined && value !== undefined && others.length === 0)
      return { whom: { kind, value }, role };
    context.addIssue({ code: 'custom', message: `write exactly one of ${KINDS.join(', ')}.` });
    return z.NEVER;
  });

const Webhook = z
  .strictObject({
    publicUrl: form(readPublicUrl, {
      description: 'Under which Webex reaches this machine; /webex is put behind it.',
      examples: ['https://rooms.example.com'],
    }),
    listen: form(readListenAddress, {
      description: 'Where roomd takes what comes there, in plain HTTP: a proxy before it ends TLS.',
      examples: ['127.0.0.1:8444'],
    }),
  })
  .meta({ description: 'Webex posts to roomd; without it, roomd asks Webex every few seconds.' });

/** The section `chat:`. */
export const Chat = z
  .strictObject({
    allow: z
      .array(Allowed)
      .min(1, { error: 'nobody could use the bot; name somebody, or leave chat out.' })
      .meta({
        description: 'Who may use the bot; a person counts before a domain, a domain before an organization.',
        examples: [[{ email: 'anna@example.com', role: 'operator' }]],
      }),
    polling: duration('How often Webex is asked for news where it cannot post them.').prefault('5s'),
    webhook: Webhook.optional(),
  })
  .meta({ id: 'Chat', description: 'A Webex bot that people ask about rooms and that acts for them.' });
export type Chat = z.output<typeof Chat>;

function readEmail(text: string): string | Wrong {
  const read = readMailbox(text);
  if (read instanceof Wrong) return read;
  return read.includes('<') ? new Wrong('write the address alone.') : read.toLowerCase();
}

function readDomain(text: string): string | Wrong {
  const domain = text.trim().replace(/^@/, '').toLowerCase();
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(domain)) return domain;
  return new Wrong(`"${text}" is no domain: write for example example.com.`);
}
