import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { DeviceNews } from '../../src/simulator/device-core.ts';
import { DeviceState } from '../../src/simulator/device-state.ts';
import { roomModel } from '../../src/simulator/models/room.ts';
import { oneWay, otherWay, type SimulatorSettings } from '../../src/simulator/settings.ts';
import { makeSmallModel, smallModel } from '../support/small-model.ts';

function makeState(
  settings: Partial<SimulatorSettings> = {},
  configuration: Record<string, string> = {},
  model = smallModel,
): { state: DeviceState; clock: ManualClock; story: string[] } {
  const clock = new ManualClock(Date.UTC(2026, 10, 23, 8, 0));
  const state = new DeviceState(
    { model, serial: 'FOC1', systemName: 'Boardroom 1', settings, configuration },
    { clock, random: seededRandom(7) },
  );
  const story: string[] = [];
  state.listen((news) => story.push(line(news)));
  return { state, clock, story };
}

function line(news: DeviceNews): string {
  switch (news.kind) {
    case 'leaf':
      return `${news.leaf.path.text.replace(/\[\d+\]/, '')}=${news.leaf.value}`;
    case 'ghost':
      return `ghost ${news.path.text.replace(/\[\d+\]/, '')}`;
    case 'event':
      return `event ${news.path.text}`;
    case 'power':
      return `power ${news.on ? 'on' : 'off'}`;
    default:
      return news satisfies never;
  }
}

function callStory(story: string[]): string[] {
  return story.filter((one) => /^(Call\.Status|ghost Call|event .*(Call|Indication))/.test(one));
}

describe('calls', () => {
  it('go through the states and events in the recorded order', async () => {
    const { state, clock, story } = makeState();
    const outcome = state.command('Dial', { Number: 'standup@example.com', DisplayName: 'Stand-up' });
    expect(outcome).toMatchObject({ kind: 'ok', result: { CallId: expect.any(Number) as number } });
    await clock.advance(oneWay.dialStepMs + oneWay.connectMs);
    expect(state.calls.list()).toMatchObject([{ number: 'standup@example.com', status: 'Connected' }]);
    expect(state.status('SystemUnit.State.NumberOfActiveCalls')).toBe(1);
    state.command('Call/Disconnect');
    await clock.advance(oneWay.hangUpStepMs);
    expect(callStory(story)).toEqual([
      'Call.Status=Dialling',
      'event OutgoingCallIndication',
      'Call.Status=Connecting',
      'Call.Status=Connected',
      'event CallSuccessful',
      'Call.Status=Disconnecting',
      'Call.Status=Idle',
      'ghost Call',
      'event CallDisconnect',
    ]);
    expect(Object.keys(state.core.status.dump()).filter((path) => path.startsWith('Call['))).toEqual([]);
  });

  it('end without connecting when the far end rejects or never answers', async () => {
    const { state, clock, story } = makeState();
    state.command('Dial', { Number: 'busy@example.com' });
    await clock.advance(5_000);
    expect(callStory(story)).toEqual([
      'Call.Status=Dialling',
      'event OutgoingCallIndication',
      'Call.Status=Connecting',
      'ghost Call',
      'event CallDisconnect',
    ]);
    state.command('Dial', { Number: 'silent@example.com' });
    await clock.advance(oneWay.ringMs);
    expect(state.calls.list()).toHaveLength(1);
    await clock.advance(1_000);
    expect(state.calls.history.map(({ occurrence }) => occurrence)).toEqual(['NoAnswer', 'Rejected']);
  });

  it('have ids that are neither dense nor positions', () => {
    const { state } = makeState();
    const ids = [1, 2, 3].map(() => state.incomingCall({ number: 'a@example.com' }).id);
    expect(ids[0]).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(3);
  });

  it('ring, are accepted, and end when the far end hangs up', async () => {
    const { state, clock } = makeState();
    const call = state.incomingCall({ number: 'boss@example.com' });
    expect(state.status(`Call[${call.id}].Status`)).toBe('Ringing');
    expect(state.command('Call.Accept', { CallId: String(call.id) }).kind).toBe('ok');
    await clock.advance(2_000);
    expect(state.status(`Call[${call.id}].Status`)).toBe('Connected');
    expect(state.farEndHangsUp()).toBe(true);
    await clock.advance(1_000);
    expect(state.calls.history).toMatchObject([{ occurrence: 'Received' }]);
    expect(state.farEndHangsUp()).toBe(false);
  });

  it('keep or lose the microphones’ mute as the settings say', async () => {
    for (const [settings, connected, ended] of [
      [oneWay, 'On', 'Off'],
      [otherWay, 'Off', 'Off'],
    ] as const) {
      const { state, clock } = makeState(settings);
      state.command('Audio.Microphones.Mute');
      state.command('Dial', { Number: 'x@example.com' });
      await clock.advance(2_000);
      expect(state.status('Audio.Microphones.Mute')).toBe(connected);
      state.command('Call.Disconnect');
      await clock.advance(2_000);
      expect(state.status('Audio.Microphones.Mute')).toBe(ended);
    }
  });

  it('refuse to mute out of a call where the device allows it in calls only', () => {
    const { state } = makeState({}, { 'Audio.Microphones.Mute.Enabled': 'InCallOnly' });
    expect(state.command('Audio.Microphones.Mute').kind).toBe('failed');
    state.incomingCall({ number: 'a@example.com' });
    expect(state.command('Audio.Microphones.Mute').kind).toBe('ok');
  });
});

