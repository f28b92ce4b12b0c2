import type { DeviceRow } from '../fleet/device-store.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { DeviceAddress } from '../xapi/device.ts';

/** How a device is reached: what the file says, with the serial and certificate it was bound to on first contact. */
export function addressOf(desired: DesiredDevice, row: DeviceRow): DeviceAddress {
  const { name, host, port, credential, username, password, next, tls } = desired;
  const trusted =
    tls.mode === 'pin'
      ? { mode: 'pin' as const, fingerprint256: tls.fingerprint256 ?? row.fingerprint256 }
      : tls;
  return {
    id: row.id,
    name,
    host,
    port,
    credential,
    username,
    password,
    ...(next === undefined ? {} : { next }),
    tls: trusted,
    serial: row.serial,
  };
}
