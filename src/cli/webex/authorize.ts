import { authorizeWebex } from '../../actions/webex.ts';
import { webexConnectionOf } from '../../daemon/systems/webex-client.ts';
import type { WebexApp, WebexSection } from '../../fleet/systems/systems-section.ts';
import {
  authorizeUrl,
  newVerifier,
  TokenEndpoint,
} from '../../integrations/webex-messaging/credentials/oauth.ts';
import { PERSONAL_SCOPES } from '../../integrations/webex-messaging/scopes.ts';
import { createTransport } from '../../integrations/webex-messaging/transport.ts';
import { Secret } from '../../lib/secret.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { withVerbs } from '../verbs.ts';
import { webexSection } from './section.ts';

export interface AuthorizeOptions {
  readonly redirectUri?: string;
  readonly scopes?: string;
  readonly code?: string;
  readonly verifier?: string;
}

type Options = GlobalOptions & AuthorizeOptions;

/**
 * Without a redirect URI: where a person grants the integration, for the daemon
 * to take. With one: the same for a code that is brought by hand; with the code,
 * the refresh token for the file.
 */
export async function webexAuthorize(options: Options, context: CliContext): Promise<number> {
  const { redirectUri, code } = options;
  if (redirectUri === undefined) return byDaemon(options, context);
  const { section } = await webexSection(options, context, { mayLack: 'refreshToken' });
  const { credential } = section;
  if (credential.kind !== 'integration')
    throw new ExitError(
      EXIT.usage,
      'only an integration is granted by a person: write systems.webex.integration',
    );
  if (code === undefined) printAddress(credential, section, { ...options, redirectUri }, context);
  else await printGrant(credential, section, { ...options, redirectUri, code }, context);
  return EXIT.ok;
}

async function byDaemon(options: Options, context: CliContext): Promise<number> {
  const { terminal } = context;
  if (options.code !== undefined)
    throw new ExitError(EXIT.usage, 'a code is exchanged for a redirect URI: write --redirect-uri, too');
  return withVerbs(options, context, async (verbs) => {
    const asked = await verbs.perform(authorizeWebex, { scopes: scopesOf(options) ?? null });
    if (options.json) terminal.out(JSON.stringify(asked, null, 2));
    else {
      terminal.out(asked.url);
      terminal.err('');
      terminal.err(
        `Open it in a browser and grant, until ${asked.until}; the browser then comes to ${asked.redirectUri}, where the daemon takes it.`,
      );
    }
    return EXIT.ok;
  });
}

function scopesOf({ scopes }: AuthorizeOptions): string[] | undefined {
  return scopes?.split(/[\s,]+/);
}

function printAddress(
  { clientId }: WebexApp,
  { url }: WebexSection,
  { redirectUri, json, ...options }: Options & { readonly redirectUri: string },
  { terminal, newId }: CliContext,
): void {
  const { verifier, challenge } = newVerifier();
  const asked = scopesOf(options) ?? PERSONAL_SCOPES;
  const address = authorizeUrl({ clientId, redirectUri, scopes: asked, state: newId(), challenge }, url);
  const shown = { url: address, verifier: verifier.reveal() };
  if (json) {
    terminal.out(JSON.stringify(shown, null, 2));
    return;
  }
  terminal.out(address);
  terminal.err('');
  terminal.err(
    'Open it in a browser and grant; the browser then goes to the redirect URI with a code. Then:',
  );
  terminal.err(
    `roomd webex authorize --redirect-uri ${redirectUri} --verifier ${shown.verifier} --code CODE`,
  );
}

async function printGrant(
  app: WebexApp,
  section: WebexSection,
  { redirectUri, code, verifier, json }: Options & { readonly redirectUri: string; readonly code: string },
  { terminal, clock, signal }: CliContext,
): Promise<void> {
  const transport = createTransport(await webexConnectionOf(section), { clock });
  try {
    const proof = verifier === undefined ? undefined : new Secret(verifier);
    const exchange = { code, redirectUri, verifier: proof };
    const grant = await new TokenEndpoint(transport, clock).exchangeCode(app, exchange, { signal });
    const refreshToken = grant.refreshToken?.reveal() ?? '';
    const endsAt = grant.refreshEndsAt === null ? null : new Date(grant.refreshEndsAt).toISOString();
    if (json) {
      terminal.out(JSON.stringify({ refreshToken, endsAt }, null, 2));
      return;
    }
    terminal.out(refreshToken);
    terminal.err('');
    terminal.err('Put the line above where refreshToken of systems.webex.integration points to.');
    if (endsAt !== null) terminal.err(`It holds until ${endsAt}, and anew from each use.`);
  } finally {
    await transport.close();
  }
}
