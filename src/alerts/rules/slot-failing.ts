import { defineRule, eachDevice, isHeard } from '../rule.ts';

export const slotFailing = defineRule({
  name: 'slot-failing',
  summary: 'The device’s feedback slot does not deliver, so its webhooks do not arrive.',
  severity: 'warning',
  forMs: 600_000,
  clearMs: 60_000,
  options: {},
  look: ({ devices }) =>
    eachDevice(devices, (device) => {
      if (!isHeard(device)) return null;
      if (device.slot.state !== 'failed') return [];
      return [
        {
          title: `The webhook of ${device.name} fails`,
          cleared: `The webhook of ${device.name} works again`,
          detail: device.slot.reason ?? 'The device says that its feedback slot failed.',
          remedy:
            device.slot.number === null
              ? `See who has them: roomd slots -d ${device.name}. One that nobody needs any more is given back on the device.`
              : `Can the device reach daemon.feedback.publicUrl, and does it trust the certificate there? Once that is so, the next post ends this; roomd doctor ${device.name} --round-trip has the device send one.`,
        },
      ];
    }),
});
