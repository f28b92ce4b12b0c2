import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from './utilisation/support.ts';
import { compareRoom } from './week/against-truth.ts';
import { play } from './week/play.ts';

/** A Monday. */
const FROM = Date.UTC(2026, 2, 23);

describe('two days of three rooms with every kind of outage', () => {
  it('come out as they were, within the delays that devices and channels are known to have', async () => {
    const aliveMs = 2 * MINUTE;
    const played = await play({ from: FROM, to: FROM + 2 * DAY }, { rooms: 3, seed: 1, aliveMs });
    for (const one of played.rooms) {
      const compared = await compareRoom(played, one, { aliveMs });
      expect(compared.occupiedMs).toBeGreaterThan(5 * HOUR);
      expect(compared.unknownMs).toBeGreaterThan(10 * MINUTE);
      expect(compared.unknownMs).toBeLessThan(5 * HOUR);
    }
  }, 180_000);
});
