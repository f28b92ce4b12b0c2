import { describe, expect, it } from 'vitest';
import { normalizeValue, refusalOf } from '../../src/fleet/value-check.ts';
import type { ValueSpace } from '../../src/schema/product-schema.ts';

const onOff = { type: 'Literal', values: ['Off', 'On'] } satisfies ValueSpace;
const percent = { type: 'Integer', min: 0, max: 100, step: null } satisfies ValueSpace;
const short = { type: 'String', minLength: 1, maxLength: 4 } satisfies ValueSpace;

describe('what a device would refuse', () => {
  it.each([
    ['On', onOff],
    ['0', percent],
    ['012', percent],
    ['100', percent],
    ['åå', short],
    ['anything', null],
    ['-5', { type: 'Integer', min: null, max: 0, step: null } satisfies ValueSpace],
  ])('is not %o', (value, space) => {
    expect(refusalOf(value, space)).toBeNull();
  });

  it.each([
    ['on', onOff, 'the device refuses "on": expected one of Off, On. Did you mean "On"?'],
    ['101', percent, 'the device refuses "101": expected an integer from 0 to 100.'],
    ['-1', percent, 'the device refuses "-1": expected an integer from 0 to 100.'],
    ['1.5', percent, 'the device refuses "1.5": expected an integer from 0 to 100.'],
    ['', percent, 'the device refuses "": expected an integer from 0 to 100.'],
    ['ååå', short, 'the device refuses "ååå": expected 1 to 4 bytes of UTF-8, not 6.'],
    ['', short, 'the device refuses "": expected 1 to 4 bytes of UTF-8, not 0.'],
  ])('is %o', (value, space, sentence) => {
    expect(refusalOf(value, space)).toBe(sentence);
  });

  it('names who says so', () => {
    expect(refusalOf('on', onOff, { by: 'the device itself' })).toBe(
      'the device refuses "on": expected one of Off, On (by the device itself). Did you mean "On"?',
    );
  });

  it('never shows a secret, nor what it is near to', () => {
    expect(refusalOf('Onn', onOff, { isSecret: true })).toBe(
      'the device refuses the secret: expected one of Off, On.',
    );
  });
});

it('compares integers as numbers and everything else as text', () => {
  expect(normalizeValue('007', percent)).toBe(normalizeValue('7', percent));
  expect(normalizeValue('-0', percent)).toBe('0');
  expect(normalizeValue('007', null)).toBe('007');
  expect(normalizeValue('007', short)).toBe('007');
  expect(normalizeValue('on', onOff)).not.toBe(normalizeValue('On', onOff));
});
