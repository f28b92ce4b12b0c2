import type { Device, DeviceIdentity, SettingAnswer } from '../../xapi/device.ts';
import type { Change } from '../change.ts';
import type { DesiredDevice } from '../fleet.ts';
import { NOTHING } from '../managed-content.ts';
import type { Resource, ResourceDiff } from '../resource.ts';

export const SOFTWARE_KIND = 'software';

/** The version that the device says it runs. */
export type ObservedSoftware = string;

/** Reports the software version and never changes it: an upgrade happens only where it is asked for by name (`fleet/upgrade`). */
export class SoftwareResource implements Resource<ObservedSoftware> {
  readonly kind = SOFTWARE_KIND;

  async observe(
    _device: Device,
    _desired: DesiredDevice,
    { software }: DeviceIdentity,
  ): Promise<ObservedSoftware> {
    return software;
  }

  diff({ content }: DesiredDevice, observed: ObservedSoftware): ResourceDiff {
    const software = content?.software ?? null;
    if (software === null) return NOTHING;
    if (isVersion(observed, software.version)) return { ...NOTHING, untouched: 1 };
    const hint = `the device runs ${observed} and the file says ${software.version}; software is changed only by an upgrade that is asked for`;
    return { ...NOTHING, hints: [hint] };
  }

  async apply(_device: Device, changes: readonly Change[]): Promise<SettingAnswer[]> {
    const reason = 'software is never changed by an apply';
    return changes.map(({ path }) => ({ path, outcome: 'refused', reason }));
  }
}

/** Whether a device's version (`ce26.4.1.0a1b2c3`) is the one meant (`26.4.1`, or as long as one likes). */
export function isVersion(running: string, wanted: string): boolean {
  const have = versionParts(running);
  return versionParts(wanted).every((part, at) => have[at] === part);
}

function versionParts(version: string): string[] {
  return version
    .trim()
    .toLowerCase()
    .replace(/^(?:ce|roomos)\s*/, '')
    .split('.');
}
