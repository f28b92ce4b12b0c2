import { describe, expect, onTestFinished, test } from 'vitest';
import { Access } from '../../../src/fleet/access/access.ts';
import type { StoredEntry } from '../../../src/fleet/access/access-store.ts';
import { digestOf, hashPassword, newToken } from '../../../src/fleet/access/hash.ts';
import { ManualClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';
import { eventually } from '../../support/world.ts';

const HOUR = 3_600_000;

async function opened() {
  const clock = new ManualClock(Date.UTC(2026, 0, 5));
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  const open = () =>
    new Access(
      { tokens: () => NONE, life: () => ({ idleMs: HOUR, mostMs: 10 * HOUR }) },
      { database, clock, logger: silentLogger },
    );
  const access = open();
  await access.load();
  const entry = (kind: 'token' | 'user', hash: string, expiresAt: number | null = null): StoredEntry => ({
    kind,
    place: 'database',
    name: 'anna',
    role: 'viewer',
    devices: null,
    hash,
    madeAt: clock.now(),
    madeBy: 'test',
    expiresAt,
  });
  return { access, open, clock, entry, database };
}

const NONE = [] as const;

describe('Access', () => {
  test('a token is good until its end, and who was let in by it hears of that', async () => {
    const { access, clock, entry } = await opened();
    const token = newToken();
    await access.put(entry('token', digestOf(token), clock.now() + HOUR), 'made', 'test');
    const grant = await access.byToken(token);
    expect(grant?.entry?.name).toBe('anna');
    if (grant === null) return;
    let ends = 0;
    access.watch(grant, () => {
      ends += 1;
    });
    await access.start();
    await clock.advance(HOUR - 60_000);
    expect(ends).toBe(0);
    await eventually(async () => {
      await clock.advance(15_000);
      expect(ends).toBe(1);
    });
    expect(await access.byToken(token)).toBeNull();
    // One that has expired still says that somebody has to say who they are.
    expect(access.isOpen).toBe(false);
    await access.stop();
  });

  test('a session ends without a request for so long, and after so long in all', async () => {
    const { access, clock, entry } = await opened();
    const user = entry('user', await hashPassword('four words nobody says'));
    await access.put(user, 'made', 'test');
    const idle = await access.signIn(user);
    await clock.advance(HOUR);
    expect(access.bySession(idle.id)).toBeNull();
    const used = await access.signIn(user);
    for (let half = 1; half < 20; half += 1) {
      await clock.advance(HOUR / 2);
      expect(access.bySession(used.id)).not.toBeNull();
    }
    await clock.advance(HOUR / 2);
    expect(access.bySession(used.id)).toBeNull();
  });

  test('another role or other devices end the sessions that were begun before', async () => {
    const { access, entry } = await opened();
    const user = entry('user', await hashPassword('four words nobody says'));
    await access.put(user, 'made', 'test');
    const { id } = await access.signIn(user);
    await access.put({ ...user, role: 'admin' }, 'changed', 'test');
    expect(access.bySession(id)).toBeNull();
    await access.put(user, 'changed', 'test');
    expect(access.bySession(id)).toBeNull();
  });

  test('keeps neither token nor password nor the id of a session on record', async () => {
    const { access, open, entry, database } = await opened();
    const token = newToken();
    await access.put(entry('token', digestOf(token)), 'made', 'test');
    const user = entry('user', await hashPassword('four words nobody says'));
    await access.put(user, 'made', 'test');
    const { id } = await access.signIn(user);
    const kept = JSON.stringify([
      await database.read(database.query.selectFrom('api_token').selectAll()),
      await database.read(database.query.selectFrom('api_user').selectAll()),
      await database.read(database.query.selectFrom('api_session').selectAll()),
      await database.read(database.query.selectFrom('event').selectAll()),
    ]);
    for (const secret of [token, 'nobody says', id]) expect(kept).not.toContain(secret);
    const again = open();
    await again.load();
    expect(again.bySession(id)?.entry?.name).toBe('anna');
    expect((await again.byPassword('anna', 'four words nobody says'))?.entry?.kind).toBe('user');
    expect(await again.byPassword('anna', 'four words somebody says')).toBeNull();
    expect(await again.byPassword('berta', 'four words nobody says')).toBeNull();
  });
});
