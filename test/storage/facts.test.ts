import { expect, onTestFinished, test } from 'vitest';
import { fingerprintKey, getFact, setFact } from '../../src/storage/facts.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

test('a fact is null until it is set, and the last value counts', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  expect(await getFact(database, 'last-good-fleet')).toBeNull();
  await setFact(database, 'last-good-fleet', 'one');
  await setFact(database, 'last-good-fleet', 'two');
  expect(await getFact(database, 'last-good-fleet')).toBe('two');
});

test('the key for fingerprints is made once, even when several ask at the same time', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  const keys = await Promise.all(Array.from({ length: 5 }, () => fingerprintKey(database)));
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(await fingerprintKey(database)).toBe(keys[0]);
});
