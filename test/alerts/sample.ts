import type { DeviceFacts, FleetFacts } from '../../src/alerts/facts.ts';
import type { LiveState } from '../../src/feedback/live.ts';

export const NOW = Date.parse('2026-03-02T08:00:00Z');

/** A device with which all is well. */
export function wellDevice(name: string, differs: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    id: Number(/\d+$/.exec(name)?.[0] ?? 1),
    name,
    timezone: 'Europe/Oslo',
    tags: { site: 'oslo' },
    kind: 'room',
    credential: 'rooms',
    session: { state: 'up', reason: null },
    slot: { state: 'ok', number: 1, reason: null },
    room: room({}),
    stillSince: null,
    detects: true,
    diagnostics: [],
    peripherals: [],
    fights: [],
    calls: [],
    runs: [],
    certificates: [],
    clockAheadMs: 0,
    maintenance: null,
    expectedOff: false,
    ...differs,
  };
}

export function fleet(devices: readonly DeviceFacts[], differs: Partial<FleetFacts> = {}): FleetFacts {
  return { now: NOW, devices, database: null, webex: null, certificates: [], ...differs };
}

export function room(differs: Partial<LiveState>): LiveState {
  return {
    presence: 'no',
    inUse: false,
    peopleCount: null,
    inCall: false,
    callStatus: null,
    standby: 'Off',
    sharing: false,
    microphonesMuted: false,
    since: NOW,
    source: 'session',
    ...differs,
  };
}

export const OFF = { state: 'waiting', reason: 'no answer' } as const;
