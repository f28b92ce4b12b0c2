import type { Peripheral } from '../facts.ts';
import { type DeviceFinding, defineRule, eachDevice, isHeard } from '../rule.ts';

/** What is gone for longer was taken away for good. */
export const MISSED_MS = 24 * 3_600_000;

const LOST: ReadonlySet<string> = new Set(['LostConnection', 'ResponseTimedOut']);
/** Types that people bring and take along (schema of 26.4.1): that they are gone is no news. */
const BROUGHT_ALONG: ReadonlySet<string> = new Set(['Byod', 'Headset', 'InputDevice', 'Other']);

export const peripheralLost = defineRule({
  name: 'peripheral-lost',
  summary: 'The device lost a touch panel, camera, microphone or another peripheral.',
  severity: 'warning',
  forMs: 300_000,
  clearMs: 60_000,
  options: {},
  look: ({ devices, now }) =>
    eachDevice(devices, (device) => {
      if (device.peripherals === null || !isHeard(device)) return null;
      return device.peripherals.flatMap((one) => {
        if (one.goneAt === null) return LOST.has(one.status) ? [lost(device.name, one)] : [];
        return isMissed(one, now) ? [missed(device.name, one)] : [];
      });
    }),
});

function lost(device: string, { id, name, type, status }: Peripheral): DeviceFinding {
  return {
    key: id,
    title: `${device} lost its ${name}`,
    cleared: `${device} has its ${name} again`,
    detail: `${type} ${name}: ${status === 'LostConnection' ? 'the connection is lost' : 'it does not respond'}.`,
    remedy:
      'Look at its cable, its power and its network. If it was taken away for good, remove it on the device’s web page under Peripherals.',
  };
}

/** One that was unpaired was taken away on purpose. */
function isMissed({ goneAt, status, type }: Peripheral, now: number): boolean {
  return goneAt !== null && now - goneAt < MISSED_MS && status !== 'Unpairing' && !BROUGHT_ALONG.has(type);
}

function missed(device: string, { id, name, type }: Peripheral): DeviceFinding {
  return {
    key: id,
    title: `${device} misses its ${name}`,
    cleared: `The ${name} of ${device} is back, or gone for a day and not missed any more`,
    detail: `${type} ${name}: the device does not list it any more.`,
    remedy:
      'Look at its cable, its power and its network. If it was taken away for good, nothing needs doing: after a day it is not missed any more.',
  };
}
