import { describe, expect, it } from 'vitest';
import { answer } from '../../../src/macros/steps/answer.ts';
import { join } from '../../../src/macros/steps/join.ts';
import { XapiError } from '../../../src/xapi/errors.ts';
import { problemsOf, sampleFleet } from '../sample-fleet.ts';
import { runStep, type StepRoom, stepRoom } from '../step-context.ts';

const MEETING = 'standup@example.webex.com';
const FROM = { from: ['*@example.com'] };

function world({ device: { state } }: StepRoom) {
  return {
    calls: state.calls.list().map(({ number, status }) => `${number} ${status}`),
    microphones: state.status('Audio.Microphones.Mute'),
    camera: state.status('Video.Input.MainVideoMute'),
    screen: state.screen.now().map(({ kind }) => kind),
  };
}

const UNTOUCHED = { calls: [], microphones: 'Off', camera: 'Off', screen: [] };

function problems(step: object): string[] {
  return problemsOf(sampleFleet({ macros: [{ name: 'm', devices: 'all', steps: [step] }] }));
}

/** Does something once the countdown is on the screen. */
function duringCountdown(here: StepRoom, act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone || here.device.state.screen.now().length === 0) return;
    isDone = true;
    act();
  };
}

describe('join', () => {
  it('joins a Webex meeting after the countdown, muted', async () => {
    const here = stepRoom();
    const outcome = await runStep(join, { number: MEETING, displayName: 'Stand-up' }, here);
    expect(outcome).toMatchObject({
      result: expect.stringMatching(
        /^joined standup@example.webex.com \(call \d+\), microphones and camera muted$/,
      ),
    });
    expect(here.device.state.screen.history).toMatchObject([
      { text: 'Joining Stand-up in 10 seconds. Microphones and camera stay muted.' },
    ]);
    expect(world(here)).toEqual({
      calls: [`${MEETING} Connected`],
      microphones: 'On',
      camera: 'On',
      screen: [],
    });
    expect(here.device.state.calls.list()[0]?.protocol).toBe('Spark');
  });

  it('does not join when someone presses Cancel', async () => {
    const here = stepRoom();
    const outcome = await runStep(join, { number: MEETING }, here, {
      meanwhile: duringCountdown(here, () => here.device.state.screen.respond(1)),
    });
    expect(outcome).toMatchObject({ code: 'cancelled' });
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('does not join out of another call, and hangs up where the mute did not hold', async () => {
    const busy = stepRoom();
    busy.device.state.incomingCall({ number: 'a@example.com' });
    expect(await runStep(join, { number: MEETING }, busy)).toMatchObject({
      code: 'refused',
      message: 'did not join: the device is in a call (ringing)',
    });
    const open = stepRoom({ unmuteOnConnect: true });
    expect(await runStep(join, { number: MEETING }, open)).toMatchObject({
      code: 'failed',
      message: 'the call connected without the microphones being mute',
    });
    expect(world(open)).toEqual(UNTOUCHED);
  });

  it('takes Webex addresses and what calls.allow names, no other', () => {
    expect(problems({ join: { number: MEETING } })).toEqual([]);
    expect(problems({ join: { number: 'standup@example.com' } })).toEqual([]);
    for (const number of ['a@webex.com.example.org', '123456789', 'a@notwebex.com', 'https://a@webex.com'])
      expect(problems({ join: { number } })).toEqual([expect.stringContaining('is neither a Webex address')]);
    expect(problems({ join: { number: MEETING, muted: false } })).toEqual([
      expect.stringContaining('needs `unmuted: true`'),
    ]);
  });
});

describe('answer', () => {
  it('answers a call from an allowed caller after the countdown, muted', async () => {
    const here = stepRoom();
    const call = here.device.state.incomingCall({ number: 'boss@example.com' });
    expect(await runStep(answer, FROM, here)).toEqual({
      result: `answered boss@example.com (call ${call.id}), microphones and camera muted`,
      calls: [String(call.id)],
    });
    expect(here.device.state.screen.history).toMatchObject([
      { text: 'Answering boss@example.com in 5 seconds. Microphones and camera stay muted.' },
    ]);
    expect(world(here)).toEqual({
      calls: ['boss@example.com Connected'],
      microphones: 'On',
      camera: 'On',
      screen: [],
    });
  });

  it('is mute before it answers', async () => {
    const here = stepRoom();
    here.device.state.incomingCall({ number: 'boss@example.com' });
    const seen: unknown[] = [];
    here.device.before = (path) => {
      if (path === 'Call.Accept') seen.push(world(here).microphones, world(here).camera);
    };
    await runStep(answer, FROM, here);
    expect(seen).toEqual(['On', 'On']);
  });

  it('leaves a call that nobody allowed, one beside another, and a room in which none rings', async () => {
    const stranger = stepRoom();
    stranger.device.state.incomingCall({ number: 'spam@example.org' });
    expect(await runStep(answer, FROM, stranger)).toMatchObject({
      code: 'refused',
      message: 'did not answer: spam@example.org is not among *@example.com',
    });
    expect(world(stranger)).toMatchObject({ calls: ['spam@example.org Ringing'], microphones: 'Off' });
    const two = stepRoom();
    two.device.state.incomingCall({ number: 'a@example.com' });
    two.device.state.incomingCall({ number: 'b@example.com' });
    expect(await runStep(answer, FROM, two)).toMatchObject({
      message: 'did not answer: the device is in another call',
    });
    expect(await runStep(answer, FROM, stepRoom())).toMatchObject({
      message: 'did not answer: no call is ringing',
    });
  });

  it('leaves the call ringing when someone presses Cancel', async () => {
    const here = stepRoom({ ringMs: 600_000 });
    here.device.state.incomingCall({ number: 'boss@example.com' });
    const outcome = await runStep(answer, FROM, here, {
      meanwhile: duringCountdown(here, () => here.device.state.screen.respond(1)),
    });
    expect(outcome).toMatchObject({ code: 'cancelled' });
    expect(world(here)).toEqual({ ...UNTOUCHED, calls: ['boss@example.com Ringing'] });
  });

  it('leaves a call that someone in the room answered first', async () => {
    const here = stepRoom();
    const call = here.device.state.incomingCall({ number: 'boss@example.com' });
    const outcome = await runStep(answer, FROM, here, {
      meanwhile: duringCountdown(here, () => here.device.state.calls.accept(call)),
    });
    expect(outcome).toMatchObject({ code: 'refused', message: 'did not answer: no call is ringing' });
    await here.clock.advance(5_000);
    expect(world(here)).toEqual({ ...UNTOUCHED, calls: ['boss@example.com Connected'] });
  });

  it('says so where the caller gives up', async () => {
    const here = stepRoom({ ringMs: 3_000 });
    here.device.state.incomingCall({ number: 'boss@example.com' });
    expect(await runStep(answer, FROM, here)).toMatchObject({
      message: 'did not answer: no call is ringing',
    });
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('hangs up a call that it answered although the answer of the device got lost', async () => {
    const here = stepRoom();
    here.device.state.incomingCall({ number: 'boss@example.com' });
    here.device.unanswered.add('Call.Accept');
    expect(await runStep(answer, FROM, here)).toMatchObject({ code: 'deadline' });
    expect(world(here)).toEqual(UNTOUCHED);
  });

  it('leaves a call that someone else took where the device refuses', async () => {
    const here = stepRoom();
    const call = here.device.state.incomingCall({ number: 'boss@example.com' });
    here.device.before = (path) => {
      if (path !== 'Call.Accept') return;
      here.device.state.calls.accept(call);
      throw new XapiError('command-failed', 'No incoming call');
    };
    expect(await runStep(answer, FROM, here)).toMatchObject({ code: 'command-failed' });
    await here.clock.advance(5_000);
    expect(world(here)).toEqual({ ...UNTOUCHED, calls: ['boss@example.com Connected'] });
  });
});
