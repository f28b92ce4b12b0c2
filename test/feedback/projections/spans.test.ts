import { describe, expect, test } from 'vitest';
import { spans } from '../../../src/feedback/projections/spans.ts';
import { gap, happening, rowsAfter, snapshot, status, type Told } from './support.ts';

const NAVIGATOR = {
  'Peripherals.ConnectedDevice[1001].Status': 'Connected',
  'Peripherals.ConnectedDevice[1001].Name': 'Cisco Room Navigator',
  'Peripherals.ConnectedDevice[1001].Type': 'TouchPanel',
};

describe('spans', () => {
  test('in use and standby follow the word, and what is said again changes nothing', () => {
    expect(
      after([
        status(1, { 'RoomAnalytics.RoomInUse': 'False', 'Standby.State': 'Off' }),
        status(2, { 'RoomAnalytics.RoomInUse': 'True' }),
        status(3, { 'RoomAnalytics.RoomInUse': 'True' }),
        status(4, { 'Standby.State': 'Standby' }),
      ]),
    ).toEqual(['in-use  no 1-2', 'standby  Off 1-4', 'in-use  yes 2-', 'standby  Standby 4-']);
  });

  test('a gap ends them, not known how, and the next word begins anew; the session is known all the while', () => {
    expect(
      after([
        session(1, 'up'),
        status(1, { 'Standby.State': 'Off' }),
        session(50, 'waiting'),
        gap(50, 40),
        session(90, 'up'),
        snapshot(90, { 'Standby.State': 'Off' }),
      ]),
    ).toEqual([
      'session  up 1-50',
      'standby  Off 1-40 ?',
      'session  waiting 50-90',
      'session  up 90-',
      'standby  Off 90-',
    ]);
  });

  test('while roomd itself was away nothing is known of the session either', () => {
    expect(after([session(1, 'up'), gap(50, 40, { isOutage: true }), session(60, 'up')])).toEqual([
      'session  up 1-40 ?',
      'session  up 60-',
    ]);
  });

  test('a peripheral has its own id, and ends when it is gone', () => {
    expect(
      after([
        status(1, NAVIGATOR),
        status(5, { 'Peripherals.ConnectedDevice[1001].Status': 'LostConnection' }),
        status(9, {}, ['Peripherals.ConnectedDevice[1001]']),
      ]),
    ).toEqual(['peripheral 1001 Connected 1-5', 'peripheral 1001 LostConnection 5-9']);
    const [row] = rowsAfter(
      spans,
      'span',
      Object.entries(NAVIGATOR).map(([path, value], at) => status(at, { [path]: value })),
    );
    expect(JSON.parse(row?.detail_json ?? '')).toEqual({ name: 'Cisco Room Navigator', type: 'TouchPanel' });
  });

  test('Diagnostics stand by their type, whatever number a message has', () => {
    expect(
      after([
        status(1, message(3, 'TouchPanelConnection', 'Error')),
        status(2, message(4, 'NTPStatus', 'Warning')),
        status(3, {}, ['Diagnostics.Message[3]']),
        snapshot(9, message(7, 'NTPStatus', 'Critical')),
      ]),
    ).toEqual([
      'diagnostic TouchPanelConnection Error 1-3',
      'diagnostic NTPStatus Warning 2-9',
      'diagnostic NTPStatus Critical 9-',
    ]);
  });

  test('a reboot lasts until the device is back, announced or not', () => {
    expect(
      after([
        session(1, 'up'),
        happening(10, 'BootEvent', { Action: 'Upgrade' }),
        session(11, 'waiting'),
        session(99, 'up'),
      ]),
    ).toContain('reboot  Upgrade 10-99');
    const hour = 3_600_000;
    expect(
      after([
        snapshot(hour, { 'SystemUnit.Uptime': '600' }),
        snapshot(2 * hour, { 'SystemUnit.Uptime': '4201' }),
        gap(2 * hour),
        snapshot(3 * hour, { 'SystemUnit.Uptime': '60' }),
      ]),
    ).toEqual([`reboot  unannounced ${3 * hour - 60_000}-${3 * hour}`]);
  });

  test('a new version of the software begins a new span', () => {
    expect(
      after([snapshot(1, version('ce1')), snapshot(5, version('ce1')), snapshot(9, version('ce2'))]),
    ).toEqual(['software  ce1 1-9', 'software  ce2 9-']);
  });
});

function after(told: readonly Told[]): string[] {
  return rowsAfter(spans, 'span', told).map(
    ({ kind, key, value, from_at, to_at, is_end_known }) =>
      `${kind} ${key} ${value} ${from_at}-${to_at ?? ''}${is_end_known === 1 ? '' : ' ?'}`,
  );
}

function session(at: number, state: 'up' | 'waiting'): Told {
  return { at, event: { kind: 'session', path: null, payload: { state, reason: null, errorCode: null } } };
}

function message(id: number, type: string, level: string): Record<string, string> {
  return { [`Diagnostics.Message[${id}].Type`]: type, [`Diagnostics.Message[${id}].Level`]: level };
}

function version(text: string): Record<string, string> {
  return { 'SystemUnit.Software.Version': text };
}
