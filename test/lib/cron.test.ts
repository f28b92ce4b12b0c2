import { getTasks } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { readSchedule } from '../../src/lib/cron.ts';

describe('readSchedule', () => {
  it.each([
    ['0 25 * * *', /the hour \(second field, 0-23\) is "25"/],
    ['61 * * * *', /the minute \(first field, 0-59\) is "61"/],
    ['0 8 32 * *', /the day of the month .* is "32"/],
    ['0 8 * 13 *', /the month .* is "13"/],
    ['0 8 * * 8', /the day of the week .* is "8"/],
    ['0 8 * *', /has 4 fields; five are expected/],
    ['30 0 8 * * 1', /has 6 fields; five are expected/],
    ['@daily', /has one field; five are expected/],
    ['', /has one field/],
    ['0 8 30 2 *', /no such day/],
  ])('says of "%s" what is wrong with which field', (text, message) => {
    const { schedule, errors } = readSchedule(text);
    expect(schedule).toBeNull();
    expect(errors.join('\n')).toMatch(message);
  });

  it('tells every wrong field at once', () => {
    expect(readSchedule('x 99 * * *').errors).toHaveLength(2);
  });

  it('warns where both a day of the month and a day of the week are given', () => {
    expect(readSchedule('0 8 1 * 1').warnings.join()).toContain('only on days that are both');
    expect(readSchedule('0 8 * * 1').warnings).toEqual([]);
    expect(readSchedule('0 8 1 * *').warnings).toEqual([]);
  });

  it('reads names, lists, ranges and the last day of a month', () => {
    expect(fires('55 8 * * MON-FRI', '2026-11-23T08:55')).toBe(true);
    expect(fires('55 8 * * MON-FRI', '2026-11-22T08:55')).toBe(false);
    expect(fires('0,30 8-10 * NOV *', '2026-11-23T10:30')).toBe(true);
    expect(fires('0 18 L * *', '2026-11-30T18:00')).toBe(true);
    expect(fires('0 18 L * *', '2026-11-29T18:00')).toBe(false);
  });

  it('leaves nothing in node-cron’s registry', () => {
    readSchedule('55 8 * * 1-5');
    expect(getTasks().size).toBe(0);
  });
});

function fires(text: string, wall: string): boolean | undefined {
  return readSchedule(text).schedule?.matches(Date.parse(`${wall}:00Z`));
}
