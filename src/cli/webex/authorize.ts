import { webexConnectionOf } from '../../daemon/webex.ts';
import {
  authorizeUrl,
  newVerifier,
  TokenEndpoint,
} from '../../integrations/webex-messaging/credentials/oauth.ts';
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

/** The scopes of what roomd does without an administrator. */
const SCOPES = [
  'people',
  'rooms',
  'memberships',
  'messages',
  'teams',
  'team_memberships',
  'webhooks',
].flatMap((noun) =>
  noun === 'people' ? [`spark:${noun}_read`] : [`spark:${noun}_read`, `spark:${noun}_write`],
);

/** Without a code: where a person grants the integration what it asks for. With one: the refresh token for the file. */
export async function webexAuthorize(
  options: GlobalOptions & AuthorizeOptions,
  context: CliContext,
): Promise<number> {
  const section = await webexSection(options, context, { mayLack: 'refreshToken' });
  const { credential, url } = section;
  if (credential.kind !== 'integration')
    throw new ExitError(
      EXIT.usage,
      'only an integration is granted by a person: write systems.webex.integration',
    );
  const { terminal, clock, newId, signal } = context;
  const { redirectUri, code, verifier: given } = options;
  if (code === undefined) {
    const { verifier, challenge } = newVerifier();
    const scopes = options.scopes?.split(/[\s,]+/) ?? SCOPES;
    const { clientId } = credential;
    const address = authorizeUrl({ clientId, redirectUri, scopes, state: newId(), challenge }, url);
    const shown = { url: address, verifier: verifier.reveal() };
    if (options.json) terminal.out(JSON.stringify(shown, null, 2));
    else {
      terminal.out(address);
      terminal.err('');
      terminal.err(
        'Open it in a browser and grant; the browser then goes to the redirect URI with a code. Then:',
      );
      terminal.err(
        `roomd webex authorize --redirect-uri ${redirectUri} --verifier ${shown.verifier} --code CODE`,
      );
    }
    return EXIT.ok;
  }
  const transport = createTransport(await webexConnectionOf(section), { clock });
  try {
    const verifier = given === undefined ? undefined : new Secret(given);
    const exchange = { code, redirectUri, verifier };
    const grant = await new TokenEndpoint(transport, clock).exchangeCode(credential, exchange, { signal });
    const refreshToken = grant.refreshToken?.reveal() ?? '';
    const endsAt = grant.refreshEndsAt === null ? null : new Date(grant.refreshEndsAt).toISOString();
    if (options.json) terminal.out(JSON.stringify({ refreshToken, endsAt }, null, 2));
    else {
      terminal.out(refreshToken);
      terminal.err('');
      terminal.err(
        `Put the line above where refreshToken of systems.webex.integration points to. ${endsAt === null ? '' : `It holds until ${endsAt}, and anew from each use.`}`,
      );
    }
    return EXIT.ok;
  } finally {
    await transport.close();
  }
}
