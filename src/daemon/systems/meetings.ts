import type { Fleet } from '../../fleet/fleet.ts';
import type { MeetingsSection } from '../../fleet/systems/systems-section.ts';
import { SystemError, trustOfSystem } from '../../fleet/systems/trust.ts';
import type { Reach } from '../../integrations/webex-meetings/caller.ts';
import type { MeetingService } from '../../integrations/webex-meetings/meetings.ts';
import { RestMeetings } from '../../integrations/webex-meetings/rest-client.ts';
import { createXmlMeetings } from '../../integrations/webex-meetings/xml-client.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Secret } from '../../lib/secret.ts';
import { presentSecret, type SystemKind } from './system.ts';

interface Modules {
  readonly fleet: () => Fleet;
  /** Of `systems.webex`. */
  readonly webexToken: () => Promise<Secret>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MINUTE_MS = 60_000;

/** Webex Meetings by REST, or by the retired XML interface where the file asks for it. */
export function meetingsKind(modules: Modules): SystemKind<MeetingsSection, MeetingService> {
  return {
    name: 'meetings',
    title: 'Webex Meetings',
    sectionOf: ({ systems }) => systems.meetings,
    make: (section) => make(section, modules),

    async check(service, { url, api }, { signal }) {
      const from = modules.clock.now();
      await service.list({ from, to: from + MINUTE_MS }, { signal }).next();
      return api.kind === 'rest'
        ? `${url} answers`
        : `${url} answers, by the XML interface that Webex retired on 31 March 2024`;
    },
  };
}

async function make(section: MeetingsSection, modules: Modules): Promise<MeetingService> {
  const { url, tls, proxy, timeoutMs, api } = section;
  const reach: Reach = {
    tls: await trustOfSystem(tls, 'systems.meetings'),
    deadlineMs: timeoutMs,
    ...(proxy === null ? {} : { proxy }),
  };
  if (api.kind === 'xml')
    return createXmlMeetings(
      {
        ...reach,
        url,
        siteName: api.siteName,
        webExId: api.webexId,
        credential: { kind: api.login.kind, secret: () => xmlSecret(modules) },
      },
      modules,
    );
  const { hostEmail, siteUrl } = api;
  return new RestMeetings(
    {
      ...reach,
      baseUrl: url,
      token: () => restToken(modules),
      ...(hostEmail === null ? {} : { hostEmail }),
      ...(siteUrl === null ? {} : { siteUrl }),
    },
    modules,
  );
}

/** Of the fleet in force: a token that the file names anew is used from the next request on. */
async function restToken({ fleet, webexToken }: Modules): Promise<Secret> {
  const api = fleet().systems.meetings?.api;
  const own = api?.kind === 'rest' ? api.token : null;
  return own === null ? await webexToken() : presentSecret(own, 'meetings.token');
}

async function xmlSecret({ fleet }: Modules): Promise<Secret> {
  const api = fleet().systems.meetings?.api;
  if (api?.kind !== 'xml')
    throw new SystemError('not-named', 'the file does not name systems.meetings.xml any more');
  return presentSecret(api.login.secret, `meetings.xml.${api.login.kind}`);
}
