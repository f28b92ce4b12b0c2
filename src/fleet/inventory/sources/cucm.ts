import type { CucmClient } from '../../../integrations/cucm/client.ts';
import type { CucmPhone, CucmRegistration } from '../../../integrations/cucm/phone.ts';
import type { RisDevice } from '../../../integrations/cucm/ris.ts';
import type { AbortOptions } from '../../../lib/abort.ts';
import { Wrong } from '../../forms.ts';
import { isLike } from '../../glob.ts';
import type { CucmInventory } from '../inventory-section.ts';
import { readMac } from '../mac.ts';
import type { FoundDevice } from '../pulled.ts';
import type { InventorySource } from '../source.ts';

/**
 * Unified CM as a source: phones by AXL, chosen here because AXL cannot search
 * by model (cloud facts 4.1); where they registered last by AXL, and whether
 * they are registered now by RISPort70, whose word on the address is newer.
 */
export class CucmSource implements InventorySource {
  readonly name = 'cucm';
  readonly title = 'Unified CM';
  readonly #section: CucmInventory;
  readonly #client: CucmClient;

  constructor(section: CucmInventory, { client }: { client: CucmClient }) {
    this.#section = section;
    this.#client = client;
  }

  /** @throws CucmError */
  async pull({ signal }: AbortOptions): Promise<readonly FoundDevice[]> {
    const { axl, ris } = this.#client;
    const chosen = new Map<string, CucmPhone>();
    // Devices with a MAC address are named by it.
    for await (const phone of axl.listPhone({ name: 'SEP%' }, { signal }))
      if (isSelected(phone, this.#section)) chosen.set(phone.name.toUpperCase(), phone);
    if (chosen.size === 0) return [];
    const last = new Map<string, CucmRegistration>();
    for await (const registration of axl.listRegistrationDynamic('SEP%', { signal }))
      last.set(registration.device.toUpperCase(), registration);
    const now = await ris.selectCmDeviceExt([...chosen.keys()], { signal });
    return [...chosen].flatMap(([name, phone]) => found(phone, now.get(name), last.get(name)) ?? []);
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
function found(
  phone: CucmPhone,
  now: RisDevice | undefined,
  last: CucmRegistration | undefined,
): FoundDevice | null {
  const mac = readMac(phone.name);
  if (mac instanceof Wrong) return null;
  const { description, model, product, devicePool, location } = phone;
  return {
    mac,
    facts: { name: phone.name.toUpperCase(), mac, description, model, product, devicePool, location },
    address: now?.ipAddress || last?.lastKnownIpAddress || null,
    // Of a device that RISPort70 does not know, none is registered.
    isRegistered: now?.isRegistered ?? false,
    software: now?.load || null,
  };
}
