import { defineRule, eachDevice } from '../rule.ts';
import { DEVICE_OFFLINE, isOff, outages, SITE_OUTAGE, siteKeyOf } from './outages.ts';

export const deviceOffline = defineRule({
  name: DEVICE_OFFLINE,
  summary: 'roomd cannot reach the device.',
  severity: 'warning',
  forMs: 120_000,
  clearMs: 60_000,
  options: {},
  look({ devices }, { siteOutage, isOpen }) {
    const out = outages(devices, siteOutage);
    return eachDevice(devices, (device) => {
      if (device.session === null) return null;
      if (!isOff(device)) return [];
      // At hours at which it may be off an alert neither opens nor is over.
      if (device.expectedOff) return isOpen(DEVICE_OFFLINE, String(device.id)) ? null : [];
      const site = siteKeyOf(device, siteOutage);
      const isPart =
        out.some(({ off }) => off.includes(device)) || (site !== null && isOpen(SITE_OUTAGE, site));
      return [
        {
          title: `${device.name} is offline`,
          cleared: `${device.name} is back`,
          detail: device.session.reason ?? 'It does not answer.',
          remedy: `Is it on, is its network right? \`roomd doctor ${device.name}\` says how far roomd gets.`,
          ...(isPart && site !== null ? { partOf: { rule: SITE_OUTAGE, key: site } } : {}),
        },
      ];
    });
  },
});
