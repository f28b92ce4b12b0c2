import { describe, expect, test } from 'vitest';
import {
  type CallEvent,
  callEventOf,
  callsAgainst,
  readCallsAgainst,
  tallyOf,
} from '../../../src/fleet/rollout/call-health.ts';
import { appendEvents } from '../../../src/storage/events.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';

const tally = (connected: number, failed: number) => ({ connected, failed });
const ended = (args: Record<string, string>) => callEventOf('CallDisconnect', args, 100_000);
const told = (deviceId: number, receivedAt: number, args: Record<string, string>) => ({
  deviceId,
  kind: 'event',
  path: 'CallDisconnect',
  payload: { arguments: args, value: null },
  source: 'session',
  receivedAt,
  deviceAt: null,
});
const made = (...told: CallEvent['told'][]) => tallyOf(told.map((one) => ({ at: 0, told: one })));

describe('Calls speak against a write', () => {
  test('where three failed since, none succeeded, and they used to', () => {
    expect(callsAgainst(tally(8, 2), tally(0, 3))).toBe(
      '3 calls failed since the write and none was connected; before, 8 of 10 were',
    );
    expect(callsAgainst(tally(1, 1), tally(0, 4))).not.toBeNull();
  });

  test.each([
    ['two wrong attempts', tally(8, 0), tally(0, 2)],
    ['one that succeeded among many that failed', tally(8, 0), tally(1, 9)],
    ['calls that failed as often before', tally(4, 6), tally(0, 5)],
    ['a device that never called before', tally(0, 0), tally(0, 9)],
    ['one whose calls never worked', tally(0, 9), tally(0, 9)],
    ['none at all', tally(0, 0), tally(0, 0)],
  ])('and not by %s', (_what, before, since) => expect(callsAgainst(before, since)).toBeNull());
});

describe('An event of a call', () => {
  test.each([
    ['RemoteBusy', '486'],
    ['AWordOfTomorrow', ''],
  ])('that no technical cause ended is no failure: %s %s', (CauseType, CauseCode) =>
    expect(ended({ CauseType, CauseCode, Duration: '0' })).toBeNull(),
  );

  test('is a failure for a technical cause, unless the call had come about', () => {
    expect(ended({ CauseType: 'NetworkRejected', CauseCode: '503', Duration: '0' })).toMatchObject({
      told: 'failed',
    });
    expect(ended({ CauseType: 'NetworkRejected', Duration: '7' })).toEqual({
      at: 93_000,
      told: 'ended-after-talk',
    });
    expect(callEventOf('BootEvent', {}, 0)).toBeNull();
  });

  test('counts a call once, also where one of its two events was missed', () => {
    expect(made('connected', 'ended-after-talk', 'failed')).toEqual(tally(1, 1));
    expect(made('ended-after-talk', 'ended-after-talk')).toEqual(tally(2, 0));
    expect(made('connected')).toEqual(tally(1, 0));
  });
});

test('Calls on record are judged by when they came about, and read without the other events', async () => {
  const { database, close } = await temporaryDatabase();
  try {
    const { query } = database;
    const device = { host: 'h', serial: null, fingerprint256: null, product: null, software: null };
    const times = { first_seen_at: null, last_seen_at: null, removed_at: null, created_at: 0 };
    await database.write(
      [1, 2].map((id) => query.insertInto('device').values({ id, name: `d${id}`, ...device, ...times })),
    );
    const talk = { CauseType: 'LocalDisconnect', Duration: '60' };
    const failure = { CauseType: 'NetworkRejected', Duration: '0' };
    // The last talk ends after the write and began before it.
    const talks = [told(1, 100_000, talk), told(1, 200_000, talk), told(1, 1_010_000, talk)];
    const failures = [1_020_000, 1_030_000, 1_040_000].map((at) => told(1, at, failure));
    await appendEvents(database, [...talks, ...failures, told(2, 1_000, talk)]);
    const at = (deviceId: number, writtenAt = 1_000_000) =>
      readCallsAgainst(database, { deviceId, writtenAt }, {});
    expect(await at(1)).toMatch(/^3 calls failed .* 3 of 3 were$/);
    expect(await at(1, 1_025_000)).toBeNull();
    expect(await at(2)).toBeNull();
  } finally {
    await close();
  }
});
