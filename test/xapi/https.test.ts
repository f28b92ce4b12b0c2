import { afterEach, describe, expect, it } from 'vitest';
import type { Simulator } from '../../src/simulator/server.ts';
import { otherWay, quick, type SimulatorSettings } from '../../src/simulator/settings.ts';
import { addressOf, failure, newPool, startDevices, type TestPool, until } from './support.ts';

let simulator: Simulator | null = null;
let own: TestPool | null = null;

afterEach(async () => {
  await own?.pool.stop();
  await simulator?.stop();
  own = null;
  simulator = null;
});

async function device(settings: Partial<SimulatorSettings> = {}, poolSettings = {}) {
  simulator = await startDevices(1, settings);
  own = newPool(poolSettings);
  const sim = simulator.device('sim-1');
  return { sim, remote: own.pool.oneShot(addressOf(sim)), ledger: own.ledger };
}

describe.each([
  ['one way', {}],
  ['the other way', { ...otherWay, ...quick }],
] as const)('over HTTPS, with the unknowns %s,', (_name, settings) => {
  it('reads every setting with its value space', async () => {
    const { sim, remote } = await device(settings);
    const { leaves, valueSpaceRefs } = await remote.readConfiguration();
    expect(leaves.size).toBeGreaterThan(150);
    expect(leaves.get('SystemUnit.Name')).toBe(sim.state.configuration('SystemUnit.Name'));
    const spaces = await remote.readValueSpaces();
    const ref = valueSpaceRefs.get('Standby.Control');
    expect(spaces.get(ref ?? '')?.space).toEqual({
      type: 'Literal',
      values: expect.arrayContaining(['Off', 'On']),
    });
  });

  it('writes settings, indexed ones too, and the device holds them', async () => {
    const { sim, remote } = await device(settings);
    const answers = await remote.writeConfiguration([
      { path: 'SystemUnit.Name', value: 'Fjord & <Fjell> "1"' },
      { path: 'Video.Output.Connector[2].Resolution', value: 'Auto' },
      { path: 'Standby.Delay', value: '33' },
    ]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(sim.state.configuration('SystemUnit.Name')).toBe('Fjord & <Fjell> "1"');
    expect(sim.state.configuration('Video.Output.Connector[2].Resolution')).toBe('Auto');
    expect(sim.state.configuration('Standby.Delay')).toBe('33');
  });

  it('tells partial success per setting, whatever shape the errors have', async () => {
    const { sim, remote } = await device(settings);
    const answers = await remote.writeConfiguration([
      { path: 'Standby.Delay', value: '44' },
      { path: 'Standby.Control', value: 'Perhaps' },
      { path: 'No.Such.Setting', value: '1' },
    ]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused', 'refused']);
    expect(sim.state.configuration('Standby.Delay')).toBe('44');
    expect(sim.state.configuration('Standby.Control')).not.toBe('Perhaps');
  });

  it('ends its web session after idling and on stop', async () => {
    const { sim, remote, ledger } = await device(settings);
    await remote.identify();
    expect(sim.state.sessions.list().length).toBe(1);
    expect(ledger.open.size).toBe(1);
    await until(
      'the idle session is ended',
      () => sim.state.sessions.list().length === 0 && ledger.open.size === 0,
    );
    await remote.identify();
    await own?.pool.stop();
    expect(sim.state.sessions.list().length).toBe(0);
    expect(ledger.open.size).toBe(0);
  });
});

describe('over HTTPS', () => {
  it('uses one session for all of its work', async () => {
    const { sim, remote } = await device();
    await Promise.all([remote.readConfiguration(), remote.identify(), remote.readStatus('Standby')]);
    await remote.readStatus('Audio');
    expect(sim.counters.requests.get('POST /xmlapi/session/begin')).toBe(1);
  });

  it('reads status by path, with and without index, and an absent node as nothing', async () => {
    const { remote } = await device();
    expect((await remote.readStatus('Standby.State')).get('Standby.State')).toBe('Off');
    expect((await remote.readStatus('Call')).size).toBe(0);
    const dialled = await remote.command('Dial', { Number: 'a@example.com' });
    await remote.command('Dial', { Number: 'b@example.com' });
    const call = `Call[${dialled.get('CallId')}]`;
    const one = await remote.readStatus(call);
    expect(one.get(`${call}.RemoteNumber`)).toContain('a@example.com');
    for (const path of one.keys()) expect(path.startsWith(`${call}.`)).toBe(true);
    expect((await remote.readStatus(`${call}.Status`)).size).toBe(1);
    expect((await remote.readStatus('No.Such.Node')).size).toBe(0);
  });

  it('runs commands with arguments, repeated ones and a body, and reads the result', async () => {
    const { sim, remote } = await device();
    await remote.command('UserInterface.Message.Alert.Display', { Text: 'Hei & hå', Duration: 5 });
    expect(sim.state.screen.now()).toMatchObject([{ text: 'Hei & hå' }]);
    const dialled = await remote.command('Dial', { Number: 'a@example.com' });
    expect(dialled.get('CallId')).toMatch(/^\d+$/);
    await until('the call is up', () => sim.state.calls.list().length === 1);
  });

  it('refuses a value over its limit in UTF-8 bytes, and says which', async () => {
    const { sim, remote } = await device();
    const answers = await remote.writeConfiguration([
      { path: 'SystemUnit.Name', value: 'å'.repeat(26) },
      { path: 'Standby.Delay', value: '12' },
    ]);
    expect(answers[0]).toMatchObject({ path: 'SystemUnit.Name', outcome: 'refused' });
    expect(answers[1]).toMatchObject({ outcome: 'accepted' });
    expect(sim.state.configuration('Standby.Delay')).toBe('12');
  });

  it('names unknown commands and refused arguments by their own codes', async () => {
    const { remote } = await device();
    expect(await failure(remote.command('No.Such.Command'))).toMatchObject({ code: 'unknown-path' });
    expect(await failure(remote.command('Dial'))).toMatchObject({ code: 'bad-value' });
  });

  it('waits out a burst of 503', async () => {
    const { sim, remote } = await device();
    sim.fault('unavailable', 0.3);
    expect((await remote.identify()).serial).toBe(sim.serial);
  });

  it('says busy when the 503 does not end in time', async () => {
    const { sim, remote } = await device({}, { requestDeadlineMs: 300 });
    sim.fault('unavailable', null);
    expect(await failure(remote.identify())).toMatchObject({ code: 'busy', retryable: true });
  });

  it('gives up on a slow answer at the deadline', async () => {
    const { sim, remote } = await device({ faultSlowMs: 3_000 }, { requestDeadlineMs: 200 });
    await remote.identify();
    sim.fault('slow', null);
    expect(await failure(remote.identify())).toMatchObject({ code: 'deadline' });
  });

  it('calls a truncated answer malformed', async () => {
    const { sim, remote } = await device();
    sim.fault('malformed', null);
    expect(await failure(remote.identify())).toMatchObject({ code: 'malformed' });
  });

  it('keeps to the rates of the device, so that none of its requests is refused', async () => {
    const { sim, remote } = await device(
      { sessionPerSecond: 15, sessionQueue: 90, basicPerSecond: 1, basicQueue: 30 },
      { sessionRate: 15, basicRate: 1 },
    );
    await Promise.all(Array.from({ length: 18 }, () => remote.readStatus('Standby')));
    expect(sim.counters.requests.get('GET /getxml')).toBe(18);
  });

  it('begins another session when the device has forgotten the one it has', async () => {
    const { sim, remote } = await device();
    await remote.identify();
    for (const { id } of sim.state.sessions.list()) sim.state.sessions.terminate(id);
    expect((await remote.identify()).serial).toBe(sim.serial);
    expect(sim.failedLogins).toBe(0);
  });

  it('turns to Basic authentication where no session can be had', async () => {
    const { sim, remote } = await device({ sessionLimitStatus: 500 });
    while (sim.state.sessions.open('someone') !== null);
    expect((await remote.identify()).serial).toBe(sim.serial);
  });

  it('writes nothing to a device with another serial number', async () => {
    const { sim } = await device();
    const before = sim.state.configuration('Standby.Delay');
    const remote = own?.pool.oneShot(addressOf(sim, { serial: 'ANOTHER' }));
    const writing = remote?.writeConfiguration([{ path: 'Standby.Delay', value: '99' }]);
    expect(await failure(writing ?? Promise.resolve())).toMatchObject({ code: 'serial-changed' });
    expect(await failure(remote?.command('Dial', { Number: 'x' }) ?? Promise.resolve())).toMatchObject({
      code: 'serial-changed',
    });
    expect(sim.state.configuration('Standby.Delay')).toBe(before);
  });

  it('says unreachable of a device that is off', async () => {
    const { sim, remote } = await device();
    sim.fault('offline', null);
    await until('the port is closed', () => sim.sockets === 0);
    expect(await failure(remote.identify())).toMatchObject({ code: 'unreachable', retryable: true });
  });

  it("rejects with the reason of the caller's signal", async () => {
    const { sim, remote } = await device({ faultSlowMs: 3_000 });
    sim.fault('slow', null);
    const controller = new AbortController();
    const work = failure(remote.identify({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect((await work).message).toBe('enough');
  });
});
