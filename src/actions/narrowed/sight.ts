import type { Caller } from '../action.ts';
import type { Ports } from '../ports.ts';
import { Scope } from './scope.ts';

/** Which devices' news a caller may hear, by the fleet in force at each question; null is what is about no single device. */
export function sightOf(
  { devices }: Caller,
  ports: Pick<Ports, 'fleet' | 'deviceId'>,
): (device: string | null) => boolean {
  if (devices === null) return () => true;
  const scope = new Scope(ports, devices);
  return (device) => scope.has(device);
}
