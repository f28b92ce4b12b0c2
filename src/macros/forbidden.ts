import type { DesiredDevice } from '../fleet/fleet.ts';
import type { StepPorts } from './ports.ts';

/** Why macros may not act on a device now, or with null on the fleet, in a sentence; null where they may. */
export function whyForbidden(device: DesiredDevice | null, ports: Pick<StepPorts, 'mayAct'>): string | null {
  if (device?.protected) return `${device.name} is protected: machines never act on it`;
  const permission = ports.mayAct(device);
  return permission.ok ? null : permission.reason;
}
