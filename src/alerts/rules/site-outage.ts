import { defineRule, type Finding } from '../rule.ts';
import { type Outage, outages, SITE_OUTAGE, unknownSites } from './outages.ts';

/** More names than these make no message clearer. */
const NAMED = 10;

export const siteOutage = defineRule({
  name: SITE_OUTAGE,
  summary: 'Many devices of one site are offline; one alert stands for all of them.',
  severity: 'critical',
  forMs: 120_000,
  clearMs: 60_000,
  options: {},
  look(facts, { siteOutage: how }) {
    return {
      findings: outages(facts.devices, how).map(findingOf),
      unjudged: { devices: new Set(), keys: unknownSites(facts, how) },
    };
  },
});

function findingOf({ key, about, off, all }: Outage): Finding {
  const names = off.map(({ name }) => name);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return {
    key,
    deviceId: null,
    about,
    devices: names,
    title: `${about} is out: ${names.length} of ${all} devices are offline`,
    cleared: `${about} is back`,
    detail: `${names.slice(0, NAMED).join(', ')}${more}.`,
    remedy: 'Look at the power, the switch and the uplink of the site before you look at single devices.',
  };
}
