import type { Secrets } from '../secrets.ts';
import { connectionOf } from './connection.ts';
import type { Systems } from './systems-schema.ts';
import type { MeetingsSection, SystemsSection, WebexCredential } from './systems-section.ts';
import type { WebexSystem } from './webex-schema.ts';

/** What the schema refused is left out. Relative paths count from the folder that `absolute` knows. */
export function systemsOf(
  { webex, meetings, finesse, cucm }: Partial<Systems>,
  secrets: Secrets,
  absolute: (file: string) => string,
): SystemsSection {
  const credential = webex === undefined ? null : credentialOf(webex, secrets);
  const login = ({ username, password }: { username: string; password: string }) => ({
    username: secrets.get(username).reveal(),
    password: secrets.get(password),
  });
  return {
    webex:
      webex === undefined || credential === null ? null : { ...connectionOf(webex, absolute), credential },
    meetings: meetings === undefined ? null : meetingsOf(meetings, secrets, absolute),
    finesse: finesse === undefined ? null : { ...connectionOf(finesse, absolute), ...login(finesse) },
    cucm:
      cucm === undefined ? null : { ...connectionOf(cucm, absolute), ...login(cucm), version: cucm.version },
  };
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
      refreshToken: secrets.get(app.refreshToken),
    };
  if (guest === undefined) return null;
  return { kind: 'guest', issuerId: secrets.get(guest.issuerId).reveal(), secret: secrets.get(guest.secret) };
}

function meetingsOf(
  meetings: NonNullable<Systems['meetings']>,
  secrets: Secrets,
  absolute: (file: string) => string,
): MeetingsSection {
  const { xmlUrl, siteName, webexId, password, token } = meetings;
  return {
    ...connectionOf(meetings, absolute),
    token: token === undefined ? null : secrets.get(token),
    xml:
      xmlUrl === undefined
        ? null
        : {
            url: xmlUrl,
            siteName: siteName ?? null,
            webexId: webexId === undefined ? null : secrets.get(webexId).reveal(),
            password: password === undefined ? null : secrets.get(password),
          },
  };
}
