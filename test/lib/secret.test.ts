import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';

it('never prints', () => {
  const secret = new Secret('hunter2');
  const printed = [
    String(secret),
    ['the', secret].join(' '),
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }, { showHidden: true, depth: 9 }),
    JSON.stringify(structuredClone(secret)),
    Object.keys(secret).join(),
  ].join(' ');
  expect(printed).not.toContain('hunter2');
  expect(printed).toContain('[secret]');
  expect(secret.reveal()).toBe('hunter2');
});

it('has a fingerprint that depends on the text and on the key', () => {
  const fingerprint = new Secret('a').fingerprint('key');
  expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
  expect(new Secret('a').fingerprint('key')).toBe(fingerprint);
  expect(new Secret('b').fingerprint('key')).not.toBe(fingerprint);
  expect(new Secret('a').fingerprint('other')).not.toBe(fingerprint);
});
