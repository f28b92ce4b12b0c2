import { expect, test } from 'vitest';
import { authoritative, partOf } from '../../src/feedback/channel.ts';
import type { Delta } from '../../src/xapi/device.ts';
import { parseExpression } from '../../src/xapi/expression.ts';

const expressions = ['/Status/RoomAnalytics', '/Status/Call/Status', '/event/UserInterface/Extensions'].map(
  parseExpression,
);

test('while the slot is healthy the webhook counts for what its expressions cover, the session for the rest', () => {
  const hearing = { slotHealthy: true, expressions };
  expect(authoritative(hearing, 'Status', 'RoomAnalytics.PeopleCount.Current')).toBe('webhook');
  expect(authoritative(hearing, 'Status', 'Call[80].Status')).toBe('webhook');
  expect(authoritative(hearing, 'Event', 'UserInterface.Extensions.Panel.Clicked.PanelId')).toBe('webhook');
  expect(authoritative(hearing, 'Status', 'Call[80].Duration')).toBe('session');
  expect(authoritative(hearing, 'Status', 'Standby.State')).toBe('session');
  expect(authoritative(hearing, 'Configuration', 'RoomAnalytics.PeoplePresenceDetector')).toBe('session');
});

test('while it is not, the session counts for everything', () => {
  expect(authoritative({ slotHealthy: false, expressions }, 'Status', 'RoomAnalytics.PeoplePresence')).toBe(
    'session',
  );
});

test('an index in an expression covers that index alone', () => {
  const hearing = { slotHealthy: true, expressions: [parseExpression('/Status/Video/Input/Connector[2]')] };
  expect(authoritative(hearing, 'Status', 'Video.Input.Connector[2].Connected')).toBe('webhook');
  expect(authoritative(hearing, 'Status', 'Video.Input.Connector[1].Connected')).toBe('session');
});

test('of a delta the part that the webhook tells is left out', () => {
  const delta: Delta = {
    tree: 'Status',
    leaves: new Map([
      ['RoomAnalytics.PeoplePresence', 'Yes'],
      ['Standby.State', 'Off'],
    ]),
    gone: ['Call[8]'],
    bare: new Map(),
  };
  expect(partOf('session', delta, { slotHealthy: false, expressions })).toEqual(delta);
  expect(partOf('session', delta, { slotHealthy: true, expressions })).toEqual({
    ...delta,
    leaves: new Map([['Standby.State', 'Off']]),
    gone: [],
  });
  const covered = { ...delta, leaves: new Map([['RoomAnalytics.PeoplePresence', 'Yes']]), gone: [] };
  expect(partOf('session', covered, { slotHealthy: true, expressions })).toBeNull();
});
