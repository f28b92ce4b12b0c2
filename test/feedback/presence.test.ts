import { describe, expect, test } from 'vitest';
import type { FeedbackEvent } from '../../src/feedback/event.ts';
import {
  applyPresence,
  type PresenceInterval,
  type PresenceState,
  presenceNews,
} from '../../src/feedback/presence.ts';
import {
  type PresenceFold,
  presence as presenceProjection,
} from '../../src/feedback/projections/presence.ts';
import { fc } from './fast-check.ts';

interface Told {
  readonly at: number;
  readonly event: FeedbackEvent;
}

describe('presence', () => {
  test('yes, then no: two intervals that meet', () => {
    expect(spans([presence(10, 'Yes'), presence(50, 'No')])).toEqual(['yes 10-50', 'no 50-']);
  });

  test('what is said again changes nothing', () => {
    expect(spans([presence(10, 'Yes'), presence(20, 'Yes'), presence(50, 'No'), presence(60, 'No')])).toEqual(
      ['yes 10-50', 'no 50-'],
    );
  });

  test('the count is the greatest and the last, and -1 is none', () => {
    const [only] = fold([presence(10, 'Yes'), count(11, 2), count(12, 5), count(13, 3), count(14, -1)]);
    expect(only).toMatchObject({ state: 'yes', maxCount: 5, lastCount: null });
  });

  test('a count that came just before presence belongs to it; people of before are none of an empty room', () => {
    const intervals = fold([presence(1, 'No'), count(9, 3), presence(10, 'Yes'), presence(50, 'No')]);
    expect(intervals.map(({ state, maxCount }) => [state, maxCount])).toEqual([
      ['no', null],
      ['yes', 3],
      ['no', null],
    ]);
  });

  test('an interval without anybody has no people, also where a reading tells of both', () => {
    const told = [snapshot(1, 'No', '3'), count(5, 4), count(6, 0), count(7, 2)];
    expect(fold(told)).toMatchObject([{ state: 'no', maxCount: 0 }]);
    const rows = told.reduce<{ state: PresenceFold | null; last: unknown }>(
      ({ state }, { at, event }) => {
        const applied = presenceProjection.apply(state, {
          deviceId: 1,
          event,
          seq: at,
          receivedAt: at,
          source: 'webhook',
        });
        return { state: applied?.state ?? state, last: applied?.writes.at(-1)?.row };
      },
      { state: null, last: null },
    );
    expect(rows.last).toMatchObject({ state: 'no', max_count: 0, last_count: null });
  });

  test('a count alone says nothing of presence', () => {
    expect(spans([count(5, 4)])).toEqual(['unknown 5-']);
  });

  test('in standby only the count is unknown', () => {
    const [only, ...others] = fold([
      presence(10, 'Yes'),
      count(11, 2),
      status(20, { 'Standby.State': 'Standby' }),
    ]);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ state: 'yes', maxCount: 2, lastCount: null });
    const awake = fold([presence(10, 'Yes'), count(11, 2), status(20, { 'Standby.State': 'Off' })]);
    expect(awake).toMatchObject([{ state: 'yes', lastCount: 2 }]);
  });

  test('a detector that is off, a word of Unknown, or a node that is gone makes it unknown', () => {
    const off: FeedbackEvent = {
      kind: 'configuration',
      path: 'RoomAnalytics.PeoplePresenceDetector',
      payload: { leaves: { 'RoomAnalytics.PeoplePresenceDetector': 'Off' }, gone: [] },
    };
    const gone: FeedbackEvent = {
      kind: 'status',
      path: 'RoomAnalytics',
      payload: { leaves: {}, gone: ['RoomAnalytics'] },
    };
    for (const told of [{ at: 20, event: off }, { at: 20, event: gone }, presence(20, 'Unknown')])
      expect(spans([presence(10, 'Yes'), told])).toEqual(['yes 10-20', 'unknown 20-']);
  });

  test('a gap is unknown from its beginning, even when it is found later, until a reading ends it', () => {
    const told = [presence(10, 'Yes'), count(90, 2), gap(100, 40, 100), snapshot(100, 'Yes', '2')];
    expect(spans(told)).toEqual(['yes 10-40', 'unknown 40-100', 'yes 100-']);
    expect(fold(told)[2]).toMatchObject({ lastCount: 2, maxCount: 2 });
  });

  test('a gap never reaches behind what is closed', () => {
    expect(spans([presence(10, 'Yes'), presence(50, 'No'), gap(90, 20, null)])).toEqual([
      'yes 10-50',
      'unknown 50-',
    ]);
  });

  test('a reading of a device that does not tell presence leaves it unknown', () => {
    const event: FeedbackEvent = {
      kind: 'snapshot',
      path: null,
      payload: { leaves: { 'Standby.State': 'Off' } },
    };
    expect(spans([{ at: 10, event }])).toEqual(['unknown 10-']);
  });

  test('news that comes late changes nothing', () => {
    expect(spans([presence(10, 'Yes'), presence(50, 'No'), presence(30, 'Yes')])).toEqual([
      'yes 10-50',
      'no 50-',
    ]);
  });

  test('a clock that is set back by hours does not make intervals overlap, and the present state is right', () => {
    const hour = 3_600_000;
    const intervals = fold([presence(10 * hour, 'Yes'), presence(9 * hour, 'No')]);
    expect(intervals).toMatchObject([{ state: 'no', from: 10 * hour, to: null }]);
  });

  test('any duplicates, wherever they arrive late, give the same intervals', () => {
    const step = fc.record({
      wait: fc.integer({ min: 1, max: 1_000 }),
      word: fc.constantFrom('Yes', 'No', 'Unknown'),
      people: fc.integer({ min: -1, max: 4 }),
      isCount: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(10_000), { maxLength: 20 }),
        (steps, picks) => {
          let at = 0;
          const told = steps.map(({ wait, word, people, isCount }) => {
            at += wait;
            return isCount ? count(at, people) : presence(at, word);
          });
          const withDuplicates = [...told];
          for (const pick of picks) {
            const original = withDuplicates[pick % withDuplicates.length];
            const position = (pick * 7) % (withDuplicates.length + 1);
            const first = withDuplicates.findIndex((one) => one === original);
            if (original !== undefined && position > first) withDuplicates.splice(position, 0, original);
          }
          expect(fold(withDuplicates)).toEqual(fold(told));
        },
      ),
    );
  });

  test('whatever came before, nothing is known in a gap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('Yes', 'No', 'Unknown'), { minLength: 1 }),
        fc.nat(300),
        (words, back) => {
          const told = words.map((word, position) => presence((position + 1) * 100, word));
          const at = words.length * 100 + 50;
          const intervals = fold([...told, gap(at, at - back, at), snapshot(at, 'Yes', '1')]);
          const open = Math.max(at - back, fold(told).at(-1)?.from ?? 0);
          const within = intervals.filter(({ from, to }) => (to ?? at + 1) > open && from < at);
          expect(within.map(({ state }) => state)).toEqual(['unknown']);
        },
      ),
    );
  });

  test('intervals never overlap and leave no hole', () => {
    const step = fc.record({
      wait: fc.integer({ min: -50, max: 1_000 }),
      kind: fc.constantFrom('Yes', 'No', 'Unknown', 'count', 'gap', 'snapshot', 'off'),
      back: fc.nat(500),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        let at = 1_000;
        const told = steps.map(({ wait, kind, back }): Told => {
          at += wait;
          if (kind === 'count') return count(at, back % 5);
          if (kind === 'gap') return gap(at, at - back, null);
          if (kind === 'snapshot') return snapshot(at, 'Yes', '1');
          return presence(at, kind);
        });
        const intervals = fold(told);
        intervals.forEach(({ from, to }, position) => {
          const next = intervals[position + 1];
          expect(to).toBe(next?.from ?? null);
          expect(to ?? Number.POSITIVE_INFINITY).toBeGreaterThan(from);
        });
      }),
    );
  });
});

