import { describe, expect, test } from 'vitest';
import {
  decideSlots,
  healthyExpressions,
  ownerOf,
  type Slot,
  type SlotWish,
  slotParts,
  slotsFrom,
} from '../../src/feedback/slots.ts';
import { fc } from './fast-check.ts';

const PREFIX = 'https://rooms.example.com:8443/feedback/';
const WISH: SlotWish = {
  url: `${PREFIX}token`,
  format: 'XML',
  expressions: ['/Status/RoomAnalytics', '/Status/Call'],
  slot: null,
};

/** The one part of a wish for one slot, with what is given back. */
function decideSlot(slots: readonly Slot[], wish: SlotWish) {
  const { parts, extra } = decideSlots(slots, wish);
  const [part = NONE] = parts;
  const { expressions, ...decision } = part;
  expect(expressions).toEqual(wish.expressions);
  return { ...decision, extra };
}

const NONE = { action: 'none-free' as const, why: 'no part', expressions: [] as string[] };

function isSlotHealthy(slots: readonly Slot[], wish: SlotWish): boolean {
  return healthyExpressions(slots, wish).length === wish.expressions.length;
}

describe('the slot of a device', () => {
  test('the first free one is registered, and it is never slot 3', () => {
    expect(decideSlot([], WISH)).toMatchObject({ action: 'register', slot: 1 });
    expect(decideSlot([foreign(1)], WISH)).toMatchObject({ action: 'register', slot: 2 });
    expect(decideSlot([foreign(1), foreign(2)], WISH)).toMatchObject({ action: 'register', slot: 4 });
    expect(decideSlot([foreign(1), foreign(2), foreign(4)], WISH)).toMatchObject({ action: 'none-free' });
  });

  test('one that is as wished is kept, in whatever order and case its expressions are', () => {
    expect(decideSlot([ours(2)], WISH)).toEqual({ action: 'keep', slot: 2, extra: [] });
    const spelled = ours(2, { expressions: ['/status/call/', 'Status/RoomAnalytics'] });
    expect(decideSlot([spelled], WISH)).toMatchObject({ action: 'keep', slot: 2 });
    expect(isSlotHealthy([spelled], WISH)).toBe(true);
  });

  test('one that failed is enabled again', () => {
    expect(decideSlot([ours(2, { status: 'Failed' })], WISH)).toMatchObject({ action: 'enable', slot: 2 });
    expect(isSlotHealthy([ours(2, { status: 'Failed' })], WISH)).toBe(false);
  });

  test.each<[string, Partial<Slot>]>([
    ['another token', { url: `${PREFIX}old` }],
    ['another public URL, known by the token', { url: 'https://old.example.com/feedback/token' }],
    ['other expressions', { expressions: ['/Status/Call'] }],
    ['another format', { format: 'JSON' }],
  ])('one with %s is registered anew in its place', (_what, change) => {
    expect(decideSlot([foreign(1), ours(2, change)], WISH)).toMatchObject({ action: 'register', slot: 2 });
  });

  test('a second one of ours is given back, the one that is right stays', () => {
    const wrong = ours(1, { url: `${PREFIX}old` });
    expect(decideSlot([wrong, ours(4)], WISH)).toEqual({ action: 'keep', slot: 4, extra: [1] });
  });

  test('the slot that the file names is taken where it is free or ours, and ours elsewhere is given back', () => {
    expect(decideSlot([ours(1)], { ...WISH, slot: 2 })).toMatchObject({
      action: 'register',
      slot: 2,
      extra: [1],
    });
    expect(decideSlot([foreign(2)], { ...WISH, slot: 2 })).toMatchObject({
      action: 'none-free',
      why: expect.stringContaining('belongs to another system') as string,
    });
    expect(decideSlot([], { ...WISH, slot: 3 })).toMatchObject({
      action: 'none-free',
      why: expect.stringContaining('TMS') as string,
    });
  });

  test("a sentence about another system's slot does not tell its secret path", () => {
    const decision = decideSlot([foreign(2)], { ...WISH, slot: 2 });
    expect(JSON.stringify(decision)).not.toContain('their-secret');
  });

  test('whatever the device holds, foreign slots and slot 3 are never touched', () => {
    const slot = fc.record({
      kind: fc.constantFrom('free', 'foreign', 'ours', 'old', 'failed'),
      format: fc.constantFrom('XML', 'JSON'),
    });
    fc.assert(
      fc.property(fc.tuple(slot, slot, slot, slot), fc.constantFrom(null, 1, 2, 3, 4), (four, wished) => {
        const slots = four.flatMap(({ kind, format }, at): Slot[] => {
          if (kind === 'free') return [];
          if (kind === 'foreign') return [foreign(at + 1)];
          const url = kind === 'old' ? `${PREFIX}old` : WISH.url;
          return [ours(at + 1, { url, format, status: kind === 'failed' ? 'Failed' : 'OK' })];
        });
        const decision = decideSlot(slots, { ...WISH, slot: wished });
        const touched = [...decision.extra, ...('slot' in decision ? [decision.slot] : [])];
        expect(touched).not.toContain(3);
        const untouchable = slots.filter(({ url }) => url.includes('their')).map(({ number }) => number);
        expect(touched.filter((number) => untouchable.includes(number))).toEqual([]);
        expect(new Set(touched).size).toBe(touched.length);
      }),
    );
  });

  test('slots are read from the status, where a free one may be absent or without URL', () => {
    const status = new Map([
      ['HttpFeedback[1].URL', ''],
      ['HttpFeedback[2].Expression[1]', '/Status/Call'],
      ['HttpFeedback[2].Expression[2]', '/Status/RoomAnalytics'],
      ['HttpFeedback[2].Format', 'JSON'],
      ['HttpFeedback[2].Status', 'Failed'],
      ['HttpFeedback[2].URL', 'http://a/b'],
    ]);
    expect(slotsFrom(status)).toEqual([
      {
        number: 2,
        url: 'http://a/b',
        format: 'JSON',
        status: 'Failed',
        expressions: ['/Status/Call', '/Status/RoomAnalytics'],
      },
    ]);
  });
});

