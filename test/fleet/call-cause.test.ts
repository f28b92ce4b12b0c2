import { expect, test } from 'vitest';
import { isTechnicalCause } from '../../src/fleet/call-cause.ts';

test.each([
  ['NetworkRejected', '503', true],
  ['Network rejected', '', true],
  ['Timeout', '408', true],
  ['OtherLocal', '404', false],
  ['RemoteBusy', '486', false],
  ['NoAnswer', '', false],
  ['LocalDisconnect', '', false],
  ['UnknownRemoteSite', '', false],
  ['AWordOfTomorrow', '500', false],
  ['', '', false],
])('a call that ended by %s %s: technical %s', (CauseType, CauseCode, isTechnical) => {
  expect(isTechnicalCause({ CauseType, CauseCode })).toBe(isTechnical);
});

test('an end of which nothing is said is not technical', () => {
  expect(isTechnicalCause({})).toBe(false);
});
