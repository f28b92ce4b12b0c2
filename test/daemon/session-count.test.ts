import { expect, test } from 'vitest';
import { isShort } from '../../src/daemon/web-session-watch.ts';
import { sessionCount } from '../../src/xapi/session-count.ts';

const nobody = new Map<string, string>();

test.each([
  [
    'a list',
    {
      'Session[1].Id': 'a',
      'Session[1].UserName': 'admin',
      'Session[2].Id': 'b',
      'Session[2].UserName': 'anna',
    },
  ],
  ['other names', { 'Session[4].SessionId': '4', 'Session[4].User': 'admin', 'Session[9].SessionId': '9' }],
  [
    'leaves that do not matter',
    {
      'Session[1].Id': '1',
      'Session[1].StartTime': 'now',
      'Session[2].Id': '2',
      'Session[2].UserName': 'admin',
    },
  ],
])('sessions are counted, whatever shape they are told in: %s', (_what, leaves) => {
  const count = sessionCount(new Map(Object.entries(leaves)), {
    limits: nobody,
    username: 'admin',
    software: null,
  });
  expect(count).toMatchObject({ total: 2, ofAccount: 1, free: 19 });
});

test('one session alone comes without an index, and none is none', () => {
  const told = { limits: nobody, username: 'admin', software: 'ce26.4.1' };
  expect(
    sessionCount(
      new Map([
        ['Session.Id', '1'],
        ['Session.UserName', 'admin'],
      ]),
      told,
    ).total,
  ).toBe(1);
  expect(sessionCount(nobody, told)).toEqual({
    total: 0,
    ofAccount: 0,
    mostInAll: 30,
    mostPerUser: 20,
    free: 20,
  });
});

test('the limits are the device’s own where it tells them, the vendor’s otherwise', () => {
  const told = { limits: nobody, username: 'admin', software: 'ce9.15.17.4.abc' };
  expect(sessionCount(nobody, told).mostInAll).toBe(20);
  const limits = new Map([
    ['Security.Session.MaxTotalSessions', '8'],
    ['Security.Session.MaxSessionsPerUser', '4'],
  ]);
  expect(sessionCount(nobody, { ...told, limits })).toMatchObject({ mostInAll: 8, mostPerUser: 4, free: 4 });
});

test('roomd takes a session again only when it does not make the device short of them by that', () => {
  expect(isShort(free(5), { leaveFree: 5, was: false })).toBe(false);
  expect(isShort(free(4), { leaveFree: 5, was: false })).toBe(true);
  expect(isShort(free(5), { leaveFree: 5, was: true })).toBe(true);
  expect(isShort(free(6), { leaveFree: 5, was: true })).toBe(false);
});

function free(left: number) {
  return { total: 0, ofAccount: 0, mostInAll: 30, mostPerUser: 20, free: left };
}
