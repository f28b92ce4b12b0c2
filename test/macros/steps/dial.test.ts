import { describe, expect, it } from 'vitest';
import { InProcessDevice } from '../../../src/cli/rehearsal/in-process-device.ts';
import { ManualClock } from '../../../src/lib/clock.ts';
import { type StepContext, StepError, type StepResult } from '../../../src/macros/step.ts';
import { dial } from '../../../src/macros/steps/dial.ts';
import { templateValues } from '../../../src/macros/template.ts';
import type { SimulatorSettings } from '../../../src/simulator/settings.ts';
import { XapiError } from '../../../src/xapi/errors.ts';
import { sampleDevice, sampleFleet } from '../sample-fleet.ts';
import { ownTurn, sampleFacts, samplePorts } from '../step-context.ts';

const NUMBER = 'standup@example.com';

interface Room {
  readonly clock: ManualClock;
  readonly device: InProcessDevice;
  readonly cancel: AbortController;
  held: string | null;
  /** What came of the step; null while it goes on. */
  outcome: StepResult | Error | null;
}

function room(settings: Partial<SimulatorSettings> = {}): Room {
  const clock = new ManualClock(Date.parse('2026-11-23T07:55:00Z'));
  const device = new InProcessDevice({ name: 'boardroom-1', settings }, { clock });
  return { clock, device, cancel: new AbortController(), held: null, outcome: null };
}

/** Begins the step; `args` as they stand in the file. */
function begin(room: Room, args: object = {}): void {
  const context: StepContext = {
    runId: 'run-1',
    turn: ownTurn('boardroom-1'),
    macro: 'standup',
    deviceName: 'boardroom-1',
    device: room.device,
    desired: sampleDevice('boardroom-1'),
    fleet: sampleFleet(),
    values: templateValues(sampleFacts()),
    signal: room.cancel.signal,
    clock: room.clock,
    timing: { pollMs: 100, settleMs: 1_000 },
    ownCalls: [],
    ports: samplePorts([]),
    onDevice: (_desired, work) => work(context),
    assertMayAct: () => {
      if (room.held !== null) throw new StepError('held', room.held);
    },
  };
  dial.run(context, dial.schema.parse({ number: NUMBER, ...args })).then(
    (result) => {
      room.outcome = result;
    },
    (error: Error) => {
      room.outcome = error;
    },
  );
}

async function finish(room: Room): Promise<StepResult | Error> {
  for (let turn = 0; turn < 400 && room.outcome === null; turn += 1) await room.clock.advance(500);
  if (room.outcome === null) throw new Error('the dial step did not end');
  return room.outcome;
}

/** What the room holds when all is over. */
function world({ device }: Room) {
  const { state } = device;
  return {
    calls: state.calls.list().map(({ number, status }) => `${number} ${status}`),
    microphones: state.status('Audio.Microphones.Mute'),
    camera: state.status('Video.Input.MainVideoMute'),
    screen: state.screen.now().map(({ kind }) => kind),
  };
}

const UNTOUCHED = { calls: [], microphones: 'Off', camera: 'Off', screen: [] };

function expectRefusal(outcome: StepResult | Error, code: string, message: RegExp): void {
  expect(outcome).toBeInstanceOf(Error);
  expect(outcome).toMatchObject({ code, message: expect.stringMatching(message) });
}

