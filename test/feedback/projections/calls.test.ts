import { describe, expect, test } from 'vitest';
import { calls } from '../../../src/feedback/projections/calls.ts';
import { gap, happening, rowsAfter, snapshot, status, type Told } from './support.ts';

const MINUTE = 60_000;

/** As real devices post an outgoing call (facts, section 3). */
function outgoing(id: number, from: number, connectedFor: number): Told[] {
  const end = from + 3_000 + connectedFor;
  return [
    status(from, { [`Call[${id}].Status`]: 'Dialling' }),
    status(from, { [`Call[${id}].Direction`]: 'Outgoing', [`Call[${id}].Protocol`]: 'SIP' }),
    happening(from, 'OutgoingCallIndication', { CallId: String(id) }),
    status(from + 1_000, { [`Call[${id}].Status`]: 'Connecting' }),
    status(from + 3_000, { [`Call[${id}].Status`]: 'Connected' }),
    happening(from + 3_000, 'CallSuccessful', { CallId: String(id), Direction: 'outgoing', Protocol: 'sip' }),
    status(end, { [`Call[${id}].Status`]: 'Disconnecting' }),
    status(end + 100, { [`Call[${id}].Status`]: 'Idle' }),
    status(end + 100, {}, [`Call[${id}]`]),
    happening(end + 200, 'CallDisconnect', {
      CallId: String(id),
      CauseType: 'LocalDisconnect',
      CauseString: '',
      Duration: String(connectedFor / 1_000),
      OrigCallDirection: 'outgoing',
      PeopleCountAverage: '3',
    }),
  ];
}

