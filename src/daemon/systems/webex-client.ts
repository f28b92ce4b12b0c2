import type { WebexCredential, WebexSection } from '../../fleet/systems/systems-section.ts';
import { trustOfSystem } from '../../fleet/systems/trust.ts';
import {
  createWebexClient,
  type WebexClient,
  type WebexClientModules,
  type WebexLogin,
} from '../../integrations/webex-messaging/client.ts';
import type { WebexConnection } from '../../integrations/webex-messaging/transport.ts';

/** The one guest that roomd is, where the file names a guest issuer. */
const GUEST = { subject: 'roomd', displayName: 'roomd' };

/**
 * A client for `systems.webex` of the fleet file; `close` ends its connections.
 * @throws SystemError where its CA file cannot be read
 */
export async function webexClientOf(
  section: WebexSection,
  modules: WebexClientModules,
): Promise<WebexClient> {
  return createWebexClient(
    { ...(await webexConnectionOf(section)), ...loginOf(section.credential) },
    modules,
  );
}

/** @throws SystemError where the CA file cannot be read */
export async function webexConnectionOf({
  url,
  tls,
  proxy,
  timeoutMs,
}: WebexSection): Promise<WebexConnection> {
  return {
    baseUrl: url,
    tls: await trustOfSystem(tls, 'systems.webex'),
    ...(proxy === null ? {} : { proxy }),
    deadlineMs: timeoutMs,
  };
}

function loginOf(credential: WebexCredential): WebexLogin {
  switch (credential.kind) {
    case 'bot':
    case 'personal':
      return { token: credential.token };
    case 'integration':
    case 'service-app':
      return { app: credential };
    case 'guest':
      return { guest: { ...GUEST, issuerId: credential.issuerId, secret: credential.secret } };
    default:
      return credential;
  }
}
