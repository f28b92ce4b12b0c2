import type { WebexCredential, WebexSection } from '../../fleet/systems/systems-section.ts';
import type { WebexClient } from '../../integrations/webex-messaging/client.ts';
import { WebexError } from '../../integrations/webex-messaging/errors.ts';
import { findScopes } from '../../integrations/webex-messaging/scopes.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { table } from '../terminal.ts';
import { withWebexClient } from './with-client.ts';

/** Who the credential is, when it ends and what it may do; exit code 1 where something is missing. */
export function webexDoctor(options: GlobalOptions, context: CliContext): Promise<number> {
  return withWebexClient(options, context, async (client, section) => {
    const person = await client.people.me(context);
    const endsAt = await endOf(client, context);
    const scopes = await findScopes(client, context);
    const shown = {
      url: section.url,
      credential: section.credential.kind,
      person,
      endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
      warnings: warningsOf(section, person.type, { endsAt, now: context.clock.now() }),
      scopes,
    };
    if (options.json) context.terminal.out(JSON.stringify(shown, null, 2));
    else for (const line of lines(shown, context)) context.terminal.out(line);
    return scopes.some(({ state }) => state === 'missing') ? EXIT.failed : EXIT.ok;
  });
}

/** Null where the service does not tell it for such a credential. */
async function endOf(client: WebexClient, { signal }: CliContext): Promise<number | null> {
  try {
    return await client.access.tokenExpiry({ signal });
  } catch (error) {
    if (error instanceof WebexError && !error.retryable) return null;
    throw error;
  }
}

const HOUR_MS = 3_600_000;

function warningsOf(
  { credential, tls, url }: WebexSection,
  type: string,
  { endsAt, now }: { endsAt: number | null; now: number },
): string[] {
  const warnings: string[] = [];
  if (credential.kind === 'personal')
    warnings.push(
      'a personal token ends 12 hours after it was copied: take a bot or a service app for a daemon.',
    );
  if (credential.kind === 'bot' && type !== 'bot')
    warnings.push(
      `"token" is meant for a bot, and this token is that of a ${type}: write "personal", or make a bot.`,
    );
  if (isFixed(credential) && endsAt !== null && endsAt - now < 24 * HOUR_MS)
    warnings.push(`the token ends at ${new Date(endsAt).toISOString()}, and roomd cannot renew it.`);
  if (tls.mode === 'insecure') warnings.push(`whoever answers at ${url} is taken for Webex (tls: insecure).`);
  return warnings;
}

function isFixed({ kind }: WebexCredential): boolean {
  return kind === 'bot' || kind === 'personal';
}

const MARKS = { granted: 'yes', missing: 'MISSING', unknown: 'not tried' } as const;

function lines(
  {
    url,
    credential,
    person,
    endsAt,
    warnings,
    scopes,
  }: {
    url: string;
    credential: string;
    person: { displayName: string; emails: readonly string[]; type: string };
    endsAt: string | null;
    warnings: readonly string[];
    scopes: Awaited<ReturnType<typeof findScopes>>;
  },
  { terminal }: CliContext,
): string[] {
  return [
    `${person.displayName} (${person.emails.join(', ')}), a ${person.type}, by a credential of the kind ${credential}, at ${url}.`,
    endsAt === null ? 'The service does not say when the token ends.' : `The token ends at ${endsAt}.`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    '',
    'Scopes that roomd’s verbs need. A bot has those of messaging by nature; reading is tried, writing is not:',
    ...table(
      scopes.map(({ scope, use, state }) => [MARKS[state], scope, use]),
      terminal.columns,
    ),
  ];
}
