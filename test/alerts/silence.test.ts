import { describe, expect, it } from 'vitest';
import { Alerts } from '../../src/alerts/alerts-schema.ts';
import { QuietTimes } from '../../src/alerts/silence.ts';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';

/** What a selector and a clock look at. */
function device(name: string, timezone: string): DesiredDevice {
  return { name, timezone, kind: 'room', tags: { site: 'oslo' } } as unknown as DesiredDevice;
}

const oslo = device('r1', 'Europe/Oslo');
const tokyo = device('r2', 'Asia/Tokyo');

function quiet(file: object): QuietTimes {
  return new QuietTimes(Alerts.parse(file));
}

/** The UTC minutes of a span at which it holds, as half-open stretches. */
function stretches(from: string, to: string, holds: (at: number) => boolean): string[] {
  const found: string[] = [];
  let since: number | null = null;
  for (let at = Date.parse(from); at <= Date.parse(to); at += 60_000) {
    if (holds(at) && since === null) since = at;
    if (!holds(at) && since !== null) {
      found.push(`${text(since)} ${text(at)}`);
      since = null;
    }
  }
  return found;
}

function text(at: number): string {
  return new Date(at).toISOString().slice(5, 16);
}

describe('hours at which devices may be off', () => {
  const nights = quiet({ expectedOff: [{ devices: 'r1', from: '22:00', to: '06:00' }] });
  const off = (at: number): boolean => nights.at(oslo, at).expectedOff;

  it('are those on the wall, also in the night in which the clocks are put forward', () => {
    expect(stretches('2026-03-28T12:00Z', '2026-03-29T12:00Z', off)).toEqual(['03-28T21:00 03-29T04:00']);
  });

  it('are those on the wall, also in the night in which they are put back', () => {
    expect(stretches('2026-10-24T12:00Z', '2026-10-25T12:00Z', off)).toEqual(['10-24T20:00 10-25T05:00']);
  });

  it('hold for the days on which they begin, and for the devices that are meant', () => {
    const weekend = quiet({ expectedOff: [{ devices: 'all', days: ['fri'], from: '20:00', to: '08:00' }] });
    const at = (one: DesiredDevice) => (time: number) => weekend.at(one, time).expectedOff;
    expect(stretches('2026-03-02T00:00Z', '2026-03-09T00:00Z', at(oslo))).toEqual([
      '03-06T19:00 03-07T07:00',
    ]);
    expect(stretches('2026-03-02T00:00Z', '2026-03-09T00:00Z', at(tokyo))).toEqual([
      '03-06T11:00 03-06T23:00',
    ]);
    expect(nights.at(tokyo, Date.parse('2026-03-02T18:00Z')).expectedOff).toBe(false);
  });
});

describe('maintenance of the file', () => {
  const weekly = quiet({
    maintenance: [{ devices: 'all', schedule: '30 2 * * 0', for: '2h', reason: 'patches' }],
  });
  const holds = (one: DesiredDevice) => (at: number) => weekly.at(one, at).maintenance !== null;

  it('begins on its schedule by each device’s clock and lasts as long as it says', () => {
    expect(stretches('2026-03-07T00:00Z', '2026-03-09T00:00Z', holds(oslo))).toEqual([
      '03-08T01:30 03-08T03:30',
    ]);
    expect(stretches('2026-03-07T00:00Z', '2026-03-09T00:00Z', holds(tokyo))).toEqual([
      '03-07T17:30 03-07T19:30',
    ]);
    expect(weekly.at(oslo, Date.parse('2026-03-08T02:00Z')).maintenance).toEqual({
      reason: 'patches',
      until: Date.parse('2026-03-08T03:30Z'),
      source: 'file',
    });
  });

  it('takes place once in the night in which its hour comes twice, and not where it is skipped', () => {
    expect(stretches('2026-10-24T22:00Z', '2026-10-25T12:00Z', holds(oslo))).toEqual([
      '10-25T00:30 10-25T02:30',
    ]);
    expect(stretches('2026-03-28T22:00Z', '2026-03-29T12:00Z', holds(oslo))).toEqual([]);
  });

  it('holds from one day to the end of another, as each wall shows them', () => {
    const days = quiet({
      maintenance: [{ devices: 'all', from: '2026-12-24', to: '2026-12-25', reason: 'holidays' }],
    });
    const at = (time: number) => days.at(oslo, time).maintenance !== null;
    expect(stretches('2026-12-23T00:00Z', '2026-12-27T00:00Z', at)).toEqual(['12-23T23:00 12-25T23:00']);
  });
});