describe('dial', () => {
  it('shows a countdown with a Cancel button, then connects with microphones and camera muted', async () => {
    const here = room();
    begin(here, { displayName: 'Stand-up' });
    await here.clock.advance(5_000);
    expect(here.device.state.screen.now()).toMatchObject([
      {
        kind: 'prompt',
        text: 'Calling Stand-up in 10 seconds. Microphones and camera stay muted.',
        options: [{ id: 1, text: 'Cancel' }],
      },
    ]);
    expect(world(here)).toMatchObject({ calls: [], microphones: 'Off', camera: 'Off' });
    const outcome = await finish(here);
    const [call] = here.device.state.calls.list();
    expect(outcome).toEqual({
      result: `dialled ${NUMBER} (call ${call?.id}), microphones and camera muted`,
      calls: [String(call?.id)],
    });
    expect(world(here)).toEqual({
      calls: [`${NUMBER} Connected`],
      microphones: 'On',
      camera: 'On',
      screen: [],
    });
  });

  it('is mute before it dials', async () => {
    const here = room();
    const seen: unknown[] = [];
    here.device.before = (path) => {
      if (path === 'Dial')
        seen.push(
          here.device.state.status('Audio.Microphones.Mute'),
          here.device.state.status('Video.Input.MainVideoMute'),
        );
    };
    begin(here);
    await finish(here);
    expect(seen).toEqual(['On', 'On']);
  });

  it('does not dial when someone presses Cancel', async () => {
    const here = room();
    begin(here);
    await here.clock.advance(9_900);
    expect(here.device.state.screen.respond(1)).toBe(true);
    expectRefusal(await finish(here), 'cancelled', /someone in the room pressed Cancel/);
    await here.clock.advance(60_000);
    expect(world(here)).toEqual(UNTOUCHED);
    expect(here.device.state.calls.history).toEqual([]);
  });

  it('does not dial when someone presses Cancel while the microphones are being muted', async () => {
    const here = room();
    here.device.before = (path) => {
      if (path === 'Video.Input.MainVideo.Mute') here.device.state.screen.respond(1);
    };
    begin(here);
    expectRefusal(await finish(here), 'cancelled', /pressed Cancel/);
    expect(world(here)).toEqual(UNTOUCHED);
    expect(here.device.state.calls.history).toEqual([]);
  });

  it('does not dial when someone closes the countdown', async () => {
    const here = room();
    begin(here);
    await here.clock.advance(3_000);
    here.device.state.screen.clear('prompt');
    expectRefusal(await finish(here), 'cancelled', /closed the countdown/);
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('does not dial, nor ask, without a session that could bring the answer', async () => {
    const here = room();
    here.device.setSession('up-https', 'the websocket is off');
    begin(here);
    expectRefusal(await finish(here), 'refused', /no session to the device \(the websocket is off\)/);
    expect(here.device.state.screen.history).toEqual([]);
  });

  it('does not dial when the session is lost during the countdown, even if it comes back', async () => {
    const here = room();
    begin(here);
    await here.clock.advance(3_000);
    here.device.setSession('waiting', 'the socket closed');
    here.device.setSession('up');
    expectRefusal(await finish(here), 'refused', /could not see whether someone cancels/);
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('refuses in a call, a ringing one included', async () => {
    const here = room();
    here.device.state.incomingCall({ number: 'boss@example.com' });
    begin(here);
    expectRefusal(await finish(here), 'refused', /the device is in a call \(ringing\)/);
    expect(here.device.state.screen.history).toEqual([]);
  });

  it('refuses when nobody knows whether there is a call', async () => {
    const here = room();
    here.device.before = (path) => {
      if (path === 'Call') throw new XapiError('unreachable', 'the device does not answer');
    };
    begin(here);
    expectRefusal(await finish(here), 'refused', /whether the device is in a call is unknown/);
    expect(here.device.state.screen.history).toEqual([]);
  });

  it('refuses when someone joins a call during the countdown', async () => {
    const here = room({ ringMs: 600_000 });
    begin(here);
    await here.clock.advance(5_000);
    here.device.state.incomingCall({ number: 'boss@example.com' });
    expectRefusal(await finish(here), 'refused', /in a call/);
    expect(world(here)).toEqual({ ...UNTOUCHED, calls: ['boss@example.com Ringing'] });
  });

  it('opens the microphones again when someone joins a call while they are being muted', async () => {
    const here = room({ ringMs: 600_000 });
    here.device.before = (path) => {
      if (path === 'Video.Input.MainVideo.Mute')
        here.device.state.incomingCall({ number: 'boss@example.com' });
    };
    begin(here);
    expectRefusal(await finish(here), 'refused', /in a call/);
    expect(world(here)).toEqual({ ...UNTOUCHED, calls: ['boss@example.com Ringing'] });
  });

  it('does not dial when the microphones cannot be muted', async () => {
    const here = room();
    here.device.state.turnKnob('Audio.Microphones.Mute.Enabled', 'InCallOnly');
    begin(here);
    expectRefusal(await finish(here), 'command-failed', /Mute is only available in a call/);
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('does not dial when the camera takes the command and stays open', async () => {
    const here = room();
    here.device.before = (path) => {
      if (path === 'Video.Input') here.device.state.mutes.muteVideo(false);
    };
    begin(here);
    expectRefusal(await finish(here), 'failed', /the camera did not become mute/);
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('hangs up when the device opens the microphones as the call connects', async () => {
    const here = room({ unmuteOnConnect: true });
    begin(here);
    expectRefusal(await finish(here), 'failed', /connected without the microphones being mute/);
    expect(world(here)).toEqual(UNTOUCHED);
    expect(here.device.state.calls.history).toHaveLength(1);
  });

  it('hangs up when the device opens the camera as the call connects', async () => {
    const here = room({ videoUnmuteOnConnect: true });
    begin(here);
    expectRefusal(await finish(here), 'failed', /connected without the camera being mute/);
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('says so and opens the microphones again when the far end rejects', async () => {
    const here = room();
    begin(here, { number: 'busy@example.com' });
    expectRefusal(await finish(here), 'failed', /busy@example.com did not take the call/);
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('hangs up when nobody answers in time', async () => {
    const here = room({ ringMs: 600_000 });
    begin(here, { number: 'silent@example.com', connectWithin: '20s' });
    expectRefusal(await finish(here), 'failed', /did not answer within 20 s/);
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('hangs up when the run is aborted while it rings', async () => {
    const here = room({ ringMs: 600_000 });
    begin(here, { number: 'silent@example.com' });
    await here.clock.advance(13_000);
    expect(here.device.state.calls.list()).toHaveLength(1);
    here.cancel.abort(new Error('roomd was stopped'));
    expect(await finish(here)).toMatchObject({ message: 'roomd was stopped' });
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('takes the countdown away when the run is aborted in it', async () => {
    const here = room();
    begin(here);
    await here.clock.advance(3_000);
    here.cancel.abort(new Error('roomd was stopped'));
    expect(await finish(here)).toMatchObject({ message: 'roomd was stopped' });
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('does not dial when a hold comes during the countdown', async () => {
    const here = room();
    begin(here);
    await here.clock.advance(3_000);
    here.held = 'held by ada: fire drill';
    expectRefusal(await finish(here), 'held', /fire drill/);
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('hangs up the call that a lost answer left behind', async () => {
    const here = room();
    here.device.unanswered.add('Dial');
    begin(here);
    expectRefusal(await finish(here), 'deadline', /Dial was not answered/);
    expect(world(here)).toEqual(UNTOUCHED);
    expect(here.device.state.calls.history).toHaveLength(1);
  });

  it('hangs up when someone presses Cancel while the device is dialling', async () => {
    const here = room();
    here.device.before = (path) => {
      if (path === 'Dial') here.device.state.screen.respond(1);
    };
    begin(here);
    expectRefusal(await finish(here), 'cancelled', /pressed Cancel/);
    expect(world(here)).toEqual(UNTOUCHED);
    expect(here.device.state.calls.history).toHaveLength(1);
  });

  it('keeps the microphones muted when nobody knows whether the device dialled', async () => {
    const here = room();
    here.device.unanswered.add('Dial');
    here.device.before = (path) => {
      if (path === 'Call' && here.device.state.calls.list().length > 0)
        throw new XapiError('unreachable', 'the device does not answer');
    };
    begin(here);
    expectRefusal(await finish(here), 'failed', /the call it may have begun could not be taken back/);
    expect(world(here)).toMatchObject({ microphones: 'On', camera: 'On' });
  });

  it('keeps the microphones muted, and says so, when the call cannot be hung up', async () => {
    const here = room({ unmuteOnConnect: false, videoUnmuteOnConnect: true });
    here.device.before = (path) => {
      if (path === 'Call.Disconnect') throw new XapiError('unreachable', 'the device does not answer');
    };
    begin(here);
    expectRefusal(
      await finish(here),
      'failed',
      /call \d+ could not be taken back: the device does not answer/,
    );
    expect(world(here)).toMatchObject({ calls: [`${NUMBER} Connected`], microphones: 'On' });
  });

  it('wakes a sleeping device, so that the countdown can be seen', async () => {
    const here = room();
    here.device.state.standby.activate();
    await here.clock.advance(2_000);
    begin(here);
    await here.clock.advance(1_000);
    expect(here.device.state.standby.state).toBe('Off');
    expect(here.device.state.screen.now()).toHaveLength(1);
  });

  it('leaves mutes that people set as they are', async () => {
    const here = room();
    here.device.state.mutes.muteMicrophones(true);
    begin(here, { number: 'busy@example.com' });
    await finish(here);
    expect(world(here)).toMatchObject({ camera: 'Off' });
    expect(here.device.state.calls.history).toHaveLength(1);
  });

  it('dials nobody whom calls.allow does not name', async () => {
    const here = room();
    begin(here, { number: 'stranger@example.org' });
    expectRefusal(await finish(here), 'refused', /calls.allow/);
    expect(here.device.state.screen.history).toEqual([]);
  });

  it('opens microphones only where the file says so', async () => {
    const here = room();
    begin(here, { muted: false });
    await here.clock.advance(1_000);
    expect(here.device.state.screen.now()[0]?.text).toContain('Microphones and camera will be open.');
    expect(await finish(here)).toMatchObject({ result: expect.stringContaining('open as the file says') });
    expect(world(here)).toMatchObject({ microphones: 'Off', camera: 'Off' });
  });
});