describe('people', () => {
  it('are seen quickly and forgotten slowly', async () => {
    const { state, clock } = makeState();
    state.people(3);
    expect(state.status('RoomAnalytics.PeoplePresence')).toBe('No');
    await clock.advance(oneWay.presenceYesMs);
    expect(state.status('RoomAnalytics.PeoplePresence')).toBe('Yes');
    state.people(0);
    await clock.advance(oneWay.presenceNoMs - 1);
    expect(state.status('RoomAnalytics.PeoplePresence')).toBe('Yes');
    await clock.advance(1);
    expect(state.status('RoomAnalytics.PeoplePresence')).toBe('No');
  });

  it('who come back before they are forgotten never leave', async () => {
    const { state, clock, story } = makeState();
    state.people(1);
    await clock.advance(oneWay.presenceYesMs);
    state.people(0);
    await clock.advance(oneWay.presenceNoMs / 2);
    state.people(2);
    await clock.advance(oneWay.presenceNoMs * 2);
    expect(story.filter((one) => one.startsWith('RoomAnalytics.PeoplePresence'))).toEqual([
      'RoomAnalytics.PeoplePresence=Yes',
    ]);
  });

  it('are counted only in a call unless counting out of call is on, and never in standby', async () => {
    const { state, clock } = makeState();
    state.people(4);
    expect(state.status('RoomAnalytics.PeopleCount.Current')).toBe(-1);
    state.incomingCall({ number: 'a@example.com' });
    expect(state.status('RoomAnalytics.PeopleCount.Current')).toBe(4);
    await clock.advance(oneWay.ringMs);
    expect(state.status('RoomAnalytics.PeopleCount.Current')).toBe(-1);
    state.turnKnob('RoomAnalytics.PeopleCountOutOfCall', 'On');
    expect(state.status('RoomAnalytics.PeopleCount.Current')).toBe(4);
    state.command('Standby.Activate');
    expect(state.status('RoomAnalytics.PeopleCount.Current')).toBe(-1);
    expect(state.status('RoomAnalytics.PeoplePresence')).toBe('Yes');
  });

  it('are unknown while the detector is off', () => {
    const { state } = makeState();
    state.turnKnob('RoomAnalytics.PeoplePresenceDetector', 'Off');
    expect(state.status('RoomAnalytics.PeoplePresence')).toBe('Unknown');
    state.turnKnob('RoomAnalytics.PeoplePresenceDetector', 'On');
    expect(state.status('RoomAnalytics.PeoplePresence')).toBe('No');
  });
});

describe('standby', () => {
  it('begins after the configured delay in which nobody was there, and ends when someone comes', async () => {
    const { state, clock } = makeState();
    await clock.advance(10 * 60_000);
    expect(state.status('Standby.State')).toBe('EnteringStandby');
    await clock.advance(oneWay.standbyStepMs);
    expect(state.status('Standby.State')).toBe('Standby');
    state.people(1);
    expect(state.status('Standby.State')).toBe('Off');
    await clock.advance(30 * 60_000);
    expect(state.status('Standby.State')).toBe('Off');
  });
});

