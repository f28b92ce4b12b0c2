import { describe, expect, test } from 'vitest';
import { Pulse } from '../../src/daemon/pulse.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import type { Database } from '../../src/storage/database.ts';
import { StorageError, type StorageErrorCode } from '../../src/storage/errors.ts';
import { newQueryBuilder } from '../../src/storage/query-builder.ts';
import type { Tables } from '../../src/storage/tables.ts';
import { keepingLogger } from '../support/world.ts';

/** A database whose disk, thread or patience can be taken away. */
function patient() {
  const state: { fails: StorageErrorCode | null; hangs: boolean } = { fails: null, hangs: false };
  const answer = <T>(value: T): Promise<T> => {
    if (state.hangs) return new Promise(() => undefined);
    if (state.fails !== null) return Promise.reject(new StorageError(state.fails, `it is ${state.fails}`));
    return Promise.resolve(value);
  };
  const database = {
    query: newQueryBuilder<Tables>(),
    read: () => answer([]),
    write: () => answer([]),
  } as unknown as Database;
  return { state, database };
}

function started() {
  const { state, database } = patient();
  const clock = new ManualClock();
  const { logger, lines } = keepingLogger();
  const deaths: string[] = [];
  const pulse = new Pulse(
    { everyMs: 5_000, deadlineMs: 10_000 },
    { database, clock, logger, onDeath: ({ code }) => deaths.push(code) },
  );
  return { state, clock, lines, deaths, pulse };
}

describe('The pulse of the database', () => {
  test('tells trouble while writes fail, logs it once, and that it is over', async () => {
    const { state, clock, lines, pulse } = started();
    await pulse.start();
    expect([pulse.trouble(), pulse.isAlive()]).toEqual([null, true]);
    state.fails = 'disk-full';
    await clock.advance(20_000);
    expect([pulse.trouble(), pulse.isAlive()]).toEqual(['it is disk-full', true]);
    state.fails = null;
    await clock.advance(5_000);
    expect(pulse.trouble()).toBe(null);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
    await pulse.stop();
  });

  test('is not alive once the database has hung for a while, and is again when it answers', async () => {
    const { state, clock, pulse } = started();
    await pulse.start();
    state.hangs = true;
    await clock.advance(29_000);
    expect(pulse.isAlive()).toBe(true);
    await clock.advance(10_000);
    expect([pulse.isAlive(), pulse.trouble()]).toEqual([false, expect.stringContaining('10 s')]);
    state.hangs = false;
    await clock.advance(16_000);
    expect([pulse.isAlive(), pulse.trouble()]).toEqual([true, null]);
    await pulse.stop();
  });

  test('tells once of a thread that died, which nothing in this process can bring back', async () => {
    const { state, clock, deaths, pulse } = started();
    await pulse.start();
    state.fails = 'crashed';
    await clock.advance(60_000);
    expect(deaths).toEqual(['crashed']);
    expect(pulse.isAlive()).toBe(false);
    await pulse.stop();
  });
});
