import { describe, expect, it } from 'vitest';
import { readOfficeHours } from '../../../src/feedback/utilisation/office-hours.ts';
import { type BucketSize, bucketsOf, type OfficeHours } from '../../../src/feedback/utilisation/windows.ts';
import { Wrong } from '../../../src/fleet/forms.ts';
import { readDay, readMoment } from '../../../src/fleet/local-time.ts';
import { ZoneClock } from '../../../src/lib/zone.ts';
import { fc } from '../fast-check.ts';

const HOUR = 3_600_000;

function buckets(zone: string, from: string, to: string, size: BucketSize, hours: OfficeHours | null = null) {
  return bucketsOf({ from: momentOf(from), to: momentOf(to), size, hours }, new ZoneClock(zone));
}

function momentOf(text: string) {
  const day = readDay(text);
  if (day !== null) return { kind: 'wall' as const, wall: day };
  const moment = readMoment(text);
  if (moment instanceof Wrong) throw new Error(moment.message);
  return moment;
}

function office(hours: string | null, days: string | null = null): OfficeHours {
  const read = readOfficeHours(hours, days);
  if (read === null || typeof read === 'string') throw new Error(String(read));
  return read;
}

function lengths(list: readonly { from: number; to: number }[]): number[] {
  return list.map(({ from, to }) => (to - from) / HOUR);
}

describe('buckets of local time', () => {
  it('have a day of 23 hours in spring and one of 25 in autumn', () => {
    expect(lengths(buckets('Europe/Oslo', '2026-03-28', '2026-03-31', 'day'))).toEqual([24, 23, 24]);
    expect(lengths(buckets('Europe/Oslo', '2026-10-24', '2026-10-27', 'day'))).toEqual([24, 25, 24]);
  });

  it('leave out the hour that does not exist and show the one that comes twice as two', () => {
    const spring = buckets('Europe/Oslo', '2026-03-29', '2026-03-30', 'hour');
    const autumn = buckets('Europe/Oslo', '2026-10-25', '2026-10-26', 'hour');
    expect([spring.length, autumn.length]).toEqual([23, 25]);
    expect(new Set([...lengths(spring), ...lengths(autumn)])).toEqual(new Set([1]));
  });

  it('know the leap day', () => {
    expect(buckets('Europe/Oslo', '2028-02-01', '2028-03-01', 'day')).toHaveLength(29);
    expect(lengths(buckets('UTC', '2028-02-01', '2028-03-01', 'month'))).toEqual([29 * 24]);
  });

  it('begin at half past where the zone is half an hour off, and at a quarter in Kathmandu', () => {
    const [kolkata] = buckets('Asia/Kolkata', '2026-06-01', '2026-06-02', 'day');
    const [kathmandu] = buckets('Asia/Kathmandu', '2026-06-01T09:00', '2026-06-01T10:00', 'hour');
    expect(new Date(kolkata?.from ?? 0).toISOString()).toBe('2026-05-31T18:30:00.000Z');
    expect(new Date(kathmandu?.from ?? 0).toISOString()).toBe('2026-06-01T03:15:00.000Z');
  });

  it('cut an hour where the clocks of Lord Howe change by half an hour', () => {
    expect(new Set(lengths(buckets('Australia/Lord_Howe', '2026-04-05', '2026-04-06', 'hour')))).toEqual(
      new Set([1, 0.5]),
    );
    expect(lengths(buckets('Australia/Lord_Howe', '2026-04-05', '2026-04-06', 'day'))).toEqual([24.5]);
  });

  it('begin weeks on Monday and clip the first to what was asked for', () => {
    const weeks = buckets('UTC', '2026-06-03', '2026-06-20', 'week');
    expect(weeks.map(({ from }) => new Date(from).toISOString().slice(0, 10))).toEqual([
      '2026-06-03',
      '2026-06-08',
      '2026-06-15',
    ]);
  });

  it('leave nothing out and nothing twice, in any zone', () => {
    const zones = ['Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Africa/Cairo'];
    const sizes: BucketSize[] = ['hour', 'day', 'week', 'month'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...sizes),
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: 1, max: 90 }),
        (zone, size, day, length) => {
          const from = Date.UTC(2026, 0, 1) + day * 24 * HOUR;
          const to = from + length * 24 * HOUR;
          const asked = {
            size,
            hours: null,
            from: { kind: 'instant', at: from },
            to: { kind: 'instant', at: to },
          } as const;
          const list = bucketsOf(asked, new ZoneClock(zone));
          expect([list[0]?.from, list.at(-1)?.to]).toEqual([from, to]);
          for (const [at, bucket] of list.entries()) {
            expect(bucket.to).toBeGreaterThan(bucket.from);
            expect(bucket.from).toBe(at === 0 ? from : list[at - 1]?.to);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('office hours', () => {
  it('are as long on the day that clocks change as on any other', () => {
    const days = buckets('Europe/Oslo', '2026-03-27', '2026-03-31', 'day', office('08:00-18:00', 'mon-fri'));
    expect(days.map(({ windows }) => lengths(windows))).toEqual([[10], [], [], [10]]);
    const sundays = buckets('Europe/Oslo', '2026-03-29', '2026-03-30', 'day', office('01:00-04:00'));
    expect(sundays.map(({ windows }) => lengths(windows))).toEqual([[2]]);
  });

  it('go on past midnight and fall into the day that they fall on', () => {
    const days = buckets('UTC', '2026-06-01', '2026-06-03', 'day', office('22:00-06:00', 'mon'));
    expect(days.map(({ windows }) => lengths(windows))).toEqual([[2], [6]]);
  });

  it('are read as people write them, and refused with a sentence', () => {
    expect([...office(null, 'fri-mon').weekdays].sort((one, other) => one - other)).toEqual([0, 1, 5, 6]);
    expect(readOfficeHours('08:10-18:00', null)).toContain('quarters of an hour');
    expect(readOfficeHours('8-18', null)).toContain('08:00-18:00');
    expect(readOfficeHours(null, 'mon-frei')).toContain('mon-fri');
    expect(readOfficeHours(null, null)).toBeNull();
  });
});
