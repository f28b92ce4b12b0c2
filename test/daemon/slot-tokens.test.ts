import { expect, onTestFinished, test } from 'vitest';
import { SlotTokens, type SlotTokensOptions } from '../../src/daemon/slot-tokens.ts';
import type { DeviceToken } from '../../src/feedback/token-book.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { addDevices, until } from '../feedback/support.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const TICK = { tickMs: 1_000, graceMs: 5_000 };

async function ready(options: Partial<SlotTokensOptions> = {}) {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, 2);
  const clock = new ManualClock(1_000_000);
  const seen = { accepted: [] as readonly DeviceToken[], replaced: [] as number[] };
  const make = async (): Promise<SlotTokens> => {
    const tokens = new SlotTokens(
      {
        lifeMs: () => null,
        eligible: () => [1, 2],
        onReplaced: (id) => void seen.replaced.push(id),
        onProven: () => undefined,
        onChanged: (accepted) => {
          seen.accepted = accepted;
        },
        ...TICK,
        ...options,
      },
      { database, clock, logger: silentLogger },
    );
    await tokens.adopt([1, 2]);
    await tokens.start();
    onTestFinished(() => tokens.stop());
    return tokens;
  };
  const ofFirst = () => seen.accepted.filter(({ deviceId }) => deviceId === 1).map(({ token }) => token);
  return { make, clock, seen, ofFirst };
}

test('both tokens are accepted until the new one is proven, and a little longer', async () => {
  const { make, clock, seen, ofFirst } = await ready();
  const tokens = await make();
  const [old = ''] = ofFirst();
  expect(await tokens.replace(1, 'anna')).toBe(true);
  expect(await tokens.replace(1, 'anna')).toBe(false);
  const [fresh = ''] = ofFirst();
  expect(ofFirst()).toEqual([fresh, old]);
  expect(seen.replaced).toEqual([1]);
  tokens.posted(1, old);
  await clock.advance(3_600_000);
  expect(ofFirst()).toEqual([fresh, old]);
  tokens.posted(1, fresh);
  await until('it is proven', () => tokens.of(1)?.provenAt ?? null);
  expect(ofFirst()).toEqual([fresh, old]);
  await until('the old one is dropped', async () => {
    await clock.advance(TICK.graceMs);
    return ofFirst().length === 1;
  });
  expect(ofFirst()).toEqual([fresh]);
  expect(seen.accepted).toHaveLength(2);
});

test('a change that a crash broke off goes on where it was', async () => {
  const { make, clock, ofFirst } = await ready();
  const killed = await make();
  await killed.replace(1, 'anna');
  const accepted = ofFirst();
  const next = await make();
  expect(ofFirst()).toEqual(accepted);
  next.proven(1, 'look');
  await until('the old one is dropped', async () => {
    await clock.advance(TICK.graceMs);
    return ofFirst().length === 1;
  });
  expect(ofFirst()).toEqual(accepted.slice(0, 1));
});

test('a token that has lived its life is replaced, a few devices at a time and only where slots may be registered', async () => {
  const { make, clock, seen } = await ready({ lifeMs: () => 60_000, eligible: () => [2] });
  await make();
  await clock.advance(59_000);
  expect(seen.replaced).toEqual([]);
  await until('the second has another', async () => {
    await clock.advance(1_000);
    return seen.replaced.length > 0;
  });
  expect(seen.replaced).toEqual([2]);
});
