import { describe, expect, it } from 'vitest';
import { Wrong } from '../../../src/fleet/forms.ts';
import { readMac } from '../../../src/fleet/inventory/identity.ts';
import { type FoundDevice, takeIn } from '../../../src/fleet/inventory/pulled.ts';
import { deviceNameOf } from '../../../src/fleet/inventory/template.ts';
import { foundDevice } from './found-device.ts';

const DAY = 86_400_000;

function pullAfter(before: Parameters<typeof takeIn>[0], found: readonly FoundDevice[], now: number) {
  return takeIn(before, found, {
    source: 'cucm',
    others: [],
    nameOf: (facts) => deviceNameOf('{{description}}', facts),
    now,
  });
}

const summary = (taken: ReturnType<typeof takeIn>) =>
  taken.changes.map(({ kind, device, what }) => [kind, device.name, ...what]);

describe('a complete pull', () => {
  it('brings devices with names that they keep, and marks what is gone without taking it out', () => {
    const first = pullAfter([], [foundDevice(1), foundDevice(2, { description: 'Møterom 2' })], DAY);
    expect(summary(first)).toEqual([
      ['added', 'room-1'],
      ['added', 'moterom-2'],
    ]);
    const renamed = foundDevice(1, { description: 'Boardroom', address: '10.0.0.99' });
    const second = pullAfter(first.devices, [renamed], 2 * DAY);
    expect(summary(second)).toEqual([
      ['changed', 'room-1', 'address: 10.0.0.1 → 10.0.0.99', 'description: Room 1 → Boardroom'],
      ['gone', 'moterom-2'],
    ]);
    expect(second.devices.map(({ goneSinceAt }) => goneSinceAt)).toEqual([null, 2 * DAY]);
    const third = pullAfter(second.devices, [renamed], 3 * DAY);
    expect(third).toMatchObject({ changes: [], devices: [{}, { goneSinceAt: 2 * DAY }] });
    const fourth = pullAfter(third.devices, [renamed, foundDevice(2)], 4 * DAY);
    expect(summary(fourth)).toEqual([['back', 'moterom-2', 'description: Møterom 2 → Room 2']]);
    expect(fourth.devices[1]).toMatchObject({ firstSeenAt: DAY, sinceAt: 4 * DAY, goneSinceAt: null });
  });

  it('keeps an address that the source has forgotten, and takes registering for no change', () => {
    const { devices } = pullAfter([], [foundDevice(1)], DAY);
    const offline = pullAfter(devices, [foundDevice(1, { address: null, isRegistered: false })], 2 * DAY);
    expect(offline).toMatchObject({ changes: [], devices: [{ address: '10.0.0.1', sinceAt: 2 * DAY }] });
  });

  it('tells devices of one description apart by their MAC addresses', () => {
    const twins = [foundDevice(1, { description: 'Huddle' }), foundDevice(2, { description: 'Huddle' })];
    expect(pullAfter([], twins, DAY).devices.map(({ name }) => name)).toEqual(['huddle', 'huddle-0002']);
    const nameless = pullAfter([], [foundDevice(3, { description: '' })], DAY);
    expect(nameless.devices.map(({ name }) => name)).toEqual(['SEP000000000003']);
  });
});

describe('a MAC address', () => {
  it('is read however it is written', () => {
    for (const text of ['00:11:22:aa:bb:cc', '0011.22aa.bbcc', '00-11-22-AA-BB-CC', 'SEP001122AABBCC'])
      expect(readMac(text)).toBe('00:11:22:AA:BB:CC');
    expect(readMac('00:11:22')).toBeInstanceOf(Wrong);
  });
});
