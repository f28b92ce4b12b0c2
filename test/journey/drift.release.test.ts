import { describe, expect, test, vi } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { plan } from '../../src/actions/plan.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import {
  eventually,
  fleetText,
  freePort,
  type RunningDaemon,
  runDaemon,
  simulated,
} from '../support/world.ts';

/** The sweep is far away: what is found within the test was reported. */
const UNSWEPT =
  '{ sweep: 1h, drift: 1h, slotCheck: 1s, connect: 2s, request: 5s, ping: 2s, retryFirst: 100ms, retryMost: 400ms }';
const SWEPT = UNSWEPT.replace('drift: 1h', 'drift: 1s');
/** How soon a change is to be seen; the machine that runs the tests may have other things to do. */
const SOON_MS = 10_000;

const reads = ({ counters }: SimulatedDevice): number => counters.requests.get('GET /configuration.xml') ?? 0;

async function areUp({ act }: RunningDaemon, state = 'up'): Promise<void> {
  await eventually(async () => {
    const { items } = await act(listDevices);
    expect(items.map(({ session, configuration }) => [session.state, configuration.state])).toEqual(
      items.map(() => [state, expect.stringMatching(/in-sync|drift|problem/)]),
    );
  }, 20_000);
}

async function emptied(devices: readonly SimulatedDevice[]): Promise<void> {
  for (const { state } of devices) state.people(0);
  await eventually(() => {
    for (const { state } of devices) expect(state.status('RoomAnalytics.PeoplePresence')).toBe('No');
  });
}

vi.setConfig({ testTimeout: 60_000 });

/** Knobs of each rule, and layers of their own. */
const RULES = `layers:
  - name: reported
    devices: room
    drift: report
    configuration: { UserInterface.CustomMessage: Hello }
  - name: ignored
    devices: room
    drift: ignore
    configuration: { SIP.DisplayName: Lobby }
`;

describe('a knob that somebody turns on a device', () => {
  test('is seen and put back within seconds, told by the session, each path and layer by its rule', async () => {
    const simulator = await simulated([{ name: 'room' }]);
    const [room] = simulator.devices;
    if (room === undefined) throw new Error('no device');
    await emptied([room]);
    const daemon = await runDaemon(
      fleetText({
        devices: simulator.devices,
        mode: 'enforce',
        timing: UNSWEPT,
        configuration: { 'Standby.Delay': '30', 'Audio.DefaultVolume': '60' },
        more: RULES,
      }),
    );
    await areUp(daemon);
    await daemon.act(apply);
    await areUp(daemon);
    const turned = performance.now();
    room.state.turnKnob('Standby.Delay', '99');
    await eventually(() => expect(room.state.configuration('Standby.Delay')).toBe('30'), SOON_MS);
    expect(performance.now() - turned).toBeLessThan(SOON_MS);
    room.state.turnKnob('UserInterface.CustomMessage', 'Bye');
    room.state.turnKnob('SIP.DisplayName', 'Other');
    await eventually(async () => {
      const [seen] = (await daemon.act(listDevices)).items;
      expect(seen).toMatchObject({ drift: 1, configuration: { state: 'drift' } });
      expect(seen?.configuration.waiting).toContain('the file says to report that');
    }, SOON_MS);
    expect(room.state.configuration('UserInterface.CustomMessage')).toBe('Bye');
    expect(room.state.configuration('SIP.DisplayName')).toBe('Other');
  });

  test('is seen and put back within seconds on a device without a session, told by its slot', async () => {
    const simulator = await simulated([
      { name: 'room', configuration: { 'NetworkServices.Websocket': 'Off' } },
    ]);
    const [room] = simulator.devices;
    if (room === undefined) throw new Error('no device');
    await emptied([room]);
    const daemon = await runDaemon(
      fleetText({
        devices: simulator.devices,
        mode: 'enforce',
        timing: UNSWEPT.replace('slotCheck: 1s', 'slotCheck: 1h'),
        feedbackPort: await freePort(),
        configuration: { 'Standby.Delay': '30' },
      }).replace('expressions: [', 'expressions: [/Configuration, '),
    );
    await areUp(daemon, 'up-https');
    await daemon.act(apply);
    await eventually(() => expect(room.state.slots.list()).toHaveLength(1), SOON_MS);
    room.state.turnKnob('Standby.Delay', '99');
    await eventually(() => expect(room.state.configuration('Standby.Delay')).toBe('30'), SOON_MS);
  });

  test('again and again is a fight, with the times at which the session told of it', async () => {
    const simulator = await simulated([{ name: 'room' }]);
    const [room] = simulator.devices;
    if (room === undefined) throw new Error('no device');
    await emptied([room]);
    const daemon = await runDaemon(
      fleetText({
        devices: simulator.devices,
        mode: 'enforce',
        timing: UNSWEPT,
        configuration: { 'Standby.Delay': '30' },
      }),
    );
    await areUp(daemon);
    await daemon.act(apply);
    // Another controller, which listens as well.
    room.state.listen((news) => {
      if (news.kind === 'leaf' && news.tree === 'Configuration' && news.leaf.value === 30)
        setTimeout(() => room.state.turnKnob('Standby.Delay', '99'), 20);
    });
    room.state.turnKnob('Standby.Delay', '99');
    await eventually(async () => {
      const [seen] = (await daemon.act(listDevices)).items;
      expect(seen?.fights).toMatchObject([{ path: 'Standby.Delay', ours: '30', theirs: '99' }]);
    }, 20_000);
    const [seen] = (await daemon.act(listDevices)).items;
    expect(seen?.fights[0]?.flips.map(({ value, write }) => [value, write !== null])).toEqual([
      ['99', false],
      ['30', true],
      ['99', false],
      ['30', true],
      ['99', false],
      ['30', true],
      ['99', false],
    ]);
    expect(room.state.configuration('Standby.Delay')).toBe('99');
    const [planned] = (await daemon.act(plan)).devices;
    expect(planned?.hints.join()).toContain('Standby.Delay is fought over');
    expect(daemon.log.filter(({ message }) => message.startsWith('A setting is fought over'))).toHaveLength(
      1,
    );
  });
});

