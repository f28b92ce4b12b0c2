import { describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { makeSmallModel } from '../support/small-model.ts';
import { ask, connectRpc, get, type HttpAnswer, put, simulate, USER } from './support.ts';

const WRONG = { authorization: `Basic ${Buffer.from(`${USER}:wrong`).toString('base64')}` };

function begin(device: SimulatedDevice): Promise<HttpAnswer> {
  return ask(device, 'POST', '/xmlapi/session/begin');
}

function cookieOf(answer: HttpAnswer): string {
  const header = answer.headers['set-cookie'];
  return (Array.isArray(header) ? header[0] : header)?.split(';')[0] ?? '';
}

function withCookie(
  device: SimulatedDevice,
  cookie: string,
  path = '/getxml?location=/Status/Audio',
): Promise<HttpAnswer> {
  return ask(device, 'GET', path, { headers: { cookie, authorization: '' } });
}

describe('logins', () => {
  it('are refused with 401 and the captured realm', async () => {
    const { device } = await simulate();
    const answer = await ask(device, 'GET', '/status.xml', { headers: WRONG });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="CISCO-Endpoint"');
    expect(answer.headers['content-type']).toBe('text/plain');
    expect(device.failedLogins).toBe(1);
  });

  it('of a device that holds another password are refused', async () => {
    const { device } = await simulate({ devices: [{ wrongPassword: true }] });
    expect((await get(device, '/status.xml')).status).toBe(401);
  });

  it('lock the account after five bad ones on software 26, for a while, on either transport', async () => {
    const { device } = await simulate({ settings: { lockoutMs: 1_000 } });
    for (let time = 0; time < 5; time += 1) await ask(device, 'GET', '/status.xml', { headers: WRONG });
    expect((await get(device, '/status.xml')).status).toBe(401);
    expect(device.failedLogins).toBe(6);
    await expect(connectRpc(device)).rejects.toThrow('403');
    await expect
      .poll(async () => (await get(device, '/status.xml')).status, { timeout: 4_000, interval: 100 })
      .toBe(200);
  });

  it('never lock the account on older software', async () => {
    const { device } = await simulate({ devices: [{ model: makeSmallModel('ce11.27.2.0.1') }] });
    for (let time = 0; time < 7; time += 1) await ask(device, 'GET', '/status.xml', { headers: WRONG });
    expect((await get(device, '/status.xml')).status).toBe(200);
  });

  it('that are missing lead to the sign-in page on some builds', async () => {
    const { device: redirecting } = await simulate({ settings: { notLoggedIn: 'redirect' } });
    const redirect = await withCookie(redirecting, 'SessionId=stale');
    expect([redirect.status, redirect.headers['location']]).toEqual([302, '/web/signin']);
    const { device: showing } = await simulate({ settings: { notLoggedIn: 'sign-in-page' } });
    const page = await withCookie(showing, 'SessionId=stale');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html']);
    expect(showing.failedLogins).toBe(0);
  });
});

describe('sessions', () => {
  it('begin with 204 and a cookie, serve requests, and end', async () => {
    const { device } = await simulate();
    const answer = await begin(device);
    expect(answer.status).toBe(204);
    const cookie = cookieOf(answer);
    expect(cookie).toMatch(/^SessionId=[0-9a-f]{32}$/);
    expect((await withCookie(device, cookie)).status).toBe(200);
    expect(device.state.sessions.list()).toHaveLength(1);
    const end = await ask(device, 'POST', '/xmlapi/session/end', { headers: { cookie } });
    expect(end.status).toBe(204);
    expect(device.state.sessions.list()).toHaveLength(0);
    expect((await withCookie(device, cookie)).status).toBe(401);
  });

  it('set the cookies that the settings name', async () => {
    const { device } = await simulate({ settings: { sessionCookies: ['SecureSessionId'] } });
    expect(cookieOf(await begin(device))).toMatch(/^SecureSessionId=/);
  });

  it('run out, are listed, and are terminated by id', async () => {
    const { device } = await simulate({
      devices: [{ configuration: { 'Security.Session.MaxSessionsPerUser': '2' } }],
    });
    const cookie = cookieOf(await begin(device));
    await begin(device);
    expect((await begin(device)).status).toBe(503);
    const id = device.state.sessions.list()[0]?.id ?? '';
    await put(
      device,
      `<Command><Security><Session><Terminate><SessionId>${id}</SessionId></Terminate></Session></Security></Command>`,
    );
    expect((await withCookie(device, cookie)).status).toBe(401);
    expect((await begin(device)).status).toBe(204);
  });
});

describe('rates', () => {
  it('let Basic requests wait in a queue and answer 503 when it is full', async () => {
    const { device } = await simulate({ settings: { basicPerSecond: 1, basicQueue: 1 } });
    const paths = ['Audio', 'Standby', 'SystemUnit', 'Time'].map(
      (node) => `/getxml?location=/Status/${node}`,
    );
    const answers = await Promise.all(paths.map((path) => get(device, path)));
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 503, 503]);
  });

  it('are higher with a session', async () => {
    const { device } = await simulate({
      settings: { basicPerSecond: 1, basicQueue: 0, sessionPerSecond: 1_000, sessionQueue: 90 },
    });
    const cookie = cookieOf(await begin(device));
    const answers = await Promise.all(Array.from({ length: 10 }, () => withCookie(device, cookie)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect((await get(device, '/status.xml')).status).toBe(503);
  });
});

describe('connections', () => {
  it('are closed after each request where the device keeps none alive', async () => {
    const { device } = await simulate({ settings: { keepsAlive: false } });
    expect((await get(device, '/status.xml')).headers['connection']).toBe('close');
  });

  it('are counted, requests by kind', async () => {
    const { device, simulator } = await simulate();
    await Promise.all([get(device, '/status.xml'), get(device, '/status.xml')]);
    expect(device.counters.requests.get('GET /status.xml')).toBe(2);
    expect(device.counters.connections).toBe(2);
    expect(simulator.counters.httpRequests.most).toBeGreaterThanOrEqual(1);
    expect(simulator.counters.handshakes.now).toBe(0);
  });
});
