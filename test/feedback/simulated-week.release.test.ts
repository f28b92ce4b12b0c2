import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from './utilisation/support.ts';
import { compareRoom } from './week/against-truth.ts';
import { play } from './week/play.ts';

/** A Monday; clocks are put forward in Europe on the Sunday of that week. */
const FROM = Date.UTC(2026, 2, 23);
/** As the daemon notes by itself that it lives. */
const ALIVE_MS = 30_000;

describe('a simulated week of eight rooms with every kind of outage', () => {
  it('comes out as it was, within the delays that devices and channels are known to have', async () => {
    const week = { from: FROM, to: FROM + 7 * DAY };
    const played = await play(week, { rooms: 8, seed: 40, aliveMs: ALIVE_MS });
    let calls = 0;
    for (const one of played.rooms) {
      const compared = await compareRoom(played, one, { aliveMs: ALIVE_MS });
      calls += compared.calls;
      expect(compared.occupiedMs).toBeGreaterThan(20 * HOUR);
      expect(compared.unknownMs).toBeGreaterThan(HOUR);
      expect(compared.unknownMs).toBeLessThan(15 * HOUR);
    }
    expect(calls).toBeGreaterThan(15);
    for (const of of ['session', 'webhook', 'network'] as const) {
      const lengths = played.rooms.flatMap(({ life }) =>
        life.outages.filter((outage) => outage.of === of).map(({ from, to }) => to - from),
      );
      expect(Math.min(...lengths)).toBe(30_000);
      expect(Math.max(...lengths)).toBeGreaterThan(20 * MINUTE);
    }
    expect(played.rooms.flatMap(({ life }) => life.reboots).length).toBeGreaterThan(8);
    expect(played.absences.some(({ isKilled }) => isKilled)).toBe(true);
    expect(played.absences.some(({ isKilled }) => !isKilled)).toBe(true);
  }, 900_000);
});
