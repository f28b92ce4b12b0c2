import type { Caller } from '../actions/action.ts';
import type { Role } from '../fleet/fleet.ts';
import type { Person } from '../integrations/webex-messaging/resources/people.ts';
import type { Grant, Whom } from './chat-schema.ts';

/** Somebody who writes to the bot. */
export interface Writer {
  readonly personId: string;
  /** In lower case. */
  readonly email: string;
  readonly organizationId: string | null;
  /** It is a program, whose words may be answers to ours. */
  readonly isBot: boolean;
}

const NEAREST_FIRST: readonly Whom['kind'][] = ['email', 'domain', 'organization'];

/** What the file lets somebody do; null: nothing. A person's own line counts before that of a domain or organization. */
export function roleOf({ allow }: { readonly allow: readonly Grant[] }, writer: Writer): Role | null {
  for (const kind of NEAREST_FIRST) {
    const grant = allow.find(({ whom }) => whom.kind === kind && isMeant(whom, writer));
    if (grant !== undefined) return grant.role;
  }
  return null;
}

function isMeant({ kind, value }: Whom, { email, organizationId }: Writer): boolean {
  if (kind === 'email') return email === value;
  if (kind === 'domain') return email.slice(email.lastIndexOf('@') + 1) === value;
  return organizationId === value;
}

/** Addresses that only bots have: where the service does not say what somebody is. */
const BOT_ADDRESS = /@(?:webex\.bot|sparkbot\.io)$/;

export function writerOf({ id, emails, orgId, type }: Person): Writer {
  const email = (emails[0] ?? '').toLowerCase();
  return {
    personId: id,
    email,
    organizationId: orgId,
    isBot: type === 'bot' || type === 'appuser' || BOT_ADDRESS.test(email),
  };
}

/** As whom everything that somebody has the bot do is on record. */
export function actorOf({ email }: Pick<Writer, 'email'>): string {
  return `webex:${email}`;
}

/** Who may press was looked at when it was pressed. */
export function callerOf(section: { readonly allow: readonly Grant[] }, writer: Writer): Caller {
  return { actor: actorOf(writer), role: roleOf(section, writer) ?? 'viewer', devices: null };
}
