import { describe, expect, test } from 'vitest';
import { availabilityOf, type SessionTold, sessionIntervals } from '../../src/feedback/session-history.ts';
import { sessionWord } from '../../src/feedback/session-word.ts';
import type { SessionState } from '../../src/xapi/device.ts';

function told(seq: number, at: number, state: SessionState, reason: string | null = null): SessionTold {
  return { seq, at, state, reason, errorCode: null };
}

describe('The word for a session', () => {
  test.each<[SessionState, string | null, string]>([
    ['idle', null, 'off'],
    ['connecting', null, 'connecting'],
    ['up', null, 'up'],
    ['up', 'subscribing was refused', 'degraded'],
    ['up-https', 'no websocket', 'degraded'],
    ['waiting', 'nothing answers', 'unreachable'],
    ['refused', 'HTTP 401', 'refused'],
    ['certificate-changed', 'another certificate', 'certificate-changed'],
    ['swapped', 'another unit', 'swapped'],
  ])('%s (%s) is %s', (state, reason, word) => {
    expect(sessionWord({ state, reason })).toBe(word);
  });

  test('maintenance excuses an outage, and no stranger', () => {
    expect(sessionWord({ state: 'waiting', reason: 'x' }, { inMaintenance: true })).toBe('in-maintenance');
    expect(sessionWord({ state: 'swapped', reason: 'x' }, { inMaintenance: true })).toBe('swapped');
  });
});

describe('The history of a session', () => {
  const spans = [
    { seq: 1, value: 'up' as const, from: 100, to: 500 },
    { seq: 9, value: 'waiting' as const, from: 500, to: 600 },
    { seq: 12, value: 'up' as const, from: 700, to: null },
  ];

  test('is cut where the reason changed while it stood', () => {
    const events = [
      told(1, 100, 'up'),
      told(4, 200, 'up', 'slow'),
      told(6, 300, 'up'),
      told(9, 500, 'waiting', 'gone'),
      told(12, 700, 'up'),
    ];
    expect(sessionIntervals(spans, events)).toEqual([
      { from: 100, to: 200, word: 'up', reason: null },
      { from: 200, to: 300, word: 'degraded', reason: 'slow' },
      { from: 300, to: 500, word: 'up', reason: null },
      { from: 500, to: 600, word: 'unreachable', reason: 'gone' },
      { from: 700, to: null, word: 'up', reason: null },
    ]);
  });

  test('stands without reasons where the events are no longer kept', () => {
    expect(sessionIntervals(spans, []).map(({ word, reason }) => [word, reason])).toEqual([
      ['up', null],
      ['unreachable', null],
      ['up', null],
    ]);
  });

  test('gives the availability of the time that is known, and says how much is not', () => {
    const intervals = sessionIntervals(spans, [told(4, 200, 'up', 'slow'), told(6, 300, 'up')]);
    expect(availabilityOf(intervals, { from: 0, to: 800 })).toEqual({
      upMs: 400,
      degradedMs: 100,
      outMs: 100,
      unknownMs: 200,
      share: 5 / 6,
    });
    expect(availabilityOf([], { from: 0, to: 10 }).share).toBeNull();
  });
});