describe('the screen', () => {
  it('shows an alert for its time and a prompt until somebody answers', async () => {
    const { state, clock, story } = makeState();
    state.command('UserInterface.Message.Alert.Display', { Text: 'Call in 10 s', Duration: '10' });
    state.command('UserInterface.Message.Prompt.Display', {
      Text: 'Cancel?',
      FeedbackId: 'cancel-1',
      'Option.1': 'Cancel',
    });
    expect(state.screen.now().map(({ kind, text }) => [kind, text])).toEqual([
      ['alert', 'Call in 10 s'],
      ['prompt', 'Cancel?'],
    ]);
    await clock.advance(10_000);
    expect(state.screen.respond(2)).toBe(false);
    expect(state.screen.respond(1)).toBe(true);
    expect(state.screen.now()).toEqual([]);
    expect(state.screen.history.map(({ ended }) => ended)).toEqual(['timed out', 'answered']);
    expect(story).toContain('event UserInterface.Message.Prompt.Response');
  });

  it('puts a new alert in the place of the old one', () => {
    const { state } = makeState();
    for (const Text of ['3', '2']) state.command('UserInterface.Message.Alert.Display', { Text });
    expect(state.screen.now()).toMatchObject([{ text: '2' }]);
    state.command('UserInterface.Message.Alert.Clear');
    expect(state.screen.now()).toEqual([]);
  });
});

describe('bookings', () => {
  it('start, end and decide whether the room is free', async () => {
    const { state, clock, story } = makeState();
    const now = clock.now();
    state.bookings.add({ id: 'b1', title: 'Planning', startAt: now + 60_000, endAt: now + 120_000 });
    expect(state.status('Bookings.Availability.Status')).toBe('FreeUntil');
    await clock.advance(60_000);
    expect(state.status('Bookings.Current.Id')).toBe('b1');
    expect(state.status('Bookings.Availability.Status')).toBe('BookedUntil');
    await clock.advance(60_000);
    expect(state.status('Bookings.Availability.Status')).toBe('Free');
    expect(story.filter((one) => one.startsWith('event Bookings'))).toEqual([
      'event Bookings.Updated',
      'event Bookings.Start',
      'event Bookings.TimeRemaining',
      'event Bookings.End',
    ]);
  });

  it('are extended while they run, and tell again what is left', async () => {
    const { state, clock, story } = makeState({}, {}, roomModel);
    const now = clock.now();
    state.bookings.add({ id: 'b1', title: 'Planning', startAt: now, endAt: now + 600_000 });
    await clock.advance(400_000);
    expect(state.command('Bookings.Extend', { Duration: '15', Id: 'b1' }).kind).toBe('ok');
    await clock.advance(900_000);
    expect(state.status('Bookings.Current.Id')).toBe('b1');
    await clock.advance(200_000);
    expect(story.filter((one) => one.startsWith('event Bookings'))).toEqual([
      'event Bookings.Updated',
      'event Bookings.Start',
      'event Bookings.TimeRemaining',
      'event Bookings.Updated',
      'event Bookings.TimeRemaining',
      'event Bookings.End',
    ]);
    expect(state.command('Bookings.Extend', { Duration: '15' }).kind).toBe('failed');
  });

  it('are put as a whole, listed, and freed by a decline', () => {
    const { state, clock } = makeState();
    const StartTime = new Date(clock.now() + 60_000).toISOString();
    const body = JSON.stringify({
      Bookings: [{ Id: '7', MeetingId: 'm7', Title: 'Review', Time: { StartTime, Duration: 30 } }],
    });
    expect(state.command('Bookings.Put', {}, { body }).kind).toBe('ok');
    expect(state.command('Bookings.List')).toMatchObject({
      result: { Booking: [{ Id: '7', Title: 'Review' }], ResultInfo: { TotalRows: 1 } },
    });
    expect(state.command('Bookings.Respond', { MeetingId: 'm7', Type: 'Decline' }).kind).toBe('ok');
    expect(state.bookings.list()).toEqual([]);
    expect(state.command('Bookings.Put', {}, { body: '<Bookings/>' }).kind).toBe('failed');
  });
});

