import { z } from 'zod';
import { type Action, ActionError } from './action.ts';
import type { DeviceView, Ports } from './ports.ts';
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
  http: { method: 'GET', path: '/devices' },
  input: ListInput,
  async run({ devices, limit, cursor }, ports) {
    const wanted = new Set(selectDevices(ports.fleet(), devices).map(({ name }) => name));
    const views = ports
      .devices()
      .filter(({ name }) => wanted.has(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .filter(({ name }) => cursor === null || name > cursor);
    const items = views.slice(0, limit).map(showDevice);
    return { items, nextCursor: views.length > limit ? (items.at(-1)?.name ?? null) : null };
  },
};

const OneInput = z.strictObject({ name: z.string() });

export const getDevice: Action<z.output<typeof OneInput>, ShownDevice> = {
  name: 'device',
  summary: 'One device with session, drift, slot and presence.',
  role: 'viewer',
  http: { method: 'GET', path: '/devices/:name' },
  input: OneInput,
  async run({ name }, ports) {
    return showDevice(viewOf(ports, name));
  },
};

/** @throws ActionError `not-found` */
export function viewOf(ports: Ports, name: string): DeviceView {
  const view = ports.devices().find((device) => device.name === name);
  if (view === undefined) throw new ActionError('not-found', `no device is called "${name}"`);
  return view;
}

function showDevice({ session, configuration, presence, maintenance, ...view }: DeviceView) {
  return {
    ...view,
    session: { ...session, since: rfc3339(session.since) },
    configuration: { ...configuration, checkedAt: rfc3339(configuration.checkedAt) },
    presence: { ...presence, since: rfc3339(presence.since) },
    maintenance: maintenance === null ? null : { ...maintenance, until: rfc3339(maintenance.until) },
  };
}
