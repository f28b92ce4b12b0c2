import { describe, expect, test } from 'vitest';
import { placeHold } from '../../src/actions/hold.ts';
import { createToken, revokeToken } from '../../src/actions/tokens.ts';
import { createUser, removeUser, setPassword } from '../../src/actions/users.ts';
import { createFileToken } from '../../src/fleet/access/token.ts';
import { fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

const PASSWORD = 'four words nobody says';

async function withUser(daemonLines = ''): Promise<RunningDaemon> {
  const simulator = await simulated([{ name: 'hall' }]);
  const running = await runDaemon(fleetText({ devices: simulator.devices, daemon: daemonLines }));
  await running.act(createUser, { name: 'anna', role: 'operator', password: PASSWORD });
  return running;
}

interface SignedIn {
  readonly actor: string;
  readonly csrf: string;
}

/** Signs in as a browser does; answers the headers of its further requests. */
async function signIn({ post }: RunningDaemon, body: object = { user: 'anna', password: PASSWORD }) {
  const response = await post('/api/v1/session', body);
  expect(response.status).toBe(200);
  const set = response.headers.get('set-cookie') ?? '';
  const session = (await response.json()) as SignedIn;
  const cookie = set.split(';')[0] ?? '';
  return { set, session, cookie, headers: { cookie, 'x-csrf-token': session.csrf } };
}

async function statusOf(asked: Promise<Response>): Promise<number> {
  return (await asked).status;
}

describe('Signing in by a browser', () => {
  test('with a password gives a cookie that no script reads, and says who one is', async () => {
    const running = await withUser();
    const { set, session, cookie, headers } = await signIn(running);
    expect(set).toMatch(/^roomd_session=[\w-]{43}; Max-Age=604800; Path=\/; .*HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain('Secure');
    const shown = {
      actor: 'user:anna',
      name: 'anna',
      role: 'operator',
      devices: null,
      csrf: session.csrf,
      by: 'user',
    };
    expect(session).toEqual(shown);
    expect(await (await running.get('/api/v1/session', { cookie })).json()).toEqual(shown);
    expect(await statusOf(running.get('/api/v1/devices', { cookie }))).toBe(200);
    expect(await statusOf(running.post('/api/v1/hold', {}, headers))).toBe(200);
    expect(await statusOf(running.post('/api/v1/replay', {}, headers))).toBe(403);
  });

  test('with a token does the same by its name', async () => {
    const running = await withUser();
    const { token } = await running.act(createToken, { name: 'wall', role: 'viewer' });
    const { session, cookie } = await signIn(running, { token });
    expect(session).toMatchObject({ actor: 'token:wall', by: 'token', role: 'viewer' });
    expect(await statusOf(running.get('/api/v1/devices', { cookie }))).toBe(200);
    await running.act(revokeToken, { name: 'wall' });
    expect(await statusOf(running.get('/api/v1/devices', { cookie }))).toBe(401);
  });

  test('a wrong name, password and token are answered alike, and after too many nobody is let try', async () => {
    const running = await withUser();
    const tried = async (body: object) => {
      const response = await running.post('/api/v1/session', body);
      return [response.status, ((await response.json()) as { detail: string }).detail];
    };
    const wrong = [401, 'the name, the password or the token is wrong'];
    expect(await tried({ user: 'anna', password: 'not hers at all' })).toEqual(wrong);
    expect(await tried({ user: 'nobody', password: PASSWORD })).toEqual(wrong);
    expect(await tried({ token: `roomd_${'x'.repeat(32)}` })).toEqual(wrong);
    const many = await Promise.all(
      Array.from({ length: 12 }, () => tried({ user: 'anna', password: 'guess' })),
    );
    expect(many.filter(([status]) => status === 429).length).toBeGreaterThan(0);
    while ((await tried({ user: 'anna', password: 'guess' }))[0] === 401);
    expect((await tried({ user: 'anna', password: PASSWORD }))[0]).toBe(429);
  });

  test('while there is neither token nor user this machine is an operator, and nobody signs in', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const running = await runDaemon(fleetText({ devices: simulator.devices }));
    expect(await (await running.get('/api/v1/session')).json()).toEqual({
      actor: 'http:loopback',
      name: 'loopback',
      role: 'operator',
      devices: null,
      csrf: null,
      by: 'loopback',
    });
    expect(await statusOf(running.post('/api/v1/session', { user: 'a', password: 'b' }))).toBe(409);
    expect(await statusOf(running.get('/api/v1/session', { 'x-forwarded-for': '192.0.2.1' }))).toBe(403);
    expect(await statusOf(running.post('/api/v1/hold', {}, { origin: 'https://evil.example' }))).toBe(403);
    const { note } = await running.act(createUser, { name: 'anna', password: PASSWORD });
    expect(note).toContain('this is the first');
    expect(await statusOf(running.get('/api/v1/session'))).toBe(401);
    expect(await statusOf(running.get('/metrics'))).toBe(401);
    expect(await statusOf(running.get('/healthz'))).toBe(200);
  });
});

describe('A signed-in browser', () => {
  test('needs its own word with each post, and pages of other sites get nowhere', async () => {
    const running = await withUser();
    const { cookie, headers } = await signIn(running);
    const posted = (more: Record<string, string>) => statusOf(running.post('/api/v1/hold', {}, more));
    expect(await posted({ cookie })).toBe(403);
    expect(await posted({ cookie, 'x-csrf-token': 'x' })).toBe(403);
    expect(await posted({ ...headers, origin: 'https://evil.example' })).toBe(403);
    expect(await posted({ ...headers, origin: 'null' })).toBe(403);
    expect(await posted({ ...headers, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await posted({ ...headers, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await posted({ ...headers, origin: running.daemon.url })).toBe(200);
    expect(await posted({ ...headers, 'sec-fetch-site': 'same-origin' })).toBe(200);
    const login = { user: 'anna', password: PASSWORD };
    expect(await statusOf(running.post('/api/v1/session', login, { 'sec-fetch-site': 'cross-site' }))).toBe(
      403,
    );
  });

  test('with a forged, a doubled or an ended cookie is let in no more, and the cookie is taken back', async () => {
    const running = await withUser();
    const { cookie, headers } = await signIn(running);
    const refused = async (given: string) => {
      const response = await running.get('/api/v1/devices', { cookie: given });
      expect(response.headers.get('set-cookie')).toMatch(/^roomd_session=; .*Expires=Thu, 01 Jan 1970/);
      return response.status;
    };
    expect(await refused(`roomd_session=${'x'.repeat(43)}`)).toBe(401);
    expect(await refused('roomd_session=short')).toBe(401);
    expect(await refused(`roomd_session=${'x'.repeat(43)}; ${cookie}`)).toBe(401);
    const ended = await running.post('/api/v1/session/end', {}, headers);
    expect(await ended.json()).toEqual({ ended: true });
    expect(ended.headers.get('set-cookie')).toContain('roomd_session=;');
    expect(await refused(cookie)).toBe(401);
  });

  test('is signed out by another password, and when the user is taken out', async () => {
    const running = await withUser();
    await running.act(createToken, { name: 'other', role: 'admin' });
    const first = await signIn(running);
    await running.act(setPassword, { name: 'anna', password: 'quite another sentence' });
    expect(await statusOf(running.get('/api/v1/devices', { cookie: first.cookie }))).toBe(401);
    const second = await signIn(running, { user: 'anna', password: 'quite another sentence' });
    await running.act(removeUser, { name: 'anna' });
    expect(await statusOf(running.get('/api/v1/devices', { cookie: second.cookie }))).toBe(401);
  });

  test('stays signed in over a restart of the daemon', async () => {
    const running = await withUser();
    const { cookie } = await signIn(running);
    await running.daemon.stop();
    const again = await runDaemon(fleetText({ devices: [] }).replace('devices:\n', 'devices: []\n'), {
      folder: running.folder,
    });
    expect(await statusOf(again.get('/api/v1/session', { cookie }))).toBe(200);
  });
});

test('a revoked token ends the event stream that it opened', async () => {
  const running = await withUser();
  const { token } = await running.act(createToken, { name: 'stream', role: 'viewer' });
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
  const response = await running.get('/api/v1/events?kinds=hold', headers);
  let text = '';
  const read = (async () => {
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk as Uint8Array);
  })();
  await running.act(revokeToken, { name: 'stream' });
  await read;
  await running.act(placeHold, { reason: 'after' });
  expect(text).not.toContain('after');
  expect(await statusOf(running.get('/api/v1/devices', headers))).toBe(401);
});

test('a token of the file counts beside those of the database', async () => {
  const { token, entry } = await createFileToken('grafana', 'viewer');
  const running = await withUser(`  tokens: [{ name: grafana, role: viewer, hash: "${entry.hash}" }]`);
  expect(await statusOf(running.get('/api/v1/devices', { authorization: `Bearer ${token}` }))).toBe(200);
});
