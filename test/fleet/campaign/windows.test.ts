import { describe, expect, test } from 'vitest';
import { closedNow } from '../../../src/fleet/campaign/windows.ts';

const night = { days: ['fri'], fromMinute: 22 * 60, toMinute: 5 * 60 } as const;
const at = (text: string): number => Date.parse(text);

describe('When a device may be written by its own clock', () => {
  test('is always where no window is named', () => {
    expect(closedNow({ windows: [], freezes: [] }, 'Europe/Oslo', 0)).toBeNull();
  });

  test('runs over midnight from the day on which the window opens', () => {
    const rules = { windows: [night], freezes: [] };
    const open = (time: string): boolean => closedNow(rules, 'Europe/Oslo', at(time)) === null;
    expect(open('2026-11-27T20:59Z')).toBe(false);
    expect(open('2026-11-27T21:00Z')).toBe(true);
    expect(open('2026-11-28T03:59Z')).toBe(true);
    expect(open('2026-11-28T04:00Z')).toBe(false);
    expect(open('2026-11-27T03:00Z')).toBe(false);
  });

  test('differs from place to place at one instant', () => {
    const rules = { windows: [night], freezes: [] };
    const instant = at('2026-11-28T04:30Z');
    expect(closedNow(rules, 'Europe/Oslo', instant)).not.toBeNull();
    expect(closedNow(rules, 'America/New_York', instant)).toBeNull();
  });

  test('is told with the next opening, over the change of clocks too', () => {
    const rules = { windows: [{ ...night, days: ['sun'] as const }], freezes: [] };
    // Oslo puts its clocks back on 25 October 2026: 22:00 is 21:00 UTC that evening.
    expect(closedNow(rules, 'Europe/Oslo', at('2026-10-24T12:00Z'))?.until).toBe(at('2026-10-25T21:00Z'));
  });

  test('is not while a freeze lasts, which says why', () => {
    const day = Date.UTC(2026, 11, 24);
    const freeze = {
      from: { kind: 'wall', wall: day } as const,
      to: { kind: 'wall', wall: day + 86_400_000 } as const,
      reason: 'Christmas',
    };
    const rules = { windows: [], freezes: [freeze] };
    expect(closedNow(rules, 'Europe/Oslo', at('2026-12-23T23:30Z'))).toEqual({
      reason: 'frozen until 2026-12-24T23:00:00Z: Christmas',
      until: at('2026-12-24T23:00Z'),
    });
    expect(closedNow(rules, 'Europe/Oslo', at('2026-12-24T23:00Z'))).toBeNull();
  });
});
