import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/lib/backoff.ts';
import { ManualClock, systemClock } from '../../src/lib/clock.ts';

describe('the back-off', () => {
  const options = { firstMs: 100, mostMs: 1_000 };

  it('doubles up to its most, the upper half by chance', () => {
    const waits = (random: number) =>
      [1, 2, 3, 4, 5, 99].map((failures) => backoffMs(failures, options, () => random));
    expect(waits(0)).toEqual([50, 100, 200, 400, 500, 500]);
    expect(waits(1)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(backoffMs(100_000, options, () => 1)).toBe(1_000);
    expect(backoffMs(0, options, () => 1)).toBe(100);
  });
});

describe('the clock', () => {
  it('of a test moves only when told and runs what falls due in order of time', async () => {
    const clock = new ManualClock(1_000);
    const told: string[] = [];
    clock.after(20, () => told.push(`second at ${clock.now()}`));
    clock.after(10, () => {
      told.push(`first at ${clock.now()}`);
      clock.after(5, () => told.push(`nested at ${clock.now()}`));
    });
    clock.after(15, () => told.push('never'))();
    await clock.advance(20);
    expect(told).toEqual(['first at 1010', 'nested at 1015', 'second at 1020']);
    clock.setWall(0);
    expect([clock.now(), clock.monotonic()]).toEqual([0, 20]);
  });

  it('of the machine may be ahead of it', () => {
    const hour = 3_600_000;
    expect(systemClock(hour).now() - systemClock().now()).toBeGreaterThanOrEqual(hour);
  });
});