describe('calls', () => {
  test('the chain of a call as it is really posted makes one row, with its cause', () => {
    expect(callsAfter(outgoing(8, 1_000, 60_000))).toMatchObject([
      {
        call_id: '8',
        direction: 'outgoing',
        protocol: 'sip',
        state: 'ended',
        started_at: 1_000,
        is_start_known: 1,
        connected_at: 4_000,
        ended_at: 64_100,
        is_end_known: 1,
        outcome: 'connected',
        cause_type: 'LocalDisconnect',
        cause: null,
        duration_s: 60,
        people_average: 3,
        remote: null,
        remote_form: 'none',
      },
    ]);
  });

  test('every post twice, and the whole chain again within minutes, make the same one row', () => {
    const chain = outgoing(8, 1_000, 60_000);
    const twice = chain.flatMap((told) => [told, told]);
    const late = chain.map((told) => ({ ...told, at: told.at + 2 * MINUTE }));
    expect(sameButSeq([...twice, ...late])).toEqual(sameButSeq(chain));
  });

  test('a call that the other side refused has failed, and says why', () => {
    const rows = callsAfter([
      status(0, { 'Call[9].Status': 'Dialling', 'Call[9].Direction': 'Outgoing' }),
      status(1, { 'Call[9].Status': 'Connecting' }),
      status(2_000, {}, ['Call[9]']),
      happening(2_001, 'CallDisconnect', {
        CallId: '9',
        CauseType: 'RemoteBusy',
        CauseString: 'Busy Here',
        Duration: '0',
      }),
    ]);
    expect(rows).toMatchObject([
      {
        outcome: 'failed',
        cause_type: 'RemoteBusy',
        cause: 'Busy Here',
        duration_s: null,
        connected_at: null,
      },
    ]);
  });

  test('one that nobody answered is missed', () => {
    const rows = callsAfter([
      status(0, { 'Call[3].Status': 'Ringing' }),
      happening(0, 'IncomingCallIndication', { CallId: '3', RemoteHash: 'ab12' }),
      status(30_000, {}, ['Call[3]']),
    ]);
    expect(rows).toMatchObject([
      { direction: 'incoming', outcome: 'missed', remote: 'ab12', remote_form: 'hashed', ended_at: 30_000 },
    ]);
  });

  test('a gap in the middle makes its end unknown, bounded by the reading that lacks it', () => {
    const begin = outgoing(8, 1_000, 60_000).slice(0, 6);
    const [during] = callsAfter([...begin, gap(20_000)]);
    expect(during).toMatchObject({ state: 'unknown', ended_at: null, is_end_known: 0, outcome: null });
    const [after] = callsAfter([...begin, gap(20_000), snapshot(90_000, { 'Standby.State': 'Off' })]);
    expect(after).toMatchObject({
      state: 'ended',
      ended_at: 90_000,
      is_end_known: 0,
      outcome: 'connected',
      duration_s: null,
    });
  });

  test('a call that outlives a gap goes on, and its end is known after all', () => {
    const chain = outgoing(8, 1_000, 60_000);
    const seen = { 'Call[8].Status': 'Connected', 'Call[8].Direction': 'Outgoing', 'Call[8].Duration': '30' };
    const rows = callsAfter([...chain.slice(0, 6), gap(20_000), snapshot(34_000, seen), ...chain.slice(6)]);
    expect(rows).toMatchObject([
      { started_at: 1_000, connected_at: 4_000, ended_at: 64_100, is_end_known: 1 },
    ]);
  });

  test('one that was under way when roomd came began when the device says', () => {
    const rows = callsAfter([
      snapshot(100_000, {
        'Call[5].Status': 'Connected',
        'Call[5].Direction': 'Incoming',
        'Call[5].Duration': '40',
      }),
    ]);
    expect(rows).toMatchObject([
      { started_at: 60_000, connected_at: 60_000, is_start_known: 0, state: 'Connected' },
    ]);
  });

  test('a number that comes again after a reboot is another call', () => {
    const rows = callsAfter([
      status(0, { 'Call[2].Status': 'Connected' }),
      happening(5_000, 'BootEvent', { Action: 'Restart' }),
      gap(6_000),
      snapshot(60_000, {}),
      status(70_000, { 'Call[2].Status': 'Dialling' }),
      status(71_000, { 'Call[2].Status': 'Connected' }),
    ]);
    expect(rows).toMatchObject([
      { started_at: 0, ended_at: 5_000, is_end_known: 0, outcome: 'connected' },
      { started_at: 70_000, connected_at: 71_000, ended_at: null, is_end_known: 1 },
    ]);
  });

  test('so is one after a power cut that nobody announced', () => {
    const rows = callsAfter([
      status(0, { 'Call[2].Status': 'Connected' }),
      status(5_000, {}, ['Call[2]']),
      gap(6_000),
      snapshot(60_000, {}),
      status(70_000, { 'Call[2].Status': 'Ringing' }),
    ]);
    expect(rows).toMatchObject([{ ended_at: 5_000 }, { started_at: 70_000, state: 'Ringing' }]);
  });

  test('only the end was heard: it began as long before as it lasted, and not within what was erased', () => {
    const end = happening(100_000, 'CallDisconnect', {
      CallId: '4',
      CauseType: 'RemoteDisconnect',
      Duration: '60',
    });
    expect(callsAfter([end])).toMatchObject([
      { started_at: 40_000, is_start_known: 0, ended_at: 100_000, outcome: 'connected', duration_s: 60 },
    ]);
    const erased = gap(0, 0, { to: 70_000, isErasure: true });
    expect(callsAfter([erased, end])).toMatchObject([{ started_at: 70_000 }]);
  });

  test('a status from before it connected that comes late takes it back to nothing', () => {
    const chain = outgoing(8, 1_000, 60_000).slice(0, 6);
    const [row] = callsAfter([...chain, status(5_000, { 'Call[8].Status': 'Dialling' })]);
    expect(row).toMatchObject({ state: 'Connected', connected_at: 4_000 });
  });
});

function callsAfter(told: readonly Told[]) {
  return rowsAfter(calls, 'call', told);
}

function sameButSeq(told: readonly Told[]) {
  return callsAfter(told).map((row) => ({ ...row, seq: 0 }));
}
