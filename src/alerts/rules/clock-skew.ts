import { duration, formatDuration } from '../../fleet/duration.ts';
import { defineRule, eachDevice, isHeard } from '../rule.ts';

export const clockSkew = defineRule({
  name: 'clock-skew',
  summary: 'The device’s clock and roomd’s do not agree.',
  severity: 'warning',
  forMs: 0,
  clearMs: 0,
  options: { most: duration('So far they may be apart.').prefault('2m') },
  look: ({ devices }, { options: { most } }) =>
    eachDevice(devices, (device) => {
      const { name, clockAheadMs } = device;
      if (clockAheadMs === null || !isHeard(device)) return null;
      if (Math.abs(clockAheadMs) <= most) return [];
      const apart = formatDuration(Math.round(Math.abs(clockAheadMs) / 1000) * 1000);
      return [
        {
          title: `The clock of ${name} is ${apart} ${clockAheadMs > 0 ? 'ahead' : 'behind'}`,
          cleared: `The clock of ${name} is right`,
          detail: 'Calls may fail (certificates, SIP), and bookings begin at the wrong time.',
          remedy:
            'Look at NetworkServices.NTP on the device. If many devices are off alike, the clock of roomd’s own machine is wrong.',
        },
      ];
    }),
});