describe('a reboot', () => {
  it('announces itself, forgets calls, sessions and screen, and comes back with a new uptime', async () => {
    for (const [settings, slotsAfter] of [
      [oneWay, 1],
      [otherWay, 0],
    ] as const) {
      const { state, clock, story } = makeState(settings);
      state.turnKnob('Audio.DefaultVolume', '20');
      state.sessions.open('admin');
      state.command('Dial', { Number: 'x@example.com' });
      state.command('UserInterface.Message.Alert.Display', { Text: 'hello' });
      state.command('HttpFeedback.Register', {
        FeedbackSlot: '1',
        ServerUrl: 'http://127.0.0.1:1/',
        Expression: ['/Status/Call'],
      });
      await clock.advance(30_000);
      expect(state.status('SystemUnit.Uptime')).toBe(30);
      state.command('SystemUnit.Boot');
      await clock.advance(settings.bootLeadMs);
      expect(state.isOn).toBe(false);
      await clock.advance(settings.rebootMs);
      expect(state.isOn).toBe(true);
      expect(story.filter((one) => /^(event BootEvent|power)/.test(one))).toEqual([
        'event BootEvent',
        'power off',
        'power on',
      ]);
      expect(state.calls.list()).toEqual([]);
      expect(state.sessions.list()).toEqual([]);
      expect(state.screen.now()).toEqual([]);
      expect(state.slots.list()).toHaveLength(slotsAfter);
      expect(state.configuration('Audio.DefaultVolume')).toBe('20');
      expect(state.status('SystemUnit.Uptime')).toBe(0);
    }
  });

  it('is refused politely while the device is in use, if asked politely', () => {
    const { state } = makeState();
    state.incomingCall({ number: 'a@example.com' });
    expect(state.command('SystemUnit.Boot', { Force: 'False' })).toMatchObject({ kind: 'failed' });
  });
});

describe('macros, panels, branding, certificates', () => {
  it('keeps macros once macros are on, and their source is shown on request only', () => {
    const { state } = makeState();
    const save = (): string =>
      state.command('Macros.Macro.Save', { Name: 'lights' }, { body: 'const x = 1;' }).kind;
    expect(save()).toBe('failed');
    state.turnKnob('Macros.Mode', 'On');
    expect(save()).toBe('ok');
    expect(state.command('Macros.Macro.Get')).toEqual({
      kind: 'ok',
      result: { Macro: [{ Active: 'False', Name: 'lights', id: 1 }] },
    });
    state.command('Macros.Macro.Activate', { Name: 'lights' });
    expect(state.command('Macros.Macro.Get', { Name: 'lights', Content: 'True' })).toMatchObject({
      result: { Macro: [{ Active: 'True', Content: 'const x = 1;' }] },
    });
    expect(state.command('Macros.Macro.Remove', { Name: 'lights' }).kind).toBe('ok');
    expect(state.content.macros.size).toBe(0);
  });

  it('takes panels one at a time and reports their clicks', () => {
    const { state, story } = makeState();
    const save = (body: string): unknown =>
      state.command('UserInterface.Extensions.Panel.Save', { PanelId: 'help' }, { body });
    expect(save('<Extensions>')).toEqual({ kind: 'failed', reason: 'Failed to parse xml' });
    expect(save('<Extensions/>')).toEqual({ kind: 'failed', reason: 'Expected a single Panel, got 0' });
    expect(
      save('<Extensions><Panel><Name>Help</Name><Icon>Nonsense</Icon></Panel></Extensions>'),
    ).toMatchObject({ kind: 'ok' });
    expect(state.command('UserInterface.Extensions.List')).toMatchObject({
      result: { Extensions: { Panel: [{ PanelId: 'help', Name: 'Help', id: 1 }] } },
    });
    expect(state.content.clickPanel('help')).toBe(true);
    expect(state.content.clickPanel('nothing')).toBe(false);
    expect(story).toContain('event UserInterface.Extensions.Panel.Clicked');
    expect(state.command('UserInterface.Extensions.Panel.Remove', { PanelId: 'help' }).kind).toBe('ok');
  });

  it('keeps branding until it is deleted', () => {
    const { state } = makeState();
    state.command('UserInterface.Branding.Upload', { Type: 'Background' }, { body: 'aGVsbG8=' });
    expect(state.command('UserInterface.Branding.Get', { Type: 'Background' })).toMatchObject({
      result: { Image: 'aGVsbG8=' },
    });
    state.command('UserInterface.Branding.Delete', { Type: 'Background' });
    expect(state.command('UserInterface.Branding.Get', { Type: 'Background' }).kind).toBe('failed');
    expect(state.command('Security.Certificates.CA.Add', {}, { body: 'no certificate' }).kind).toBe('failed');
  });
});

