import { expect, onTestFinished, test } from 'vitest';
import { LogTail } from '../../src/alerts/log-tail.ts';
import { appendEvents, type NewEvent } from '../../src/storage/events.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const NOW = Date.parse('2026-03-02T08:00:00Z');
const HOUR_MS = 3_600_000;

test('the log tells of calls and runs, from a day back and as it grows', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await database.write([
    database.query.insertInto('device').values({ name: 'hall', host: 'h', created_at: 0 }),
  ]);
  await appendEvents(database, [
    call(30, 'NetworkRejected', '0'),
    run(30, 'failed'),
    call(3, 'RemoteDisconnect', '600'),
    call(2, 'RemoteBusy', '0'),
    call(1, 'NetworkRejected', '0'),
    run(1, 'failed'),
  ]);
  const tail = new LogTail({ database });
  await tail.follow(NOW);
  expect(tail.of(1, NOW)).toEqual({
    calls: [
      { at: NOW - 3 * HOUR_MS, failed: false, cause: 'RemoteDisconnect' },
      { at: NOW - HOUR_MS, failed: true, cause: 'NetworkRejected' },
    ],
    runs: [{ macro: 'standup', failures: 1, reason: 'busy', at: NOW - HOUR_MS }],
  });
  await appendEvents(database, [run(0, 'failed'), call(0, 'Timeout', '0')]);
  await tail.follow(NOW);
  expect(tail.of(1, NOW).runs[0]?.failures).toBe(2);
  expect(tail.of(1, NOW).calls).toHaveLength(3);
  await appendEvents(database, [run(0, 'succeeded')]);
  await tail.follow(NOW);
  expect(tail.of(1, NOW).runs).toEqual([]);
});

function event(kind: string, path: string | null, payload: object, hoursAgo: number): NewEvent {
  const receivedAt = NOW - hoursAgo * HOUR_MS;
  return { deviceId: 1, kind, path, payload, source: 'roomd', receivedAt, deviceAt: null };
}

function call(hoursAgo: number, CauseType: string, Duration: string): NewEvent {
  return event('event', 'CallDisconnect', { arguments: { CauseType, Duration }, value: null }, hoursAgo);
}

function run(hoursAgo: number, state: string): NewEvent {
  return event('run', null, { macro: 'standup', state, reason: 'busy' }, hoursAgo);
}