const text = (simulator: Awaited<ReturnType<typeof simulated>>, timing: string, configuration = {}): string =>
  fleetText({
    devices: simulator.devices,
    timing,
    configuration: { 'Standby.Delay': '10', ...configuration },
  });

describe('a second plan', () => {
  test('reads no configuration that has not changed, says as of when, and reads all when told so', async () => {
    const simulator = await simulated([{ name: 'one' }, { name: 'two' }]);
    const [one, two] = simulator.devices;
    if (one === undefined || two === undefined) throw new Error('no devices');
    const daemon = await runDaemon(text(simulator, UNSWEPT, { 'Bogus.Setting': '1' }));
    await areUp(daemon);
    await daemon.act(plan);
    const before = [reads(one), reads(two)];
    const requests = () => simulator.devices.map(({ counters }) => [...counters.requests.entries()].join());
    const asked = requests();
    const second = await daemon.act(plan);
    expect(requests()).toEqual(asked);
    for (const device of second.devices) {
      expect(device.asOf?.by).toBe('session');
      expect(device.problems).toMatchObject([{ path: 'Bogus.Setting' }]);
    }
    // Looks go on every second and find it all known.
    two.state.turnKnob('Standby.Delay', '99');
    await eventually(async () => {
      const { devices } = await daemon.act(plan);
      expect(devices.map(({ changes }) => changes)).toEqual([
        [],
        [{ kind: 'configuration', path: 'Standby.Delay', from: '99', to: '10' }],
      ]);
    }, SOON_MS);
    expect([reads(one), reads(two)]).toEqual(before);
    const fresh = await daemon.act(plan, { fresh: true });
    expect(fresh.devices.map(({ asOf }) => asOf?.by)).toEqual(['reading', 'reading']);
    expect(reads(one)).toBeGreaterThan(before[0] ?? 0);
  });

  test('reads again after the session was cut, and apply always reads', async () => {
    const simulator = await simulated([{ name: 'one' }]);
    const [one] = simulator.devices;
    if (one === undefined) throw new Error('no device');
    await emptied([one]);
    const daemon = await runDaemon(text(simulator, UNSWEPT));
    await areUp(daemon);
    await daemon.act(plan);
    one.fault('offline', null);
    one.state.turnKnob('Standby.Delay', '99');
    await eventually(async () => {
      const [seen] = (await daemon.act(listDevices)).items;
      expect(seen?.session.state).not.toBe('up');
    }, SOON_MS);
    one.clearFault('offline');
    await areUp(daemon);
    const [planned] = (await daemon.act(plan)).devices;
    expect(planned?.changes).toMatchObject([{ from: '99', to: '10' }]);
    const before = reads(one);
    await daemon.act(apply);
    expect(one.state.configuration('Standby.Delay')).toBe('10');
    expect(reads(one)).toBeGreaterThanOrEqual(before + 2);
    const after = reads(one);
    const [again] = (await daemon.act(plan)).devices;
    expect(again).toMatchObject({ state: 'in-sync', asOf: { by: 'session' } });
    expect(reads(one)).toBe(after);
  });

  test('is right again after a sweep where a device leaves changes out, which is told; its session is not relied on then', async () => {
    const simulator = await simulated([{ name: 'one' }], { settings: { configurationFeedback: 'partial' } });
    const [one] = simulator.devices;
    if (one === undefined) throw new Error('no device');
    const path = 'Video.Output.Connector[1].Resolution';
    const daemon = await runDaemon(text(simulator, SWEPT, { [path]: 'Auto' }));
    await areUp(daemon);
    await daemon.act(plan);
    one.state.turnKnob(path, '1920_1080_60');
    await eventually(async () => {
      const [planned] = (await daemon.act(plan)).devices;
      expect(planned?.changes).toMatchObject([{ path, from: '1920_1080_60', to: 'Auto' }]);
    }, SOON_MS);
    await eventually(() => {
      const [told] = daemon.log.filter(({ message }) => message.includes('its session did not report it'));
      expect(told?.facts).toMatchObject({ device: 'one', settings: [path] });
    }, SOON_MS);
    one.state.turnKnob(path, '3840_2160_60');
    const [planned] = (await daemon.act(plan)).devices;
    expect(planned).toMatchObject({ changes: [{ from: '3840_2160_60' }], asOf: { by: 'reading' } });
  });
});
