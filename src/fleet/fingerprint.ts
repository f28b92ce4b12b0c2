import { createHash } from 'node:crypto';
import { Secret } from '../lib/secret.ts';
import { pathKey } from '../xapi/path.ts';
import type { DesiredDevice } from './fleet.ts';

/**
 * SHA-256 over what the devices should be, at which address, and which of them
 * machines must not write to. How one logs in, tags, time zones and the order
 * of the file do not count: an approval need not be given anew for them.
 */
export function fleetFingerprint(devices: readonly DesiredDevice[], key: string): string {
  const hash = createHash('sha256');
  for (const device of [...devices].sort((a, b) => compare(a.name, b.name))) {
    const { name, host, port, protected: isProtected, feedback } = device;
    const settings = [...device.configuration.values()]
      .map(
        ({ path, value }) =>
          [pathKey(path), value instanceof Secret ? { secret: value.fingerprint(key) } : value] as const,
      )
      .sort(([a], [b]) => compare(a, b));
    const { expressions, format, slot } = feedback;
    hash.update(
      JSON.stringify([name, host.toLowerCase(), port, isProtected, settings, [expressions, format, slot]]),
    );
  }
  return hash.digest('hex');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
