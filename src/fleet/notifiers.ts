import type { NotifierSection } from './fleet.ts';
import type { Notifier } from './notifier-schema.ts';
import type { Entry } from './read-contents.ts';
import type { Secrets } from './secrets.ts';

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

/** The file's notifiers with their secrets filled in; what the schema refused is left out. */
export function notifiersOf(
  notifiers: ReadonlyMap<string, Entry<Notifier>>,
  secrets: Secrets,
): Record<string, NotifierSection> {
  const sections: Record<string, NotifierSection> = {};
  for (const [name, { value }] of notifiers) {
    const section = sectionOf(value, secrets);
    if (section !== null) sections[name] = section;
  }
  return sections;
}

function sectionOf(value: Partial<Notifier>, secrets: Secrets): NotifierSection | null {
  const { webex, email, webhook, alertmanager, teams } = value;
  if (webex !== undefined) {
    const { roomId, personEmail, token, baseUrl } = webex;
    const to = roomId === undefined ? { personEmail: personEmail ?? '' } : { roomId };
    const own =
      token === undefined
        ? null
        : { token: secrets.get(token), baseUrl: baseUrl ?? 'https://webexapis.com/v1' };
    return { webex: { to, own } };
  }
  if (email !== undefined) {
    const { user, password, port, tls, ...rest } = email;
    const login =
      user === undefined ? null : { user: secrets.get(user).reveal(), password: secrets.get(password) };
    return { email: { ...rest, tls, port: port ?? PORTS[tls], login } };
  }
  if (webhook !== undefined) return { webhook: { url: webhook.url, secret: secrets.get(webhook.secret) } };
  if (teams !== undefined) return { teams: { url: secrets.get(teams.url) } };
  return alertmanager === undefined ? null : { alertmanager };
}
