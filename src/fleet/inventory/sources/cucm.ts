import type { CucmClient } from '../../../integrations/cucm/client.ts';
import type { CucmPhone, CucmRegistration } from '../../../integrations/cucm/phone.ts';
import type { RisDevice } from '../../../integrations/cucm/ris.ts';
import type { AbortOptions } from '../../../lib/abort.ts';
import type { Clock } from '../../../lib/clock.ts';
import { Wrong } from '../../forms.ts';
import { isLike } from '../../glob.ts';
import { readMac } from '../identity.ts';
import type { CucmInventory } from '../inventory-section.ts';
import type { FoundDevice } from '../pulled.ts';
import { type InventorySource, isFreshAddress } from '../source.ts';

/**
 * Unified CM as a source: phones by AXL, chosen here because AXL cannot search
 * by model (cloud facts 4.1); where they registered last by AXL, and whether
 * they are registered now by RISPort70, whose word on the address is newer.
 */
export class CucmSource implements InventorySource {
  readonly name = 'cucm';
  readonly #section: CucmInventory;
  readonly #client: () => Promise<CucmClient>;
  readonly #clock: Clock;

  constructor(
    section: CucmInventory,
    { client, clock }: { client: () => Promise<CucmClient>; clock: Clock },
  ) {
    this.#section = section;
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws CucmError, and whatever keeps a client from being made */
  async pull({ signal }: AbortOptions): Promise<readonly FoundDevice[]> {
    const { axl, ris } = await this.#client();
    const chosen = new Map<string, CucmPhone>();
    // Devices with a MAC address are named by it.
    for await (const phone of axl.listPhone({ name: 'SEP%' }, { signal }))
      if (isSelected(phone, this.#section)) chosen.set(phone.name.toUpperCase(), phone);
    if (chosen.size === 0) return [];
    const last = new Map<string, CucmRegistration>();
    for await (const registration of axl.listRegistrationDynamic('SEP%', { signal }))
      last.set(registration.device.toUpperCase(), registration);
    const now = await ris.selectCmDeviceExt([...chosen.keys()], { signal });
    return [...chosen].flatMap(([name, phone]) => {
      const seen = { now: now.get(name), last: last.get(name), at: this.#clock.now() };
      return found(phone, seen) ?? [];
    });
  }
}

function isSelected(phone: CucmPhone, { select }: CucmInventory): boolean {
  return (
    fits(select.models, phone.model, phone.product) &&
    fits(select.names, phone.name) &&
    fits(select.descriptions, phone.description) &&
    fits(select.devicePools, phone.devicePool) &&
    fits(select.locations, phone.location)
  );
}

function fits(patterns: readonly string[], ...texts: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => texts.some((text) => isLike(text, pattern)));
}

/** Null for a phone whose name is no MAC address, such as a template of one. */
function found(phone: CucmPhone, seen: Seen): FoundDevice | null {
  const mac = readMac(phone.name);
  if (mac instanceof Wrong) return null;
  const { description, model, product, devicePool, location } = phone;
  return {
    mac,
    // It knows none (cloud facts 4.1).
    serial: null,
    facts: {
      name: phone.name.toUpperCase(),
      mac,
      serial: '',
      description,
      model,
      product,
      devicePool,
      location,
    },
    address: addressOf(seen),
    // Of a device that RISPort70 does not know, none is registered.
    isRegistered: seen.now?.isRegistered ?? false,
    software: seen.now?.load || null,
  };
}

/** What is known of where a device is. */
interface Seen {
  readonly now: RisDevice | undefined;
  readonly last: CucmRegistration | undefined;
  /** UTC milliseconds of the pull. */
  readonly at: number;
}

function addressOf({ now, last, at }: Seen): string | null {
  if (now?.isRegistered && now.ipAddress !== '') return now.ipAddress;
  return (isFreshAddress(last?.lastSeenAt ?? null, at) && last?.lastKnownIpAddress) || null;
}