describe('arguments', () => {
  it('are refused when missing, unknown, out of range or too long in UTF-8 bytes', () => {
    const { state } = makeState();
    expect(state.command('Audio.Volume.Set')).toEqual({ kind: 'missing-argument', argument: 'Level' });
    expect(state.command('Audio.Volume.Set', { Level: '101' })).toEqual({
      kind: 'bad-argument',
      argument: 'Level',
    });
    expect(state.command('Audio.Volume.Set', { Level: '1', Colour: 'red' })).toEqual({
      kind: 'unknown-argument',
      argument: 'Colour',
    });
    const display = (Text: string): string =>
      state.command('UserInterface.Message.Alert.Display', { Text }).kind;
    expect(display('ø'.repeat(127))).toBe('ok');
    expect(display('ø'.repeat(128))).toBe('bad-argument');
  });

  it('of commands the device has and the simulator has no effect for get what the settings say', () => {
    expect(makeState().state.command('Cameras.AutoFocus.Diagnostics.Start').kind).toBe('failed');
    expect(makeState(otherWay).state.command('Cameras.AutoFocus.Diagnostics.Start').kind).toBe('ok');
    expect(makeState().state.command('No.Such.Command')).toEqual({ kind: 'unknown' });
  });
});

describe('settings', () => {
  it('show defaults per index and refuse what the value space has not', () => {
    const { state } = makeState();
    expect(state.configuration('video.output.connector[2].resolution')).toBe('1920_1080_60');
    expect(state.configuration('Video.Output.Connector[3].Resolution')).toBeNull();
    expect(state.setConfiguration('Video.Output.Connector[1].Resolution', 'auto').kind).toBe('bad-value');
    expect(() => state.turnKnob('Audio.DefaultVolume', '101')).toThrow('refused');
    expect(state.setConfiguration('UserInterface.CustomMessage', 'æøåæøåæ').kind).toBe('bad-value');
    const kind = makeState(otherWay).state.setConfiguration('Video.Output.Connector[1].Resolution', 'auto');
    expect(kind).toMatchObject({ kind: 'accepted' });
  });

  it('leave the same device on an older version with no lock-out', () => {
    const old = new DeviceState(
      { model: makeSmallModel('ce9.15.17.4.0'), serial: 'A', systemName: 'Old' },
      { clock: new ManualClock(), random: seededRandom(1) },
    );
    expect(old.configuration('Security.Session.MaxFailedLogins')).toBe('0');
  });
});

describe('reports of the configuration', () => {
  it.each([
    ['all', ['Standby.Delay=30', 'Video.Output.Connector.Resolution=Auto']],
    ['partial', ['Standby.Delay=30']],
  ] as const)('tell of %s', (configurationFeedback, told) => {
    const { state, story } = makeState({ configurationFeedback });
    state.turnKnob('Standby.Delay', '30');
    state.turnKnob('Video.Output.Connector[2].Resolution', 'Auto');
    expect(story).toEqual(told);
    expect(state.configuration('Video.Output.Connector[2].Resolution')).toBe('Auto');
  });
});

describe('sensors', () => {
  it('show what they measure as devices do: temperature as a text, a Navigator below its own id', () => {
    const { state } = makeState({}, {}, roomModel);
    state.sensors.set('temperature', 23.4);
    expect(state.status('RoomAnalytics.AmbientTemperature')).toBe('23.4');
    const id = state.sensors.attach();
    expect(id).toBe(1001);
    state.sensors.set('air-quality', 1.3, id);
    const node = `Peripherals.ConnectedDevice[${id}]`;
    expect(state.status(`${node}.RoomAnalytics.AirQuality.Index`)).toBe('1.3');
    state.sensors.setLink(id, 'LostConnection');
    expect(state.status(`${node}.Status`)).toBe('LostConnection');
    state.sensors.detach(id);
    expect(state.status(`${node}.Status`)).toBeNull();
    expect(() => state.sensors.setLink(id, 'Connected')).toThrow('nothing is attached with the id 1001');
  });

  it('raise and clear messages of the Diagnostics by their type', () => {
    const { state, story } = makeState();
    state.sensors.raise({ type: 'NTPStatus', level: 'Warning', description: 'no time' });
    expect(state.status('Diagnostics.Message[1].Level')).toBe('Warning');
    expect(state.sensors.clear('NTPStatus')).toBe(true);
    expect(state.sensors.clear('NTPStatus')).toBe(false);
    expect(story.at(-1)).toBe('ghost Diagnostics.Message');
  });
});
