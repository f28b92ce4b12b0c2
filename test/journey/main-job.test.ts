import { describe, expect, onTestFinished, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { placeHold, releaseHold } from '../../src/actions/hold.ts';
import { listRuns } from '../../src/actions/macros.ts';
import { plan } from '../../src/actions/plan.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startWebexStandIn } from '../../src/simulator/cloud/webex.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { oneWay, otherWay } from '../../src/simulator/settings.ts';
import { eventually, fleetText, freePort, runDaemon, simulated } from '../support/world.ts';

const WANTED = {
  'Audio.DefaultVolume': '60',
  'Standby.Delay': '30',
  'RoomAnalytics.PeoplePresenceDetector': 'On',
  'RoomAnalytics.PeopleCountOutOfCall': 'On',
};
const TOKEN = 'bot-token';
/** From the start of the daemon to the full minute at which the macro is due. */
const BEFORE_MINUTE_MS = 9_000;

describe.each([
  {
    way: 'one way',
    preset: oneWay,
    ends: ['room', 'succeeded', null],
    calls: ['standup@example.com: Connected'],
    messages: ['**room** joined'],
  },
  // Devices that unmute themselves when a call connects: no machine may listen in, so it hangs up.
  {
    way: 'the other way',
    preset: otherWay,
    ends: ['room', 'failed', 'step 1 (dial): the call connected without the microphones being mute'],
    calls: [],
    messages: [],
  },
])('The main job, with every unknown of the devices answered $way', ({ preset, ends, calls, messages }) => {
  test('sessions, plan, apply with proof, drift, slot, presence, a scheduled call and its message', async () => {
    const clock = systemClock(60_000 - (systemClock().now() % 60_000) - BEFORE_MINUTE_MS);
    const { board, room, desk } = builtInModels;
    const simulator = await simulated(
      [
        { name: 'board', model: board },
        { name: 'room', model: room },
        { name: 'desk', model: desk },
      ],
      { preset, clock },
    );
    const bot = { personId: 'roomd', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' as const };
    const webex = await startWebexStandIn({ tokens: { [TOKEN]: bot }, rooms: [{ title: 'Ops' }], clock });
    onTestFinished(() => webex.stop());
    const { act, get } = await runDaemon(
      fleetText({
        devices: simulator.devices,
        configuration: WANTED,
        mode: 'enforce',
        feedbackPort: await freePort(),
        more: `
calls: { allow: ["*@example.com"] }
macros:
  - name: standup
    when: { schedule: "* * * * *" }
    devices: room
    if: "!inCall"
    steps:
      - dial: { number: standup@example.com, countdown: 3s }
      - notify: { to: ops, markdown: "**{{device.name}}** joined" }
notifiers:
  ops: { webex: { roomId: "${webex.rooms[0]?.id}", token: "\${env:BOT}", baseUrl: "${webex.url}" } }
`,
      }),
      { clock, env: { BOT: TOKEN } },
    );

    await eventually(async () => {
      const { items } = await act(listDevices);
      expect(items.map(({ session }) => session.state)).toEqual(['up', 'up', 'up']);
    });
    for (const device of simulator.devices) device.state.turnKnob('Standby.Delay', '5');
    // A plan goes by what the sessions keep current, so it shows the knob once they have told of it.
    await eventually(async () => {
      const planned = await act(plan);
      expect(planned.summary).toMatchObject({ devices: 3, failed: 0 });
      for (const { changes } of planned.devices)
        expect(changes).toContainEqual({ kind: 'configuration', path: 'Standby.Delay', from: '5', to: '30' });
    });
    expect(simulator.device('desk').state.configuration('Standby.Delay')).toBe('5');

    await act(placeHold, { devices: 'desk', reason: 'filming' });
    const applied = await act(apply);
    expect(applied.summary).toMatchObject({ failed: 0, refused: 0, notProven: 0 });
    expect(simulator.device('desk').state.configuration('Standby.Delay')).toBe('5');
    for (const name of ['board', 'room'])
      for (const [path, value] of Object.entries(WANTED))
        expect(simulator.device(name).state.configuration(path)).toBe(value);
    await act(releaseHold, { devices: 'desk' });
    await eventually(() => expect(simulator.device('desk').state.configuration('Standby.Delay')).toBe('30'));

    const boardState = simulator.device('board').state;
    boardState.turnKnob('Audio.DefaultVolume', '95');
    await eventually(() => expect(boardState.configuration('Audio.DefaultVolume')).toBe('60'));

    await eventually(() => {
      for (const { state } of simulator.devices)
        expect(state.slots.list().filter(({ url }) => url.includes('/feedback/'))).toHaveLength(1);
    });
    boardState.people(3);
    await eventually(async () => {
      const span = `from=${new Date(clock.now() - 60_000).toISOString()}&to=${new Date(clock.now() + 60_000).toISOString()}`;
      const history = await get(`/api/v1/presence/history?device=board&${span}`);
      const { items } = (await history.json()) as { items: object[] };
      expect(items).toContainEqual(
        expect.objectContaining({ state: 'yes', maxCount: 3, to: null, source: 'webhook' }),
      );
    });

    const { state } = simulator.device('room');
    await eventually(async () => {
      const { items } = await act(listRuns, { macro: 'standup' });
      expect(items.map((run) => [run.device, run.state, run.reason])).toEqual([ends]);
    }, 20_000);
    expect(state.screen.history.some(({ text }) => text.includes('standup@example.com'))).toBe(true);
    await eventually(() => {
      expect(state.calls.list().map(({ number, status }) => `${number}: ${status}`)).toEqual(calls);
      expect(webex.messages().map(({ markdown }) => markdown)).toEqual(messages);
    });
    const mutes = ['Audio.Microphones.Mute', 'Video.Input.MainVideoMute'];
    const opened = mutes.filter((path) => state.status(path) !== 'On');
    expect([calls.length, opened]).toEqual([calls.length, calls.length === 0 ? opened : []]);
  }, 45_000);
});
