import { expect, test } from 'vitest';
import { dueBackup } from '../../../src/daemon/backups/due.ts';
import { readSchedule } from '../../../src/lib/cron.ts';
import { ZoneClock } from '../../../src/lib/zone.ts';

function shown(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString().slice(0, 16);
}

function due(text: string, from: string, now: string, zone = 'UTC') {
  const { schedule } = readSchedule(text);
  if (schedule === null) throw new Error(text);
  const found = dueBackup(schedule, new ZoneClock(zone), {
    countedFrom: Date.parse(from),
    now: Date.parse(now),
  });
  return [shown(found.dueAt), found.missed, shown(found.nextAt)];
}

test.each([
  ['2026-12-01T03:30:20Z', '2026-12-01T20:00:00Z', [null, 0, '2026-12-02T03:30']],
  ['2026-12-01T03:30:00Z', '2026-12-02T03:30:05Z', ['2026-12-02T03:30', 0, '2026-12-03T03:30']],
  ['2026-12-01T03:30:00Z', '2026-12-04T12:00:00Z', ['2026-12-04T03:30', 2, '2026-12-05T03:30']],
])('a nightly run counted from %s at %s', (from, now, wanted) => {
  expect(due('30 3 * * *', from, now)).toEqual(wanted);
});

test('the schedule means the wall clock that the file names', () => {
  expect(due('30 3 * * *', '2026-12-01T00:00:00Z', '2026-12-01T02:31:00Z', 'Europe/Oslo')[0]).toBe(
    '2026-12-01T02:30',
  );
});
