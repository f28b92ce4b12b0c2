import { expect, test } from 'vitest';
import { Live, type LiveState } from '../../src/feedback/live.ts';
import type { Delta } from '../../src/xapi/device.ts';

test('the present state follows readings and changes, and tells each change once', () => {
  const live = new Live();
  const told: LiveState[] = [];
  live.onChange((_id, state) => told.push(state));
  live.replace(
    1,
    new Map([
      ['RoomAnalytics.PeoplePresence', 'No'],
      ['Standby.State', 'Standby'],
      ['Audio.Microphones.Mute', 'Off'],
      ['SystemUnit.Uptime', '5'],
    ]),
    { at: 1, source: 'session', tellsCalls: true },
  );
  live.change(1, status({ 'RoomAnalytics.PeoplePresence': 'Yes' }), { at: 2, source: 'webhook' });
  live.change(1, status({ 'RoomAnalytics.PeoplePresence': 'Yes' }), { at: 3, source: 'session' });
  live.change(1, status({ 'SystemUnit.Uptime': '6' }), { at: 4, source: 'session' });
  expect(told).toHaveLength(2);
  expect(live.get(1)).toEqual({
    presence: 'yes',
    peopleCount: null,
    inCall: false,
    callStatus: null,
    standby: 'Standby',
    inUse: null,
    sharing: null,
    microphonesMuted: false,
    since: 2,
    source: 'webhook',
  });
});

test('a call comes, connects and is gone with its ghost', () => {
  const live = new Live();
  live.change(1, status({ 'Standby.State': 'Off' }), { at: 1, source: 'session' });
  live.change(1, status({ 'Call[80].Status': 'Dialling', 'Call[80].RemoteNumber': 'anna' }), {
    at: 2,
    source: 'session',
  });
  expect(live.get(1)).toMatchObject({ inCall: true, callStatus: 'Dialling' });
  live.change(1, status({ 'Call[80].Status': 'Connected' }), { at: 3, source: 'session' });
  expect(live.get(1)).toMatchObject({ inCall: true, callStatus: 'Connected' });
  live.change(1, { ...status({}), gone: ['Call[80]'] }, { at: 4, source: 'session' });
  expect(live.get(1)).toMatchObject({ inCall: null, callStatus: null });
});

test('a device that does not tell of its calls is not known to be in none', () => {
  const live = new Live();
  const awake = new Map([['Standby.State', 'Off']]);
  live.replace(1, awake, { at: 1, source: 'session', tellsCalls: false });
  expect(live.get(1)?.inCall).toBeNull();
  live.replace(1, awake, { at: 2, source: 'session', tellsCalls: true });
  expect(live.get(1)?.inCall).toBe(false);
});

test('what was lost is unknown, not no', () => {
  const live = new Live();
  live.replace(
    1,
    new Map([
      ['RoomAnalytics.PeoplePresence', 'Yes'],
      ['Call[1].Status', 'Connected'],
    ]),
    { at: 1, source: 'session', tellsCalls: true },
  );
  live.lose(1, 2);
  expect(live.get(1)).toMatchObject({ presence: 'unknown', inCall: null, standby: null });
  live.lose(2, 2);
  expect(live.get(2)).toBeNull();
});

test('a reading of some nodes leaves the others as they were', () => {
  const live = new Live();
  live.replace(
    1,
    new Map([
      ['Audio.Microphones.Mute', 'On'],
      ['Call[1].Status', 'Connected'],
    ]),
    { at: 1, source: 'session', tellsCalls: true },
  );
  live.replace(1, new Map([['Standby.State', 'Off']]), {
    at: 2,
    source: 'sweep',
    tellsCalls: true,
    nodes: ['Call', 'Standby'],
  });
  expect(live.get(1)).toMatchObject({ microphonesMuted: true, inCall: false, standby: 'Off' });
});

function status(leaves: Record<string, string>): Delta {
  return { tree: 'Status', leaves: new Map(Object.entries(leaves)), gone: [], bare: new Map() };
}
