import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  matches,
  meantInstead,
  parseSelector,
  type Selectable,
  SelectorError,
  select,
  unknownNames,
} from '../../src/fleet/selector.ts';

const devices: Selectable[] = [
  { name: 'board-1', kind: 'board', tags: { site: 'oslo', floor: '3', standup: 'true' } },
  { name: 'room-1', kind: 'room', tags: { site: 'oslo', standup: 'false' } },
  { name: 'room-2', kind: 'room', tags: { site: 'london', floor: '3 east' } },
  { name: 'desk-1', kind: null, tags: {} },
];

const names = (text: string): string[] => select(parseSelector(text), devices).map(({ name }) => name);

describe('a selector', () => {
  test.each([
    ['all', ['board-1', 'room-1', 'room-2', 'desk-1']],
    ['ALL', ['board-1', 'room-1', 'room-2', 'desk-1']],
    ['*', ['board-1', 'room-1', 'room-2', 'desk-1']],
    ['room-1', ['room-1']],
    ['Room-1', ['room-1']],
    ['room-*', ['room-1', 'room-2']],
    ['*-?', ['board-1', 'room-1', 'room-2', 'desk-1']],
    ['name=*1', ['board-1', 'room-1', 'desk-1']],
    ['kind=room', ['room-1', 'room-2']],
    ['kind!=room', ['board-1', 'desk-1']],
    ['site=oslo', ['board-1', 'room-1']],
    ['site=*', ['board-1', 'room-1', 'room-2']],
    ['Site=OSLO', ['board-1', 'room-1']],
    ['floor="3 east"', ['room-2']],
    ['tag:standup', ['board-1']],
    ['tag:floor', ['board-1', 'room-2']],
    ['!tag:floor', ['room-1', 'desk-1']],
    ['site=oslo & tag:standup', ['board-1']],
    ['room-1, desk-1', ['room-1', 'desk-1']],
    ['room-1 | desk-1', ['room-1', 'desk-1']],
    ['desk-1 | kind=room & site=oslo', ['room-1', 'desk-1']],
    ['(desk-1 | kind=room) & site=oslo', ['room-1']],
    ['!(site=oslo,site=london)', ['desk-1']],
    ['!!desk-1', ['desk-1']],
    ['"all"', []],
  ])('%s', (text, expected) => expect(names(text)).toEqual(expected));

  test.each([
    ['', 1, 'expected a device name'],
    ['site=', 6, 'expected a value behind site='],
    ['site=oslo &', 12, 'expected a device name'],
    ['(a', 3, 'expected a closing parenthesis'],
    ['a b', 3, 'expected &, | or a comma, or the end'],
    ['a)', 2, 'expected &, | or a comma'],
    ['tags:x', 1, 'expected tag:NAME or tags=VALUE'],
    ['tag:', 5, 'expected the name of a tag'],
    ['a & "b', 4, 'a quote is opened and not closed'],
    ['&', 1, 'expected a device name'],
    ['('.repeat(100), 51, 'nested more than 50'],
  ])('%j cannot be read, and says where', (text, column, expected) => {
    let thrown: unknown;
    try {
      parseSelector(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SelectorError);
    expect(thrown).toMatchObject({
      column,
      code: 'selector-invalid',
      message: expect.stringContaining(expected),
    });
  });

  test('names what no device has, with what was meant', () => {
    const unknown = unknownNames(
      parseSelector('rom-1, room-*, (siet=oslo & !kind=rooms) | tag:standupp'),
      devices,
    );
    expect(unknown.map(({ name, column }) => [name, column])).toEqual([
      ['rom-1', 1],
      ['siet', 17],
      ['rooms', 30],
      ['standupp', 44],
    ]);
    expect(unknown.map(({ message }) => message)).toEqual([
      'no device is named "rom-1". Did you mean "room-1"?',
      'no device has a tag "siet". Did you mean "site"?',
      '"rooms" is no kind: board, room or desk. Did you mean "room"?',
      'no device has a tag "standupp". Did you mean "standup"?',
    ]);
  });

  test.each([
    ['site=olso', ' Did you mean "site=oslo"?'],
    ['SITE=olso & tag:standup', ' Did you mean "SITE=oslo"?'],
    ['site!=olso & site=olso', ' Did you mean "site=oslo"?'],
    ['site=o*x', ''],
    ['site=tokyo', ''],
    ['site=oslo & !all', ''],
    ['siet=oslo', ''],
  ])('%s gets the value of the tag that was meant', (text, hint) => {
    expect(meantInstead(parseSelector(text), devices)).toBe(hint);
  });

  test('is read or refused with a SelectorError, whatever the text', () => {
    const mark = fc.constantFrom('a', 'b', '*', '?', '=', '!', '&', '|', ',', '(', ')', ':', '"', ' ', 'tag');
    const isReadOrRefused = fc.property(fc.array(mark, { maxLength: 20 }), (marks) => {
      try {
        return select(parseSelector(marks.join('')), devices).length <= devices.length;
      } catch (error) {
        return error instanceof SelectorError;
      }
    });
    expect(fc.check(isReadOrRefused, { seed: 20261123, numRuns: 2000 }).failed).toBe(false);
  });

  test('with many stars takes no time', () => {
    const selector = parseSelector(`${'a*'.repeat(30)}b`);
    const device = { name: 'a'.repeat(64), kind: null, tags: {} };
    expect(matches(selector, device)).toBe(false);
  });
});
