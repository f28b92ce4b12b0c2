import { expect, onTestFinished, test } from 'vitest';
import { ensureSlotTokens, randomToken } from '../../src/feedback/slot-token.ts';
import { TokenBook } from '../../src/feedback/token-book.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { addDevices } from './support.ts';

test('each device gets one token and keeps it', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, 3);
  let made = 0;
  const modules = { clock: new ManualClock(5), newToken: () => `token-${++made}` };
  const first = await ensureSlotTokens(database, [1, 2], modules);
  expect([...first].map(([id, { token }]) => [id, token])).toEqual([
    [1, 'token-1'],
    [2, 'token-2'],
  ]);
  const later = await ensureSlotTokens(database, [2, 3], modules);
  expect([...later].map(([id, { token }]) => [id, token])).toEqual([
    [2, 'token-2'],
    [3, 'token-3'],
  ]);
});

test('a token is 256 random bits that fit into a URL', () => {
  expect(randomToken()).toMatch(/^[\w-]{43}$/);
  expect(randomToken()).not.toBe(randomToken());
});

test('a token is found whole or not at all', () => {
  const book = new TokenBook([{ deviceId: 7, token: 'abc' }]);
  expect(book.find('abc')).toBe(7);
  expect(book.find('ab')).toBeNull();
  expect(book.find('')).toBeNull();
});
