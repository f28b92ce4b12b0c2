import { z } from 'zod';
import type { Action } from './action.ts';
import { pageOf } from './answers.ts';
import { CursorInput, readCursor, writeCursor } from './cursor.ts';
import { DeviceFilter, readSort, SortOrder, sifted, sorted } from './device-list.ts';
import { noDevice } from './no-device.ts';
import type { DeviceView, Ports } from './ports.ts';
import { selectDevices } from './select-devices.ts';
import { knownBeside, ShownDevice, showDevice } from './shown-device.ts';

const ListInput = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  ...DeviceFilter.shape,
  sort: SortOrder,
  limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
  cursor: CursorInput,
});

export const DeviceList = pageOf(ShownDevice);
export type DeviceList = z.output<typeof DeviceList>;

export const listDevices: Action<z.output<typeof ListInput>, DeviceList> = {
  name: 'devices',
  summary: 'All devices with session, drift, slot and presence.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices' },
  input: ListInput,
  answer: DeviceList,
  sparse: ShownDevice.partial(),
  version: ({ devicesVersion }) => devicesVersion?.() ?? null,
  async run({ devices, sort, limit, cursor, ...filter }, ports) {
    const wanted = new Set(selectDevices(ports.fleet(), devices).map(({ name }) => name));
    const order = readSort(sort);
    const views = sorted(
      sifted(ports.devices(), filter).filter(({ name }) => wanted.has(name)),
      order,
      cursor === null ? null : readCursor(cursor, sort),
    );
    const known = await knownBeside(ports);
    const page = views.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map((view) => showDevice(view, known)),
      nextCursor:
        views.length > limit && last !== undefined ? writeCursor([order.of(last), last.name], sort) : null,
    };
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
  answer: ShownDevice,
  async run({ name }, ports) {
    return showDevice(viewOf(ports, name), await knownBeside(ports));
  },
};

/** @throws ActionError `not-found` */
export function viewOf(ports: Ports, name: string): DeviceView {
  const view = ports.devices().find((device) => device.name === name);
  if (view === undefined) throw noDevice(ports, name);
  return view;
}
