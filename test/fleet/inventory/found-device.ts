import type { FoundDevice, PulledDevice } from '../../../src/fleet/inventory/pulled.ts';

interface Differing {
  readonly description?: string;
  readonly product?: string;
  readonly address?: string | null;
  readonly isRegistered?: boolean;
  readonly serial?: string | null;
}

/** Device n with the address 10.0.0.n, as a source tells of it. */
export function foundDevice(n: number, differing: Differing = {}): FoundDevice {
  const { description = `Room ${n}`, product = 'Cisco Webex Room Kit' } = differing;
  const digits = n.toString(16).toUpperCase().padStart(12, '0');
  const mac = (digits.match(/../g) ?? []).join(':');
  return {
    mac,
    serial: differing.serial ?? null,
    facts: {
      name: `SEP${digits}`,
      mac,
      serial: differing.serial ?? '',
      description,
      model: product,
      product,
      devicePool: 'DP-Oslo',
      location: 'Oslo 3',
    },
    address: differing.address === undefined ? `10.0.0.${n}` : differing.address,
    isRegistered: differing.isRegistered ?? true,
    software: null,
  };
}

/** The same on record. */
export function pulledDevice(n: number, differing: Differing & Partial<PulledDevice> = {}): PulledDevice {
  const { goneSinceAt = null, name = `room-${n}` } = differing;
  return { ...foundDevice(n, differing), source: 'cucm', name, firstSeenAt: 0, sinceAt: 0, goneSinceAt };
}
