import { describe, expect, test } from 'vitest';
import { AccessBook } from '../../../src/fleet/access/access-book.ts';
import { type AccessEntry, entryOfFile } from '../../../src/fleet/access/entry.ts';
import { hashPassword, newToken } from '../../../src/fleet/access/hash.ts';
import { createFileToken } from '../../../src/fleet/access/token.ts';

const PASSWORD = 'four words nobody says';
const GRAFANA = await createFileToken('grafana', 'viewer');
const ANNA: AccessEntry = {
  kind: 'user',
  place: 'database',
  name: 'anna',
  role: 'viewer',
  devices: null,
  hash: await hashPassword(PASSWORD),
  madeAt: null,
  madeBy: null,
  expiresAt: null,
};

function unknownTokens(count: number): string[] {
  return Array.from({ length: count }, newToken);
}

describe('The book of who may come in', () => {
  test('checks so many unknown tokens at once and turns away the rest, who may come again', async () => {
    const book = new AccessBook([entryOfFile(GRAFANA.entry)]);
    const tries = await Promise.allSettled(unknownTokens(60).map((token) => book.byToken(token)));
    const turnedAway = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(turnedAway).toHaveLength(40);
    expect(turnedAway[0]).toMatchObject({ code: 'access-busy', retryable: true });
    expect(await book.byToken(GRAFANA.token)).toMatchObject({ name: 'grafana' });
  });

  test('checks a password before the unknown tokens that wait are through', async () => {
    const book = new AccessBook([entryOfFile(GRAFANA.entry), ANNA]);
    let checked = 0;
    const tokens = unknownTokens(20).map((token) => book.byToken(token).then(() => (checked += 1)));
    expect(await book.byPassword('anna', PASSWORD)).toBe(ANNA);
    expect(checked).toBeLessThan(20);
    await Promise.all(tokens);
  });

  test('checks one token once, however many ask with it at the same time', async () => {
    const book = new AccessBook([entryOfFile(GRAFANA.entry)]);
    const found = await Promise.all(Array.from({ length: 200 }, () => book.byToken(GRAFANA.token)));
    expect(found.every((entry) => entry?.name === 'grafana')).toBe(true);
  });
});
