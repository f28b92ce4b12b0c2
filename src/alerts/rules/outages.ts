import type { DeviceFacts, FleetFacts } from '../facts.ts';
import type { RuleContext } from '../rule.ts';

export const SITE_OUTAGE = 'site-outage';
export const DEVICE_OFFLINE = 'device-offline';

/** A site of which so many devices are off that one message tells of them all. */
export interface Outage {
  readonly key: string;
  /** `site oslo`. */
  readonly about: string;
  /** The devices that are off and that it tells of. */
  readonly off: readonly DeviceFacts[];
  /** Devices that count. */
  readonly all: number;
}

export function isOff({ session }: DeviceFacts): boolean {
  return session?.state === 'waiting';
}

/**
 * The sites that are out now. Devices that may be off at this hour do not
 * count. Devices in maintenance count apart: without them a site may be out,
 * which is news; with them only, it is an outage of what is in maintenance.
 */
export function outages(devices: readonly DeviceFacts[], siteOutage: RuleContext['siteOutage']): Outage[] {
  const found: Outage[] = [];
  for (const [site, members] of sitesOf(devices, siteOutage.by)) {
    const worked = members.filter(({ maintenance }) => maintenance === null);
    const key = `${siteOutage.by}=${site}`;
    const about = `${siteOutage.by} ${site}`;
    const off = members.filter(isOff);
    if (isOut(worked, siteOutage)) found.push({ key, about, off, all: members.length });
    else if (isOut(members, siteOutage))
      found.push({
        key,
        about,
        off: off.filter(({ maintenance }) => maintenance !== null),
        all: members.length,
      });
  }
  return found;
}

/** Sites that might be out: devices of which nothing is known could make the share. */
export function unknownSites(facts: FleetFacts, siteOutage: RuleContext['siteOutage']): Set<string> {
  const unknown = new Set<string>();
  for (const [site, members] of sitesOf(facts.devices, siteOutage.by)) {
    const asIfOff = members.map((device) =>
      device.session === null ? { ...device, session: { state: 'waiting' as const, reason: null } } : device,
    );
    if (members.some(({ session }) => session === null) && isOut(asIfOff, siteOutage))
      unknown.add(`${siteOutage.by}=${site}`);
  }
  return unknown;
}

export function siteKeyOf({ tags }: DeviceFacts, { by }: RuleContext['siteOutage']): string | null {
  const site = tags[by];
  return site === undefined ? null : `${by}=${site}`;
}

function sitesOf(devices: readonly DeviceFacts[], by: string): Map<string, DeviceFacts[]> {
  const sites = new Map<string, DeviceFacts[]>();
  for (const device of devices) {
    const site = device.tags[by];
    if (site === undefined || device.expectedOff) continue;
    sites.set(site, [...(sites.get(site) ?? []), device]);
  }
  return sites;
}

function isOut(members: readonly DeviceFacts[], { share, least }: RuleContext['siteOutage']): boolean {
  const off = members.filter(isOff).length;
  return off >= least && off / members.length >= share;
}
