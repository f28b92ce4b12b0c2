import { expect, it } from 'vitest';
import { Probe } from '../../src/alerts/probe.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import type { Device } from '../../src/xapi/device.ts';
import { XapiError } from '../../src/xapi/errors.ts';

const NOW = Date.parse('2026-03-02T08:00:00Z');

/** A device that is up and says so much of itself. */
function device(id: number, { time, certificates }: { time?: string; certificates?: object }): Device {
  return {
    address: { id },
    session: () => ({ state: 'up' }),
    readStatus: async () => new Map(time === undefined ? [] : [['Time.SystemTime', time]]),
    command: async () => {
      if (certificates === undefined) throw new XapiError('unknown-path', 'no such command');
      return new Map(Object.entries(certificates));
    },
  } as unknown as Device;
}

async function probed(devices: readonly Device[]) {
  const clock = new ManualClock(NOW);
  const probe = new Probe({ everyMs: 1_000, atOnce: 2 }, { devices: () => devices, clock });
  probe.start();
  await clock.advance(1_000);
  await probe.stop();
  return devices.map(({ address }) => probe.of(address.id));
}

it('measures how far a device’s clock is ahead, and leaves a time without a zone open', async () => {
  const [ahead, east, local, silent] = await probed([
    device(1, { time: '2026-03-02T08:05:01Z' }),
    device(2, { time: '2026-03-02T09:00:01+01:00' }),
    device(3, { time: '2026-03-02T08:00:01' }),
    device(4, {}),
  ]);
  expect([ahead, east, local, silent].map((one) => one?.clockAheadMs)).toEqual([300_000, 0, null, null]);
});

it('lists the certificates that are used for something, and does not guess where a device refuses', async () => {
  const [used, refuses] = await probed([
    device(1, {
      certificates: {
        'Details[1].Fingerprint': 'aa',
        'Details[1].SubjectName': '/C=NO/CN=hall',
        'Details[1].notAfter': 'Apr  1 00:00:00 2026 GMT',
        'Details[1].UsedFor': 'HTTPS',
        'Details[2].Fingerprint': 'bb',
        'Details[2].SubjectName': '/CN=spare',
        'Details[2].notAfter': 'Apr  1 00:00:00 2026 GMT',
        'Details[2].UsedFor': '',
      },
    }),
    device(2, {}),
  ]);
  expect(used?.certificates).toEqual([
    { what: 'The certificate CN=hall (HTTPS)', expiresAt: Date.parse('2026-04-01T00:00:00Z') },
  ]);
  expect(refuses?.certificates).toBeNull();
});
