import { describe, expect, it } from 'vitest';
import { ZoneClock } from '../../src/lib/zone.ts';

const HOUR_MS = 3_600_000;

/** Instants of which the wall of `zone` is said not to have shown what it showed, or at other times, too. */
function wrongInstants(zone: string, from: number, to: number): number[] {
  const clock = new ZoneClock(zone);
  const wrong: number[] = [];
  for (let at = from; at < to; at += HOUR_MS / 2) {
    const wall = clock.wallAt(at);
    const instants = clock.instantsOf(wall);
    const isRight = instants.includes(at) && instants.every((instant) => clock.wallAt(instant) === wall);
    if (!isRight) wrong.push(at);
  }
  return wrong;
}

describe('the clock of a time zone', () => {
  it.each([
    'Europe/Oslo',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'Etc/UTC',
    'Pacific/Chatham',
  ])('knows when the wall of %s showed what it shows, in the months in which clocks are changed', (zone) => {
    for (const month of [2, 3, 8, 9, 10])
      expect(wrongInstants(zone, Date.UTC(2027, month, 1), Date.UTC(2027, month + 1, 1))).toEqual([]);
  });

  it('shows a time twice, or never, where the clocks are changed', () => {
    const oslo = new ZoneClock('Europe/Oslo');
    const instants = (text: string): string[] =>
      oslo.instantsOf(Date.parse(`${text}Z`)).map((at) => new Date(at).toISOString().slice(0, 16));
    expect(instants('2027-10-31T02:30')).toEqual(['2027-10-31T00:30', '2027-10-31T01:30']);
    expect(instants('2027-10-31T03:00')).toEqual(['2027-10-31T02:00']);
    expect(instants('2027-03-28T02:30')).toEqual([]);
    expect(instants('2027-03-28T03:00')).toEqual(['2027-03-28T01:00']);
  });
});
