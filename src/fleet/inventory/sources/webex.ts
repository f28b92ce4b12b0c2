import type { WebexClient } from '../../../integrations/webex-messaging/client.ts';
import type { CloudDevice } from '../../../integrations/webex-messaging/resources/devices.ts';
import type { AbortOptions } from '../../../lib/abort.ts';
import type { Clock } from '../../../lib/clock.ts';
import { Wrong } from '../../forms.ts';
import { readMac, readSerial } from '../identity.ts';
import type { WebexInventory, WebexSelect } from '../inventory-section.ts';
import type { FoundDevice } from '../pulled.ts';
import { type InventorySource, isFreshAddress } from '../source.ts';

/** Devices that speak to the cloud now (cloud facts 1.5). */
const CONNECTED: ReadonlySet<string> = new Set(['connected', 'connected_with_issues']);

/**
 * The Webex cloud as a source: every page of its devices. What is asked for is
 * also looked at in the answer, because links to later pages have been seen to
 * lose parameters (cloud facts 1.3).
 */
export class WebexSource implements InventorySource {
  readonly name = 'webex';
  readonly #section: WebexInventory;
  readonly #client: () => Promise<Pick<WebexClient, 'devices'>>;
  readonly #clock: Clock;

  constructor(
    section: WebexInventory,
    { client, clock }: { client: () => Promise<Pick<WebexClient, 'devices'>>; clock: Clock },
  ) {
    this.#section = section;
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws WebexError, and whatever keeps a client from being made */
  async pull({ signal }: AbortOptions): Promise<readonly FoundDevice[]> {
    const { devices } = await this.#client();
    const { select } = this.#section;
    const found: FoundDevice[] = [];
    for await (const device of devices.list(queryOf(select), { signal })) {
      const one = isSelected(device, select) ? foundOf(device, this.#clock.now()) : null;
      if (one !== null) found.push(one);
    }
    return found;
  }
}

function queryOf({ type, tags, ...rest }: WebexSelect) {
  const given = Object.entries(rest).filter(([, value]) => value !== null);
  return { type, ...(tags.length === 0 ? {} : { tag: tags }), ...Object.fromEntries(given) };
}

function isSelected(device: CloudDevice, select: WebexSelect): boolean {
  const { tags, orgId: _, ...exact } = select;
  return (
    tags.every((tag) => device.tags.includes(tag)) &&
    Object.entries(exact).every(
      ([key, value]) => value === null || device[key as keyof typeof exact] === value,
    )
  );
}

/** Null for one that has neither a MAC address nor a serial number, so that nobody could tell it again. */
function foundOf(device: CloudDevice, now: number): FoundDevice | null {
  const [mac, serial] = [known(readMac(device.mac ?? '')), known(readSerial(device.serial ?? ''))];
  if (mac === null && serial === null) return null;
  const { displayName, product, software, ip, lastSeen } = device;
  const isRegistered = CONNECTED.has(device.connectionStatus ?? '');
  const lastSeenAt = Date.parse(lastSeen ?? '');
  const isFresh = isFreshAddress(Number.isNaN(lastSeenAt) ? null : lastSeenAt, now);
  return {
    mac,
    serial,
    facts: {
      name: displayName,
      mac: mac ?? '',
      serial: serial ?? '',
      description: displayName,
      model: product ?? '',
      product: product ?? '',
      devicePool: '',
      location: device.locationId ?? '',
    },
    address: (isRegistered || isFresh) && ip !== null && ip !== '' ? ip : null,
    isRegistered,
    software,
  };
}

function known(read: string | Wrong): string | null {
  return read instanceof Wrong ? null : read;
}
