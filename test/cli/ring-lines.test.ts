import { describe, expect, test } from 'vitest';
import { ringLines } from '../../src/cli/ring-lines.ts';

const AT = '2026-03-01T08:00:00Z';

function ring(count: number, begun = false) {
  const device = { state: 'pending', reason: null, nextLookAt: null };
  const devices = Array.from({ length: count }, (_, at) => ({ ...device, name: `room-${at + 1}` }));
  return { name: 'site=bergen', begun, begunAt: null, devices };
}

describe('The rings of a campaign', () => {
  test('name every device where there are few', () => {
    expect(ringLines([ring(2)])).toEqual([
      'site=bergen, not begun: 2 pending',
      '  room-1 pending',
      '  room-2 pending',
    ]);
  });

  test('name those that have something to say where there are many, and all where that is asked for', () => {
    const many = ring(41);
    many.devices[6] = { name: 'room-7', state: 'off', reason: 'it does not answer', nextLookAt: AT } as never;
    expect(ringLines([many])).toEqual([
      'site=bergen, not begun: 40 pending, 1 off',
      `  room-7 off: it does not answer; looked at again at ${AT}`,
      'Devices that have nothing to say are only counted; --all names them.',
    ]);
    expect(ringLines([many], { all: true })).toHaveLength(42);
  });

  test('tell since when they go, until when a device soaks and when it is looked at next', () => {
    const soaking = {
      name: 'room-1',
      state: 'soaking',
      reason: null,
      soaksUntil: '2026-03-01T08:30:00Z',
      nextLookAt: '2026-03-01T08:01:00Z',
    };
    expect(ringLines([{ name: 'canary', begun: true, begunAt: AT, devices: [soaking] }])).toEqual([
      `canary, since ${AT}: 1 soaking`,
      '  room-1 soaking until 2026-03-01T08:30:00Z, looked at next at 2026-03-01T08:01:00Z',
    ]);
  });
});
