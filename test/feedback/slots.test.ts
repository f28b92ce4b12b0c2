import { describe, expect, test } from 'vitest';
import { decideSlot, isSlotHealthy, type Slot, type SlotWish, slotsFrom } from '../../src/feedback/slots.ts';
import { fc } from './fast-check.ts';

const PREFIX = 'https://rooms.example.com:8443/feedback/';
const WISH: SlotWish = {
  url: `${PREFIX}token`,
  format: 'XML',
  expressions: ['/Status/RoomAnalytics', '/Status/Call'],
  slot: null,
};

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

function ours(number: number, change: Partial<Slot> = {}): Slot {
  return { number, url: WISH.url, format: 'XML', expressions: WISH.expressions, status: 'OK', ...change };
}

function foreign(number: number): Slot {
  return { ...ours(number), url: 'https://other.example.com/hook/their-secret' };
}
