import { defineRule, eachDevice, isHeard } from '../rule.ts';

const LOST: ReadonlySet<string> = new Set(['LostConnection', 'ResponseTimedOut']);

export const peripheralLost = defineRule({
  name: 'peripheral-lost',
  summary: 'The device lost a touch panel, camera, microphone or another peripheral.',
  severity: 'warning',
  forMs: 300_000,
  clearMs: 60_000,
  options: {},
  look: ({ devices }) =>
    eachDevice(devices, (device) => {
      if (device.peripherals === null || !isHeard(device)) return null;
      return device.peripherals
        .filter(({ status }) => LOST.has(status))
        .map(({ id, name, type, status }) => ({
          key: id,
          title: `${device.name} lost its ${name}`,
          cleared: `${device.name} has its ${name} again`,
          detail: `${type} ${name} (${id}): ${status === 'LostConnection' ? 'the connection is lost' : 'it does not respond'}.`,
          remedy:
            'Look at its cable, its power and its network. If it was taken away for good, remove it on the device’s web page under Peripherals.',
        }));
    }),
});
