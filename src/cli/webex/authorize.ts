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
import { webexSection } from './section.ts';

export interface AuthorizeOptions {
  readonly redirectUri: string;
  readonly scopes?: string;
  readonly code?: string;
  readonly verifier?: string;
}

type Options = GlobalOptions & AuthorizeOptions;

/** Without a code: where a person grants the integration what it asks for. With one: the refresh token for the file. */
export async function webexAuthorize(options: Options, context: CliContext): Promise<number> {
  const { section } = await webexSection(options, context, { mayLack: 'refreshToken' });
  const { credential } = section;
  if (credential.kind !== 'integration')
    throw new ExitError(
      EXIT.usage,
      'only an integration is granted by a person: write systems.webex.integration',
    );
  if (options.code === undefined) printAddress(credential, section, options, context);
  else await printGrant(credential, section, { ...options, code: options.code }, context);
  return EXIT.ok;
}

function printAddress(
  { clientId }: WebexApp,
  { url }: WebexSection,
  { redirectUri, scopes, json }: Options,
  { terminal, newId }: CliContext,
): void {
  const { verifier, challenge } = newVerifier();
  const asked = scopes?.split(/[\s,]+/) ?? PERSONAL_SCOPES;
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
  { redirectUri, code, verifier, json }: Options & { readonly code: string },
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
