import type { Device } from '../xapi/device.ts';
import type { FleetDevices } from './fleet-devices.ts';

/** Tells of each device that answers again, also of those that are made later. */
export function onReturn(devices: FleetDevices, tell: (name: string) => void): void {
  const listen = (name: string, device: Device | null): void => {
    device?.subscribe(({ type }) => {
      if (type === 'snapshot') tell(name);
    });
  };
  for (const { name } of devices.fleet.devices) listen(name, devices.get(name));
  devices.onMade((desired, device) => listen(desired.name, device));
}
