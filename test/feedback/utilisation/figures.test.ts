import { describe, expect, it } from 'vitest';
import { cellsOf, HOUR_MS, QUARTER_MS } from '../../../src/feedback/utilisation/cells.ts';
import { added, type Facts, figuresOf, NOTHING } from '../../../src/feedback/utilisation/figures.ts';
import { fc } from '../fast-check.ts';

const MINUTE = 60_000;
const NOBODY: Facts = { presence: [], counts: [], bookings: [], calls: [] };

/** Times around an hour that begins at two hours, some of them outside. */
const time = fc.integer({ min: 0, max: 5 * HOUR_MS });
const span = fc
  .tuple(time, fc.option(time))
  .map(([from, to]) => ({ from, to: to === null ? null : Math.max(from, to) }));
const facts: fc.Arbitrary<Facts> = fc.record({
  presence: fc.array(
    fc
      .tuple(span, fc.constantFrom('yes' as const, 'no' as const, 'unknown' as const))
      .map(([part, state]) => ({ ...part, state })),
    { maxLength: 8 },
  ),
  counts: fc.array(
    fc.tuple(span, fc.nat(20)).map(([part, count]) => ({ ...part, count })),
    { maxLength: 8 },
  ),
  bookings: fc.array(span, { maxLength: 4 }),
  calls: fc.array(
    fc
      .tuple(span, fc.option(fc.nat(60_000)))
      .map(([part, after]) => ({ ...part, connectedAt: after === null ? null : part.from + after })),
    { maxLength: 4 },
  ),
});
const hour = fc.constant({ from: 2 * HOUR_MS, to: 3 * HOUR_MS });

describe('figures of a time', () => {
  it('tell an hour of somebody, nobody and silence apart, to the millisecond', () => {
    const figures = figuresOf(
      {
        presence: [
          { state: 'no', from: -1, to: 10 * MINUTE },
          { state: 'yes', from: 10 * MINUTE, to: 40 * MINUTE },
          { state: 'unknown', from: 40 * MINUTE, to: null },
        ],
        counts: [
          { count: 2, from: 15 * MINUTE, to: 20 * MINUTE },
          { count: 5, from: 20 * MINUTE, to: 25 * MINUTE },
        ],
        bookings: [{ from: 0, to: 30 * MINUTE }],
        calls: [{ from: 20 * MINUTE, connectedAt: 21 * MINUTE, to: 31 * MINUTE }],
      },
      0,
      HOUR_MS,
    );
    expect(figures).toEqual({
      occupiedMs: 30 * MINUTE,
      emptyMs: 10 * MINUTE,
      unknownMs: 20 * MINUTE,
      countedMs: 10 * MINUTE,
      peopleMs: 35 * MINUTE,
      peak: 5,
      bookedMs: 30 * MINUTE,
      bookedUsedMs: 20 * MINUTE,
      bookedUnusedMs: 10 * MINUTE,
      bookedUnknownMs: 0,
      usedUnbookedMs: 10 * MINUTE,
      calls: 1,
      callMs: 10 * MINUTE,
    });
  });

  it('of nothing are all unknown', () => {
    expect(figuresOf(NOBODY, 0, HOUR_MS)).toEqual({ ...NOTHING, unknownMs: HOUR_MS });
  });

  it('come to the length of the time, whatever the facts', () => {
    fc.assert(
      fc.property(facts, hour, (known, { from, to }) => {
        const sum = figuresOf(known, from, to);
        expect(sum.occupiedMs + sum.emptyMs + sum.unknownMs).toBe(to - from);
        expect(sum.bookedUsedMs + sum.bookedUnusedMs + sum.bookedUnknownMs).toBe(sum.bookedMs);
        expect(sum.bookedUsedMs + sum.usedUnbookedMs).toBe(sum.occupiedMs);
        expect(sum.countedMs).toBeLessThanOrEqual(sum.occupiedMs);
        expect(sum.callMs).toBeLessThanOrEqual(to - from);
        expect(sum.peopleMs).toBeLessThanOrEqual((sum.peak ?? 0) * sum.countedMs);
      }),
    );
  });

  it('of two parts come to those of the whole, wherever it is cut', () => {
    fc.assert(
      fc.property(facts, hour, fc.integer({ min: 1, max: HOUR_MS - 1 }), (known, { from, to }, at) => {
        const parts = added(figuresOf(known, from, from + at), figuresOf(known, from + at, to));
        expect(parts).toEqual(figuresOf(known, from, to));
      }),
    );
  });

  it('do not depend on the order of the facts', () => {
    fc.assert(
      fc.property(facts, hour, (known, { from, to }) => {
        const reversed: Facts = {
          presence: known.presence.toReversed(),
          counts: known.counts.toReversed(),
          bookings: known.bookings.toReversed(),
          calls: known.calls.toReversed(),
        };
        expect(figuresOf(reversed, from, to)).toEqual(figuresOf(known, from, to));
      }),
    );
  });

  it('do not hear of what lies outside', () => {
    fc.assert(
      fc.property(facts, hour, (known, { from, to }) => {
        const cut = <Span extends { from: number; to: number | null }>(spans: readonly Span[]): Span[] =>
          spans
            .map((one) => ({ ...one, from: Math.max(one.from, from), to: Math.min(one.to ?? to, to) }))
            .filter((one) => one.from < one.to);
        const within = {
          presence: cut(known.presence),
          counts: cut(known.counts),
          bookings: cut(known.bookings),
          calls: known.calls,
        };
        expect(figuresOf(within, from, to)).toEqual(figuresOf(known, from, to));
      }),
    );
  });
});

describe('cells', () => {
  it('keep an hour of four alike quarters as one and leave out what nobody knows', () => {
    const cells = cellsOf(
      {
        ...NOBODY,
        presence: [
          { state: 'no', from: HOUR_MS, to: 2 * HOUR_MS + QUARTER_MS },
          { state: 'yes', from: 2 * HOUR_MS + QUARTER_MS, to: 2 * HOUR_MS + 2 * QUARTER_MS },
        ],
      },
      0,
      4 * HOUR_MS,
    );
    expect(cells.map(({ at, lengthMs, figures }) => [at, lengthMs, figures.occupiedMs])).toEqual([
      [HOUR_MS, HOUR_MS, 0],
      [2 * HOUR_MS, QUARTER_MS, 0],
      [2 * HOUR_MS + QUARTER_MS, QUARTER_MS, QUARTER_MS],
    ]);
  });

  it('come to what the facts say of the whole', () => {
    fc.assert(
      fc.property(facts, (known) => {
        const sum = cellsOf(known, 0, 5 * HOUR_MS)
          .map(({ figures }) => figures)
          .reduce(added, NOTHING);
        const whole = figuresOf(known, 0, 5 * HOUR_MS);
        const left = 5 * HOUR_MS - sum.occupiedMs - sum.emptyMs - sum.unknownMs;
        expect({ ...sum, unknownMs: sum.unknownMs + left }).toEqual(whole);
      }),
    );
  });
});