describe('two slots', () => {
  const wish: SlotWish = { ...WISH, slots: 2, expressions: ['/Status/A', '/Status/B', '/Status/C'] };
  const [first = [], second = []] = slotParts(wish);

  test('hold the expressions in the order of the file, as evenly as can be', () => {
    expect([first, second]).toEqual([['/Status/A', '/Status/B'], ['/Status/C']]);
    expect(slotParts({ expressions: ['/Status/A'], slots: 2 })).toEqual([['/Status/A']]);
  });

  test('are registered beside those of others, never in slot 3', () => {
    expect(decideSlots([foreign(1)], wish).parts).toMatchObject([
      { action: 'register', slot: 2, expressions: first },
      { action: 'register', slot: 4, expressions: second },
    ]);
  });

  test('stay where they are, whichever holds which part', () => {
    const held = [ours(4, { expressions: first }), ours(1, { expressions: second })];
    expect(decideSlots(held, wish)).toMatchObject({
      parts: [
        { action: 'keep', slot: 4 },
        { action: 'keep', slot: 1 },
      ],
      extra: [],
    });
    expect(healthyExpressions(held, wish)).toEqual(wish.expressions);
  });

  test('of which one is not to be had leave the other, and its expressions are not relied on', () => {
    const held = [ours(1, { expressions: first }), foreign(2), foreign(4)];
    expect(decideSlots(held, wish).parts.map(({ action }) => action)).toEqual(['keep', 'none-free']);
    expect(healthyExpressions(held, wish)).toEqual(first);
  });

  test('become one when the file says so', () => {
    const held = [ours(1, { expressions: first }), ours(2, { expressions: second })];
    const decision = decideSlots(held, { ...wish, slots: 1 });
    expect(decision).toMatchObject({ parts: [{ action: 'register', slot: 1 }], extra: [2] });
  });
});

describe('a token that is being replaced', () => {
  const wish: SlotWish = { ...WISH, oldUrl: `${PREFIX}before` };

  test('is registered in the same slot, and the slot is relied on meanwhile', () => {
    const held = [foreign(1), ours(2, { url: `${PREFIX}before` })];
    expect(decideSlot(held, wish)).toEqual({
      action: 'register',
      slot: 2,
      why: 'its token is being replaced',
      extra: [],
    });
    expect(isSlotHealthy(held, wish)).toBe(true);
    expect(isSlotHealthy([ours(2, { url: `${PREFIX}before`, status: 'Failed' })], wish)).toBe(false);
    expect(isSlotHealthy([ours(2, { url: `${PREFIX}older` })], wish)).toBe(false);
  });
});

test('each slot has an owner', () => {
  const own = { publicUrl: 'https://rooms.example.com:8443', tokens: ['mine'] };
  const ownerAt = (number: number, url: string) => ownerOf(ours(number, { url }), own);
  expect(ownerAt(1, WISH.url)).toBe('roomd');
  expect(ownerAt(1, 'https://old.example.com/feedback/mine')).toBe('roomd');
  expect(ownerAt(3, WISH.url)).toBe('tms');
  expect(ownerAt(2, `https://roomd.example.org/feedback/${'x'.repeat(43)}`)).toBe('another-roomd');
  expect(ownerAt(2, 'https://other.example.com/hook')).toBe('other');
});

function ours(number: number, change: Partial<Slot> = {}): Slot {
  return { number, url: WISH.url, format: 'XML', expressions: WISH.expressions, status: 'OK', ...change };
}

function foreign(number: number): Slot {
  return { ...ours(number), url: 'https://other.example.com/hook/their-secret' };
}
