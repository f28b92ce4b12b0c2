import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { otherWay, quick, type SimulatorSettings } from '../../src/simulator/settings.ts';
import { applyDelta } from '../../src/xapi/delta.ts';
import type { DeviceAddress, SessionNews } from '../../src/xapi/device.ts';
import { memoryLoginGateStore } from '../../src/xapi/login-record.ts';
import type { PathText } from '../../src/xapi/path.ts';
import type { XapiSettings } from '../../src/xapi/settings.ts';
import {
  addressOf,
  failure,
  newPool,
  PASSWORD,
  record,
  startDevices,
  type TestPool,
  until,
  untilUp,
} from './support.ts';

const EXPRESSIONS = [
  '/Status/RoomAnalytics',
  '/Status/Call',
  '/Event/UserInterface/Extensions/Panel/Clicked',
];

let simulator: Simulator | null = null;
const pools: TestPool[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map(({ pool }) => pool.stop()));
  await simulator?.stop();
  simulator = null;
});

function pool(settings: Partial<XapiSettings> = {}, parts: Parameters<typeof newPool>[1] = {}): TestPool {
  const made = newPool(settings, parts);
  pools.push(made);
  return made;
}

interface Asked {
  readonly sim?: Partial<SimulatorSettings>;
  readonly pool?: Partial<XapiSettings>;
  readonly address?: Partial<DeviceAddress>;
  readonly configuration?: Readonly<Record<string, string>>;
}

async function kept(asked: Asked = {}) {
  const configuration = asked.configuration === undefined ? {} : { configuration: asked.configuration };
  simulator = await startDevices(1, asked.sim, configuration);
  const sim = simulator.device('sim-1');
  const own = pool(asked.pool);
  const device = own.pool.device(addressOf(sim, asked.address), EXPRESSIONS);
  const news = record(device);
  await own.pool.start(AbortSignal.timeout(60_000));
  return { sim, device, news, own };
}

/** The subscribed status as a listener holds it. */
function held(news: readonly SessionNews[]): Map<PathText, string> {
  let map = new Map<PathText, string>();
  for (const one of news) {
    if (one.type === 'snapshot') map = new Map(one.status);
    else if (one.type === 'delta' && one.delta.tree === 'Status') applyDelta(map, one.delta);
  }
  return map;
}

