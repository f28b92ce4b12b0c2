import { z } from 'zod';
import type { WebexCore } from '../core.ts';
import { text, texts } from '../fields.ts';
import { type Verbs, verbsOf } from '../resource.ts';
import type { WebexCallOptions } from '../transport.ts';

/** What roomd reads of a device that is registered in the cloud (cloud facts 1.5). */
export const CloudDevice = z.object({
  id: z.string(),
  displayName: z.string().catch(''),
  workspaceId: text,
  locationId: text,
  product: text,
  type: text,
  tags: texts,
  /** `connected`, `connected_with_issues`, `disconnected`, `offline_expired`, `activating`, … */
  connectionStatus: text,
  ip: text,
  mac: text,
  serial: text,
  software: text,
  upgradeChannel: text,
  devicePlatform: text,
  lastSeen: text,
});
export type CloudDevice = z.infer<typeof CloudDevice>;

export interface CloudDeviceQuery {
  readonly type?: string | undefined;
  readonly product?: string | undefined;
  /** All of them. */
  readonly tag?: readonly string[] | undefined;
  readonly locationId?: string | undefined;
  readonly workspaceId?: string | undefined;
  readonly devicePlatform?: string | undefined;
  readonly upgradeChannel?: string | undefined;
  /** Of another organization, for administrators of partners. */
  readonly orgId?: string | undefined;
  readonly serial?: string | undefined;
  readonly mac?: string | undefined;
}

export type Devices = Pick<Verbs<CloudDevice, CloudDeviceQuery, never, never>, 'list' | 'get'>;

const PAGE = 100;

/**
 * /devices, only to be looked at. Pages are followed by their Link; after a
 * full page without one the next is asked for by its start, as the vendor's own
 * kit does (cloud facts 1.3): a list that ends too early looks like one that is whole.
 */
export function devicesOf(core: WebexCore): Devices {
  const { get } = verbsOf<CloudDevice, object, object, object>(core, { path: '/devices', item: CloudDevice });
  return { get, list: (query = {}, options = {}) => list(core, query, options) };
}

async function* list(
  core: WebexCore,
  query: CloudDeviceQuery,
  options: WebexCallOptions,
): AsyncGenerator<CloudDevice, void> {
  const told = new Set<string>();
  for (;;) {
    const before = told.size;
    let count = 0;
    const asked = { ...query, max: PAGE, ...(before === 0 ? {} : { start: before }) };
    for await (const device of core.list('/devices', asked, CloudDevice, options)) {
      count += 1;
      if (told.has(device.id)) continue;
      told.add(device.id);
      yield device;
    }
    if (count % PAGE !== 0 || told.size === before) return;
  }
}
