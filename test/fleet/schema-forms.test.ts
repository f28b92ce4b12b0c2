import { describe, expect, test } from 'vitest';
import {
  readDeviceHost,
  readDuration,
  readFingerprint,
  readListenAddress,
  readPublicUrl,
  readTimezone,
  Wrong,
} from '../../src/fleet/forms.ts';

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['30 s', 30_000],
    ['1.5h', 5_400_000],
    ['30d', 2_592_000_000],
    ['4w', 2_419_200_000],
  ])('%s is %d ms', (text, expected) => expect(readDuration(text)).toBe(expected));

  test.each(['30', '0s', '-1s', '1y', 's', ''])('%j is none', (text) =>
    expect(readDuration(text)).toBeInstanceOf(Wrong),
  );
});

describe('an address', () => {
  test.each([
    ['10.0.3.11', '10.0.3.11', 443],
    ['10.0.3.11:8443', '10.0.3.11', 8443],
    ['room.example.com', 'room.example.com', 443],
    ['[2001:db8::1]', '[2001:db8::1]', 443],
    ['[2001:db8::1]:8443', '[2001:db8::1]', 8443],
  ])('%s is taken apart', (text, host, port) => expect(readDeviceHost(text)).toEqual({ host, port }));

  test.each([
    ['2001:db8::1', 'brackets'],
    ['https://10.0.0.1', 'this is a URL'],
    ['10.0.0.1:99999', 'no port'],
    ['10.0.0.1:0', 'port 0'],
    ['10.0.0', 'no IPv4 address'],
    ['room one', 'neither an IP address nor a host name'],
    ['[10.0.0.1]', 'does not hold an IPv6 address'],
    ['', 'neither'],
    ['a:b:c', 'no port'],
  ])('%s is refused', (text, expected) => {
    const read = readDeviceHost(text);
    expect(read instanceof Wrong ? read.message : read).toContain(expected);
  });

  test('to listen at needs its port', () => {
    expect(readListenAddress('127.0.0.1:0')).toEqual({ host: '127.0.0.1', port: 0 });
    expect(readListenAddress('127.0.0.1')).toBeInstanceOf(Wrong);
    expect(readListenAddress(':8080')).toBeInstanceOf(Wrong);
  });

  test('for devices is a URL without a trailing slash', () => {
    expect(readPublicUrl('https://rooms.example.com:8443/')).toBe('https://rooms.example.com:8443');
    expect(readPublicUrl('ftp://rooms.example.com')).toBeInstanceOf(Wrong);
    expect(readPublicUrl('https://a.example.com/?x=1')).toBeInstanceOf(Wrong);
  });
});

test('a fingerprint is read in the ways it is shown and kept in one', () => {
  const hex = 'ab'.repeat(32);
  const expected = Array.from({ length: 32 }, () => 'AB').join(':');
  for (const text of [hex, `SHA256:${hex}`, `sha256:${expected}`, expected])
    expect(readFingerprint(text)).toBe(expected);
  expect(readFingerprint('ab')).toBeInstanceOf(Wrong);
});

test('a time zone is known by its name', () => {
  expect(readTimezone('europe/oslo')).toBe('Europe/Oslo');
  expect(readTimezone('UTC')).toBe('UTC');
  expect(readTimezone('Oslo')).toBeInstanceOf(Wrong);
});