describe.each([
  ['one way', {}],
  ['the other way', { ...otherWay, ...quick, rebootMs: 200 }],
] as const)('a kept session, with the unknowns %s,', (_name, settings) => {
  it('comes up, says who answers and holds the subscribed status', async () => {
    const { sim, device, news } = await kept({ sim: settings });
    await untilUp(device);
    const snapshot = news.find((one) => one.type === 'snapshot');
    expect(snapshot).toMatchObject({
      identity: { serial: sim.serial, software: sim.software, product: sim.product },
    });
    expect(held(news).get('RoomAnalytics.PeoplePresence')).toBeDefined();
    for (const path of held(news).keys()) expect(path).toMatch(/^(RoomAnalytics|Call)/);
  });

  it('follows changes, and forgets a call when its ghost comes', async () => {
    const { sim, device, news } = await kept({ sim: settings });
    await untilUp(device);
    sim.state.people(3);
    await until('presence arrives', () => held(news).get('RoomAnalytics.PeoplePresence') === 'Yes');
    const { size } = held(news);
    await device.command('Dial', { Number: 'a@example.com' });
    await until('the call is up', () =>
      [...held(news)].some(([path, value]) => /^Call\[\d+\]\.Status$/.test(path) && value === 'Connected'),
    );
    await device.command('Call.Disconnect');
    await until('the call is gone', () => ![...held(news).keys()].some((path) => path.startsWith('Call[')));
    expect(held(news).size).toBe(size);
  });

  it('tells events with their arguments', async () => {
    const { sim, device, news } = await kept({ sim: settings });
    await untilUp(device);
    sim.state.core.event('UserInterface.Extensions.Panel.Clicked', { PanelId: 'help' });
    const event = (): SessionNews | undefined =>
      news.find((one) => one.type === 'delta' && one.delta.tree === 'Event');
    await until('the click arrives', () => event() !== undefined);
    const found = event();
    expect(found?.type === 'delta' && [...found.delta.leaves]).toContainEqual([
      'UserInterface.Extensions.Panel.Clicked.PanelId',
      'help',
    ]);
  });

  it('comes back by itself after a reboot, with a fresh snapshot', async () => {
    const { sim, device, news } = await kept({ sim: settings });
    await untilUp(device);
    sim.reboot(0.1);
    await until('the loss is noticed', () => device.session().state !== 'up');
    await untilUp(device);
    expect(news.filter((one) => one.type === 'snapshot')).toHaveLength(2);
  });

  it('notices a half-open peer within the bound', async () => {
    const { sim, device } = await kept({
      sim: settings,
      pool: { heartbeatMs: 100, heartbeatDeadlineMs: 100 },
    });
    await untilUp(device);
    sim.fault('half-open', null);
    const startedAt = performance.now();
    await until('the loss is noticed', () => device.session().state !== 'up', 3_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('stays up through silence on a device that answers pings or reads', async () => {
    const { sim, device, news } = await kept({
      sim: settings,
      pool: { heartbeatMs: 30, heartbeatDeadlineMs: 60 },
    });
    await untilUp(device);
    const isPinged = settings === undefined || !('answersPings' in settings) || settings.answersPings;
    if (!isPinged) {
      const before = sim.counters.requests.get('xGet') ?? 0;
      await until('it is read instead', () => (sim.counters.requests.get('xGet') ?? 0) >= before + 3);
    } else {
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(news.filter((one) => one.type === 'snapshot')).toHaveLength(1);
    expect(device.session().state).toBe('up');
  });
});

describe('a kept session', () => {
  it('reads indexed paths in every direction', async () => {
    const { device } = await kept();
    await untilUp(device);
    const first = (await device.command('Dial', { Number: 'a@example.com' })).get('CallId') ?? '';
    const second = (await device.command('Dial', { Number: 'b@example.com' })).get('CallId') ?? '';
    expect(second).not.toBe(first);
    expect([...(await device.readStatus('Call.Status')).keys()]).toEqual([
      `Call[${first}].Status`,
      `Call[${second}].Status`,
    ]);
    expect([...(await device.readStatus(`Call[${second}].RemoteNumber`)).values()][0]).toContain(
      'b@example.com',
    );
    expect((await device.readStatus('No.Such.Node')).size).toBe(0);
  });

  it('settles everything pending when the socket drops', async () => {
    const { sim, device } = await kept({ sim: { faultSlowMs: 2_000 }, pool: { heartbeatMs: 10_000 } });
    await untilUp(device);
    sim.fault('slow', null);
    const pending = failure(device.readStatus('Standby'));
    const more = failure(device.command('Standby.Activate'));
    sim.fault('drop', 0.05);
    expect(await pending).toMatchObject({ code: 'closed', retryable: true });
    expect(await more).toMatchObject({ code: 'closed' });
  });

  it('survives garbage frames, counts them and goes on', async () => {
    const { sim, device, news } = await kept();
    await untilUp(device);
    sim.fault('garbage', 1);
    await device.command('Standby.Halfwake');
    sim.state.people(2);
    await until('presence arrives', () => held(news).get('RoomAnalytics.PeoplePresence') === 'Yes');
    expect(news.filter((one) => one.type === 'snapshot')).toHaveLength(1);
  });

  it('says that it is slow when some reads in a row take long, and is well when they no longer do', async () => {
    const { sim, device } = await kept({ sim: { faultLatencyMs: 600 }, pool: { slowAnswerMs: 400 } });
    await untilUp(device);
    sim.fault('latency', null);
    await Promise.all([1, 2, 3].map(() => device.readStatus('Standby')));
    expect(device.session()).toMatchObject({ state: 'up', errorCode: 'deadline' });
    expect(device.session().reason).toContain('reads take longer');
    sim.clearFault('latency');
    await Promise.all([1, 2, 3].map(() => device.readStatus('Standby')));
    expect(device.session()).toMatchObject({ state: 'up', reason: null });
  });

  it('gives up on a request at its deadline', async () => {
    const { sim, device } = await kept({ sim: { faultSlowMs: 2_000 }, pool: { readDeadlineMs: 150 } });
    await untilUp(device);
    sim.fault('slow', 1);
    expect(await failure(device.readStatus('Standby'))).toMatchObject({ code: 'deadline' });
  });

  it('names errors of commands by their own codes', async () => {
    const { device } = await kept();
    await untilUp(device);
    expect(await failure(device.command('No.Such.Command'))).toMatchObject({ code: 'unknown-path' });
    expect(await failure(device.command('Dial'))).toMatchObject({ code: 'bad-value' });
  });

  it('pins the certificate it met first, and sends nothing once it has changed', async () => {
    const { sim, device, news } = await kept({ address: { tls: { mode: 'pin', fingerprint256: null } } });
    await untilUp(device);
    expect(news).toContainEqual({ type: 'pinned', fingerprint256: sim.fingerprint256 });
    await device.readConfiguration();
    sim.fault('certificate', null);
    await until('the change is seen', () => device.session().state === 'certificate-changed');
    const before = [...sim.counters.requests];
    await until('it has looked again', () => sim.counters.connections > 6);
    expect([...sim.counters.requests]).toEqual(before);
    expect(await failure(device.readConfiguration())).toMatchObject({ code: 'certificate-changed' });
    expect(device.session().reason).toContain(sim.fingerprint256);
  });

  it('is swapped while another serial number answers, and comes back with the right one', async () => {
    const { sim, device } = await kept({ address: { serial: 'SIM00000001' } });
    await untilUp(device);
    sim.fault('serial', null);
    await until('the swap is seen', () => device.session().state === 'swapped');
    expect(await failure(device.writeConfiguration([{ path: 'Standby.Delay', value: '77' }]))).toMatchObject({
      code: 'serial-changed',
    });
    expect(sim.state.configuration('Standby.Delay')).not.toBe('77');
    sim.clearFault('serial');
    await untilUp(device);
  });

  it.each([404, 400])(
    'reads a device without websocket over HTTPS (upgrade refused with %i)',
    async (socketOffStatus) => {
      const { sim, device, news } = await kept({
        sim: { socketOffStatus },
        configuration: { 'NetworkServices.Websocket': 'Off' },
      });
      await until('it is read over HTTPS', () => device.session().state === 'up-https');
      expect(device.session()).toMatchObject({ errorCode: 'websocket-off' });
      sim.state.people(2);
      await until('presence arrives', () => held(news).get('RoomAnalytics.PeoplePresence') === 'Yes');
      const [answer] = await device.writeConfiguration([
        { path: 'NetworkServices.Websocket', value: 'FollowHTTPService' },
      ]);
      expect(answer).toMatchObject({ outcome: 'accepted' });
      await untilUp(device);
      expect(sim.failedLogins).toBe(0);
    },
  );

  it('logs in by Basic authentication where it is told to', async () => {
    const { sim, device } = await kept({ pool: { websocketLogin: 'basic' } });
    await untilUp(device);
    expect(sim.failedLogins).toBe(0);
  });

  it('waits and comes up when a device that was off appears', async () => {
    simulator = await startDevices(1, {}, { offline: true });
    const sim = simulator.device('sim-1');
    const own = pool();
    const device = own.pool.device(addressOf(sim), EXPRESSIONS);
    await own.pool.start(AbortSignal.timeout(60_000));
    await until('it waits', () => device.session().state === 'waiting');
    expect(device.session()).toMatchObject({ errorCode: 'unreachable' });
    sim.clearFault('offline');
    await untilUp(device);
  });

  it('starts over with a new address, stops when removed, and leaves nothing open at the device', async () => {
    const { sim, device, own } = await kept();
    await untilUp(device);
    await device.readConfiguration();
    expect(own.pool.device(addressOf(sim), EXPRESSIONS)).toBe(device);
    const changed = own.pool.device(addressOf(sim), ['/Status/Standby']);
    expect(changed).not.toBe(device);
    await untilUp(changed);
    await until('the old one is gone', () => device.session().state === 'stopped' && sim.sockets === 1);
    await own.pool.remove(1);
    await own.pool.stop();
    expect(sim.state.sessions.list()).toHaveLength(0);
    await until('no socket is left', () => sim.sockets === 0);
    expect(own.ledger.open.size).toBe(0);
    expect(await failure(changed.readConfiguration())).toMatchObject({ code: 'closed' });
  });

  it('keeps its handshakes under the cap for the whole fleet', async () => {
    simulator = await startDevices(12, { latencyMs: 20 });
    const own = pool({ maxHandshakes: 3 });
    const devices = simulator.devices.map((sim) => own.pool.device(addressOf(sim), EXPRESSIONS));
    await own.pool.start(AbortSignal.timeout(60_000));
    await until('all are up', () => devices.every((device) => device.session().state === 'up'));
    expect(simulator.counters.handshakes.most).toBeLessThanOrEqual(3);
  });
});

describe('a wrong password', () => {
  it('costs one failed login, over both transports, across restarts, until it changes', async () => {
    simulator = await startDevices(1, {}, { wrongPassword: true });
    const sim = simulator.device('sim-1');
    const store = memoryLoginGateStore();
    for (let run = 0; run < 2; run += 1) {
      const own = pool({}, { store });
      const device = own.pool.device(addressOf(sim), EXPRESSIONS);
      const overHttps = Promise.all([failure(device.readConfiguration()), failure(device.identify())]);
      await own.pool.start(AbortSignal.timeout(60_000));
      await until('it is refused', () => device.session().state === 'refused');
      for (const error of await overHttps) expect(error.code).toMatch(/^login-(refused|blocked)$/);
      own.pool.wake();
      expect((await failure(own.pool.oneShot(addressOf(sim)).readConfiguration())).code).toBe(
        'login-blocked',
      );
      await own.pool.stop();
      expect(sim.failedLogins).toBe(1);
    }
    const own = pool({}, { store });
    const right = addressOf(sim, { password: new Secret(`not ${PASSWORD}`) });
    expect((await own.pool.oneShot(right).identify()).serial).toBe(sim.serial);
    expect(sim.failedLogins).toBe(1);
  });

  it('that devices share is tried on two of them and then on none', async () => {
    simulator = await startDevices(8, {}, { wrongPassword: true });
    const own = pool();
    const devices = simulator.devices.map((sim) => own.pool.device(addressOf(sim), EXPRESSIONS));
    await own.pool.start(AbortSignal.timeout(60_000));
    await until('all are refused', () => devices.every((device) => device.session().state === 'refused'));
    expect(simulator.devices.reduce((sum, sim) => sum + sim.failedLogins, 0)).toBe(2);
  });

  it('never shows in an error, nor does the login in any other form', async () => {
    simulator = await startDevices(1, {}, { wrongPassword: true });
    const sim = simulator.device('sim-1');
    const own = pool();
    const device = own.pool.device(addressOf(sim), EXPRESSIONS);
    await own.pool.start(AbortSignal.timeout(60_000));
    await until('it is refused', () => device.session().state === 'refused');
    const error = await failure(device.readConfiguration());
    const shown = `${device.session().reason} ${error.message} ${JSON.stringify(error)} ${error.stack}`;
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain(Buffer.from(`admin:${PASSWORD}`).toString('base64url'));
  });
});
