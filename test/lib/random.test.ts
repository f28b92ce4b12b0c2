import { expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';

it('gives the same run for the same seed, within [0, 1)', () => {
  const [one, same, other] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  const run = Array.from({ length: 100 }, () => one());
  expect(Array.from({ length: 100 }, () => same())).toEqual(run);
  expect(other()).not.toBe(run[0]);
  expect(run.every((number) => number >= 0 && number < 1)).toBe(true);
});

it('makes ids that are UUIDs of version 7 and carry the time', () => {
  const id = uuidv7(new ManualClock(Date.UTC(2026, 0, 1)))();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 0, 1));
});

it('makes ids in order, also within a millisecond and when the clock is set back', () => {
  const clock = new ManualClock(1_000_000);
  const newId = uuidv7(clock);
  const ids = Array.from({ length: 10_000 }, newId);
  clock.setWall(5);
  ids.push(newId(), newId());
  clock.setWall(2_000_000);
  ids.push(newId());
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
