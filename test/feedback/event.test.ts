import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../src/feedback/event.ts';
import type { Delta } from '../../src/xapi/device.ts';

describe('a delta becomes events', () => {
  test('one status event at the leaf that changed', () => {
    expect(eventsOf(delta('Status', { 'RoomAnalytics.PeoplePresence': 'Yes' }))).toEqual([
      {
        kind: 'status',
        path: 'RoomAnalytics.PeoplePresence',
        payload: { leaves: { 'RoomAnalytics.PeoplePresence': 'Yes' }, gone: [] },
      },
    ]);
  });

  test('several leaves give one event at the node they share', () => {
    const [event] = eventsOf(delta('Status', { 'Call[8].Status': 'Idle', 'Call[8].Duration': '3' }));
    expect(event?.path).toBe('Call[8]');
    const [far] = eventsOf(delta('Status', { 'Call[8].Status': 'Idle', 'Standby.State': 'Off' }));
    expect(far?.path).toBe('');
  });

  test('a ghost is an event of its own node', () => {
    expect(eventsOf({ ...delta('Status', {}), gone: ['Call[8]'] })).toEqual([
      { kind: 'status', path: 'Call[8]', payload: { leaves: {}, gone: ['Call[8]'] } },
    ]);
  });

  test('an event is told at its own path with its arguments by name', () => {
    const events = eventsOf(
      delta('Event', {
        'UserInterface.Message.Prompt.Response.FeedbackId': 'f',
        'UserInterface.Message.Prompt.Response.OptionId': '2',
      }),
    );
    expect(events).toEqual([
      {
        kind: 'event',
        path: 'UserInterface.Message.Prompt.Response',
        payload: { arguments: { FeedbackId: 'f', OptionId: '2' }, value: null },
      },
    ]);
  });

  test('two events in one delta stay two', () => {
    const events = eventsOf(
      delta('Event', {
        'CallSuccessful.CallId': '8',
        'UserInterface.Extensions.Panel.Clicked.PanelId': 'help',
      }),
    );
    expect(events.map(({ path }) => path)).toEqual([
      'CallSuccessful',
      'UserInterface.Extensions.Panel.Clicked',
    ]);
  });

  test('an argument below an argument stays with its event', () => {
    const [event, ...others] = eventsOf(delta('Event', { 'A.B.Id': '1', 'A.B.User.Status': 'Away' }));
    expect(others).toEqual([]);
    expect(event).toMatchObject({ path: 'A.B', payload: { arguments: { Id: '1', 'User.Status': 'Away' } } });
  });

  test('an event without arguments, and one with a bare value', () => {
    const bare = new Map([
      ['Bookings.Updated', ''],
      ['Standby.SecondsToStandby', '30'],
    ]);
    expect(eventsOf({ ...delta('Event', {}), bare })).toEqual([
      { kind: 'event', path: 'Bookings.Updated', payload: { arguments: {}, value: null } },
      { kind: 'event', path: 'Standby.SecondsToStandby', payload: { arguments: {}, value: '30' } },
    ]);
  });
});

describe('identities are not stored', () => {
  test('the other side of a call leaves no trace in the status', () => {
    const events = eventsOf(
      delta('Status', {
        'Call[8].Status': 'Connected',
        'Call[8].RemoteNumber': 'anna@example.com',
        'Call[8].CallbackNumber': 'spark:anna',
        'Call[8].DisplayName': 'Anna',
      }),
    );
    expect(events).toEqual([
      {
        kind: 'status',
        path: 'Call[8].Status',
        payload: { leaves: { 'Call[8].Status': 'Connected' }, gone: [] },
      },
    ]);
    expect(eventsOf(delta('Status', { 'Call[8].DisplayName': 'Anna' }))).toEqual([]);
  });

  test('nor in events, which still are known to have happened', () => {
    const events = eventsOf(
      delta('Event', {
        'CallDisconnect.CallId': '8',
        'CallDisconnect.RemoteURI': 'sip:anna@example.com',
        'CallDisconnect.RequestedURI': 'sip:anna@example.com',
        'CallDisconnect.DisplayName': 'Anna',
        'CallDisconnect.CauseType': 'RemoteBusy',
      }),
    );
    expect(events).toEqual([
      {
        kind: 'event',
        path: 'CallDisconnect',
        payload: { arguments: { CallId: '8', CauseType: 'RemoteBusy' }, value: null },
      },
    ]);
    const [typed] = eventsOf(
      delta('Event', {
        'UserInterface.Message.TextInput.Response.FeedbackId': 'f',
        'UserInterface.Message.TextInput.Response.Text': 'my name is Anna',
      }),
    );
    expect(typed).toMatchObject({ payload: { arguments: { FeedbackId: 'f' } } });
    expect(JSON.stringify(typed)).not.toContain('Anna');
  });

  test('nor secrets in settings, while the names of the device itself stay', () => {
    expect(eventsOf(delta('Configuration', { 'SIP.Authentication.Password': 'hunter2' }))).toEqual([]);
    expect(eventsOf(delta('Status', { 'SystemUnit.Software.DisplayName': 'RoomOS 26.4' }))).toHaveLength(1);
    expect(eventsOf(delta('Configuration', { 'SystemUnit.Name': 'Boardroom 1' }))).toHaveLength(1);
  });
});

function delta(tree: Delta['tree'], leaves: Record<string, string>): Delta {
  return { tree, leaves: new Map(Object.entries(leaves)), gone: [], bare: new Map() };
}
