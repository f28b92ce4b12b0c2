import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../../src/simulator/server.ts';
import { get, simulate, until } from './support.ts';

async function control(
  simulator: Simulator,
  path: string,
  body?: object,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const answer = await request(`${simulator.controlUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.statusCode, json: (await answer.body.json()) as Record<string, unknown> };
}

describe('the control endpoint', () => {
  it('lists devices as the ready line does', async () => {
    const { simulator, device } = await simulate({ control: true, devices: [{ serial: 'FOC9' }, {}] });
    const { json } = await control(simulator, '/devices');
    expect(json['devices']).toHaveLength(2);
    expect((json['devices'] as unknown[])[0]).toEqual({
      name: 'sim-1',
      host: '127.0.0.1',
      port: device.port,
      product: 'Cisco Codec Pro',
      software: 'ce26.4.1.0a1b2c3',
      serial: 'FOC9',
      fingerprint256: device.fingerprint256,
    });
  });

  it('answers what a device truly holds', async () => {
    const { simulator, device } = await simulate({ control: true });
    device.state.turnKnob('SIP.Authentication.Password', 'hunter2');
    await get(device, '/status.xml');
    const { json } = await control(simulator, '/devices/sim-1');
    expect(json).toMatchObject({
      configuration: { 'SIP.Authentication.Password': 'hunter2', 'Audio.Input.Microphone[2].Level': '14' },
      status: { 'Standby.State': 'Off', 'RoomAnalytics.PeopleCount.Current': -1 },
      slots: [],
      sessions: [],
      calls: [],
      screen: [],
      failedLogins: 0,
      counters: { requests: { 'GET /status.xml': 1 } },
    });
  });

  it('lets people come, knobs turn, meetings be booked, calls ring and end', async () => {
    const { simulator, device } = await simulate({ control: true });
    await control(simulator, '/devices/sim-1/people', { count: 3 });
    await until(() => device.state.status('RoomAnalytics.PeoplePresence') === 'Yes');
    await control(simulator, '/devices/sim-1/configuration', { path: 'audio.defaultvolume', value: 42 });
    expect(device.state.configuration('Audio.DefaultVolume')).toBe('42');
    const [start, end] = ['2030-01-01T10:00:00Z', '2030-01-01T11:00:00Z'];
    await control(simulator, '/devices/sim-1/bookings', { title: 'Planning', start, end });
    expect(device.state.bookings.list()).toMatchObject([{ title: 'Planning', startAt: Date.parse(start) }]);
    await control(simulator, '/devices/sim-1/incoming-call', { number: 'boss@example.com' });
    expect(device.state.calls.list()).toMatchObject([{ status: 'Ringing' }]);
    await control(simulator, '/devices/sim-1/clear-call', {});
    await until(() => device.state.calls.list().length === 0);
  });

  it('answers prompts and clicks panels', async () => {
    const { simulator, device } = await simulate({ control: true });
    device.state.command('UserInterface.Message.Prompt.Display', { Text: 'Cancel?', 'Option.1': 'Yes' });
    expect((await control(simulator, '/devices/sim-1/prompt-response', { option: 1 })).status).toBe(200);
    expect((await control(simulator, '/devices/sim-1/prompt-response', { option: 1 })).status).toBe(400);
    device.state.command(
      'UserInterface.Extensions.Panel.Save',
      { PanelId: 'p' },
      { body: '<Extensions><Panel/></Extensions>' },
    );
    expect((await control(simulator, '/devices/sim-1/panel-click', { panel: 'p' })).status).toBe(200);
  });

  it('strikes faults, clears them, and reboots', async () => {
    const { simulator, device } = await simulate({ control: true });
    const { json } = await control(simulator, '/devices/sim-1/fault', { kind: 'certificate', seconds: 30 });
    expect(json['fingerprint256']).toBe(device.fingerprint256);
    expect(device.faults.list()).toEqual(['certificate']);
    await control(simulator, '/devices/sim-1/clear-fault', { kind: 'certificate' });
    expect(device.faults.list()).toEqual([]);
    await control(simulator, '/devices/sim-1/reboot', { seconds: 0.05 });
    await until(() => !device.state.isOn);
    await until(() => device.state.isOn);
  });

  it('says what is wrong with a request', async () => {
    const { simulator } = await simulate({ control: true });
    for (const [path, body, status] of [
      ['/devices/nobody', undefined, 404],
      ['/elsewhere', undefined, 404],
      ['/devices/sim-1/nonsense', {}, 404],
      ['/devices/sim-1/people', { count: 'many' }, 400],
      ['/devices/sim-1/configuration', { path: 'Audio.DefaultVolume', value: '500' }, 400],
      ['/devices/sim-1/fault', { kind: 'flood' }, 400],
      ['/devices/sim-1/clear-call', {}, 400],
    ] as const) {
      const answer = await control(simulator, path, body);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.json['error']).toEqual(expect.any(String));
    }
  });
});

describe('the simulator', () => {
  it('takes ports from a base and gives them back when it stops', async () => {
    for (let time = 0; time < 2; time += 1) {
      const { simulator } = await simulate({ basePort: 11_300, devices: [{}, {}], control: true });
      expect(simulator.devices.map(({ port }) => port)).toEqual([11_301, 11_302]);
      await simulator.stop();
    }
  });

  it('fails to start where a port is taken, and leaves nothing behind', async () => {
    const { simulator } = await simulate({ basePort: 11_310 });
    await expect(simulate({ basePort: 11_309, devices: [{}, {}] })).rejects.toThrow('EADDRINUSE');
    await simulator.stop();
    await simulate({ basePort: 11_309, devices: [{}, {}] });
  });
});
