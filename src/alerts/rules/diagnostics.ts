import { z } from 'zod';
import { type DeviceFinding, defineRule, eachDevice, isHeard } from '../rule.ts';

const LEVELS = ['warning', 'error', 'critical'] as const;

export const diagnostics = defineRule({
  name: 'diagnostics',
  summary: 'The device’s own Diagnostics complain.',
  severity: 'warning',
  forMs: 300_000,
  clearMs: 120_000,
  options: {
    level: z
      .enum(LEVELS)
      .default('error')
      .meta({ description: 'Messages of at least this level count.', examples: ['error'] }),
  },
  look: ({ devices }, { options: { level } }) =>
    eachDevice(devices, (device) => {
      if (device.diagnostics === null || !isHeard(device)) return null;
      const byType = new Map<string, DeviceFinding>();
      for (const message of device.diagnostics) {
        if (rankOf(message.level) < LEVELS.indexOf(level)) continue;
        byType.set(message.type, {
          key: message.type,
          title: `Diagnostics of ${device.name}: ${message.type}`,
          cleared: `Diagnostics of ${device.name} no longer show ${message.type}`,
          detail: message.text === '' ? 'The device says no more than that.' : message.text,
          remedy: 'The device’s web page has the same message, often with a remedy, under Issues.',
          severity: message.level === 'Critical' ? 'critical' : 'warning',
        });
      }
      return [...byType.values()];
    }),
});

/** -1 for what is no complaint. */
function rankOf(level: string): number {
  return LEVELS.findIndex((one) => one === level.toLowerCase());
}
