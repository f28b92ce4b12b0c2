import type { Secrets } from '../secrets.ts';
import { connectionOf } from './connection.ts';
import type { CucmSystem } from './cucm-schema.ts';
import type { FinesseSystem } from './finesse-schema.ts';
import type { MeetingsSystem } from './meetings-schema.ts';
import type { Systems } from './systems-schema.ts';
import type {
  CucmSection,
  FinesseSection,
  MeetingsSection,
  SystemLogin,
  SystemsSection,
  WebexCredential,
  WebexSection,
} from './systems-section.ts';
import type { WebexSystem } from './webex-schema.ts';

/** What the schema refused is left out. Relative paths count from the folder that `absolute` knows. */
export function systemsOf(
  { webex, meetings, finesse, cucm }: Partial<Systems>,
  secrets: Secrets,
  absolute: (file: string) => string,
): SystemsSection {
  return {
    webex: webex === undefined ? null : webexOf(webex, secrets, absolute),
    meetings: meetings === undefined ? null : meetingsOf(meetings, secrets, absolute),
    finesse: finesse === undefined ? null : finesseOf(finesse, secrets, absolute),
    cucm: cucm === undefined ? null : cucmOf(cucm, secrets, absolute),
  };
}

function webexOf(
  webex: WebexSystem,
  secrets: Secrets,
  absolute: (file: string) => string,
): WebexSection | null {
  const credential = credentialOf(webex, secrets);
  return credential === null ? null : { ...connectionOf(webex, absolute), credential };
}

function credentialOf(
  { token, personal, integration, serviceApp, guest }: WebexSystem,
  secrets: Secrets,
): WebexCredential | null {
  if (token !== undefined) return { kind: 'bot', token: secrets.get(token) };
  if (personal !== undefined) return { kind: 'personal', token: secrets.get(personal) };
  const app = integration ?? serviceApp;
  if (app !== undefined)
    return {
      kind: integration === undefined ? 'service-app' : 'integration',
      clientId: secrets.get(app.clientId).reveal(),
      clientSecret: secrets.get(app.clientSecret),
      redirectUri: integration?.redirectUri ?? null,
      refreshToken: app.refreshToken === undefined ? null : secrets.get(app.refreshToken),
    };
  if (guest === undefined) return null;
  return { kind: 'guest', issuerId: secrets.get(guest.issuerId).reveal(), secret: secrets.get(guest.secret) };
}

function meetingsOf(
  meetings: MeetingsSystem,
  secrets: Secrets,
  absolute: (file: string) => string,
): MeetingsSection | null {
  const { xml, token, hostEmail = null, siteUrl = null } = meetings;
  if (xml === undefined) {
    const own = token === undefined ? null : secrets.get(token);
    return { ...connectionOf(meetings, absolute), api: { kind: 'rest', token: own, hostEmail, siteUrl } };
  }
  const login = loginOf(xml, secrets);
  if (login === null) return null;
  const { siteName } = xml;
  const webexId = secrets.get(xml.webexId).reveal();
  return {
    ...connectionOf({ ...meetings, url: xml.url }, absolute),
    api: { kind: 'xml', siteName, webexId, login },
  };
}

function finesseOf(
  finesse: FinesseSystem,
  secrets: Secrets,
  absolute: (file: string) => string,
): FinesseSection | null {
  const login = loginOf(finesse, secrets);
  if (login === null) return null;
  return { ...connectionOf(finesse, absolute), username: secrets.get(finesse.username).reveal(), login };
}

function loginOf(
  { password, token }: { readonly password?: string | undefined; readonly token?: string | undefined },
  secrets: Secrets,
): SystemLogin | null {
  if (password !== undefined) return { kind: 'password', secret: secrets.get(password) };
  return token === undefined ? null : { kind: 'token', secret: secrets.get(token) };
}

function cucmOf(cucm: CucmSystem, secrets: Secrets, absolute: (file: string) => string): CucmSection {
  return {
    ...connectionOf(cucm, absolute),
    username: secrets.get(cucm.username).reveal(),
    password: secrets.get(cucm.password),
    version: cucm.version,
  };
}
