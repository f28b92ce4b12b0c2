import { z } from 'zod';
import { daysLeft } from '../fleet/certificate-facts.ts';
import type { Fight } from '../fleet/fight.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import { type Action, ActionError } from './action.ts';
import type { AcceptedSecret, DeviceView, Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const ListInput = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
  cursor: z.string().nullable().default(null).describe('`nextCursor` of the page before.'),
});

export interface DeviceList {
  readonly items: readonly ShownDevice[];
  readonly nextCursor: string | null;
}

export type ShownDevice = ReturnType<typeof showDevice>;

export const listDevices: Action<z.output<typeof ListInput>, DeviceList> = {
  name: 'devices',
  summary: 'All devices with session, drift, slot and presence.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices' },
  input: ListInput,
  async run({ devices, limit, cursor }, ports) {
    const wanted = new Set(selectDevices(ports.fleet(), devices).map(({ name }) => name));
    const views = ports
      .devices()
      .filter(({ name }) => wanted.has(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .filter(({ name }) => cursor === null || name > cursor);
    const known = { accepted: await acceptedByName(ports), now: ports.now() };
    const items = views.slice(0, limit).map((view) => showDevice(view, known));
    return { items, nextCursor: views.length > limit ? (items.at(-1)?.name ?? null) : null };
  },
};

const OneInput = z.strictObject({ name: z.string() });

export const getDevice: Action<z.output<typeof OneInput>, ShownDevice> = {
  name: 'device',
  summary: 'One device with session, drift, slot and presence.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name' },
  input: OneInput,
  async run({ name }, ports) {
    return showDevice(viewOf(ports, name), { accepted: await acceptedByName(ports), now: ports.now() });
  },
};

/** @throws ActionError `not-found` */
export function viewOf(ports: Ports, name: string): DeviceView {
  const view = ports.devices().find((device) => device.name === name);
  if (view === undefined) throw new ActionError('not-found', `no device is called "${name}"`);
  return view;
}

type Accepted = ReadonlyMap<string, AcceptedSecret['accepts']>;

async function acceptedByName(ports: Ports): Promise<Accepted> {
  return new Map((await ports.acceptedSecrets()).map(({ name, accepts }) => [name, accepts]));
}

function showDevice(view: DeviceView, { accepted, now }: { accepted: Accepted; now: number }) {
  const {
    session,
    webSessions,
    heldBackSince,
    configuration,
    presence,
    fights,
    retired,
    certificate,
    nextBooking,
    maintenance,
    ...rest
  } = view;
  return {
    ...rest,
    /** Which secret it is on record to accept while the file names a next one; null otherwise, and where that is not known. */
    accepts: accepted.get(view.name) ?? null,
    session: { ...session, since: rfc3339(session.since) },
    webSessions: webSessions === null ? null : { ...webSessions, countedAt: rfc3339(webSessions.countedAt) },
    configuration: { ...configuration, checkedAt: rfc3339(configuration.checkedAt) },
    heldBackSince: rfc3339(heldBackSince),
    fights: fights.map(showFight),
    presence: { ...presence, since: rfc3339(presence.since) },
    nextBooking:
      nextBooking === null ? null : { start: rfc3339(nextBooking.start), end: rfc3339(nextBooking.end) },
    certificate: certificate === null ? null : showCertificate(certificate, now),
    maintenance: maintenance === null ? null : { ...maintenance, until: rfc3339(maintenance.until) },
    retired: retired === null ? null : { ...retired, since: rfc3339(retired.since) },
  };
}

function showCertificate({ validFrom, validTo, ...certificate }: CertificateFacts, now: number) {
  return {
    ...certificate,
    validFrom: rfc3339(validFrom),
    validTo: rfc3339(validTo),
    daysLeft: daysLeft(validTo, now) ?? 0,
  };
}

/** `write` is the id of roomd's own write; null where something else changed the setting. */
function showFight({ path, ours, theirs, since, openedAt, flips }: Fight) {
  return {
    path,
    ours,
    theirs,
    since: rfc3339(since),
    openedAt: rfc3339(openedAt),
    flips: flips.map(({ at, value, write }) => ({ at: rfc3339(at), value, write })),
  };
}