function fold(told: readonly Told[]): PresenceInterval[] {
  const closed: PresenceInterval[] = [];
  let state: PresenceState = { open: null, lastAt: 0 };
  for (const { at, event } of told) {
    const news = presenceNews(event, { receivedAt: at, source: 'webhook' });
    if (news === null) continue;
    const next = applyPresence(state, news);
    if (next.closed !== null) closed.push(next.closed);
    state = { open: next.open, lastAt: next.lastAt };
  }
  return state.open === null ? closed : [...closed, state.open];
}

function spans(told: readonly Told[]): string[] {
  return fold(told).map(({ state, from, to }) => `${state} ${from}-${to ?? ''}`);
}

function status(at: number, leaves: Record<string, string>): Told {
  return { at, event: { kind: 'status', path: '', payload: { leaves, gone: [] } } };
}

function presence(at: number, word: string): Told {
  return status(at, { 'RoomAnalytics.PeoplePresence': word });
}

function count(at: number, people: number): Told {
  return status(at, { 'RoomAnalytics.PeopleCount.Current': String(people) });
}

function snapshot(at: number, word: string, people: string): Told {
  const leaves = { 'RoomAnalytics.PeoplePresence': word, 'RoomAnalytics.PeopleCount.Current': people };
  return { at, event: { kind: 'snapshot', path: null, payload: { leaves } } };
}

function gap(at: number, from: number, to: number | null): Told {
  return { at, event: { kind: 'gap', path: null, payload: { from, to, reason: 'test' } } };
}
