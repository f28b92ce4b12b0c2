import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listAlerts } from '../../src/actions/alerts.ts';
import { plan } from '../../src/actions/plan.ts';
import { reload } from '../../src/actions/system.ts';
import { checkSystems } from '../../src/actions/systems.ts';
import { authorizeWebex } from '../../src/actions/webex.ts';
import type { WebexStandIn } from '../../src/simulator/cloud/webex.ts';
import { line } from '../cli/command-line.ts';
import { startRoomd } from '../support/roomd-process.ts';
import { APPS, appStandIn, appSystems, refreshTokenOf, tokenAnswers } from '../support/webex-app.ts';
import { eventually, fleetText, PASSWORD, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

/** A life so short that each start of roomd must use the refresh token, which is good once. */
const SHORT = { lifetimes: { access: 600 } };

/** Runs the daemon until it has asked Webex something, then kills it. */
async function runAndKill(standIn: WebexStandIn, folder: string, env: Record<string, string>): Promise<void> {
  const before = standIn.requests().length;
  const daemon = startRoomd(['run'], { cwd: folder, env: { ROOM_PASSWORD: PASSWORD, ...env } });
  await daemon.line((said) => said.includes('roomd runs'));
  await eventually(() => {
    const asked = standIn.requests().slice(before);
    expect(asked.filter(({ path, status }) => path === '/v1/people/me' && status === 200)).toHaveLength(1);
  }, 20_000);
  await daemon.kill('SIGKILL');
}

/** The status of a refresh token of C2 that roomd is to have used up. */
async function redeemAgain({ url }: WebexStandIn, refreshToken: string): Promise<number> {
  const fields = { grant_type: 'refresh_token', client_id: 'C2', client_secret: 'C2-secret' };
  const body = new URLSearchParams({ ...fields, refresh_token: refreshToken });
  return (await fetch(`${url}/access_token`, { method: 'POST', body })).status;
}

describe('What Webex granted', () => {
  test('outlives a kill, lies sealed in the database, and a new credential starts anew', async () => {
    const standIn = await appStandIn(SHORT);
    const folder = temporaryFolder();
    const write = (client: keyof typeof APPS): void =>
      writeFileSync(
        join(folder, 'fleet.yaml'),
        fleetText({ devices: [], more: appSystems(standIn, client) }).replace(/devices:\n/, 'devices: []\n'),
      );
    write('C1');
    const env = { SECRET: 'C1-secret', REFRESH: await refreshTokenOf(standIn, 'C1') };
    await runAndKill(standIn, folder, env);
    await runAndKill(standIn, folder, env);
    // The exchange of the code by hand, and one renewal a start: the second by what the first was given.
    expect(tokenAnswers(standIn)).toEqual([200, 200, 200]);

    const data = readdirSync(join(folder, 'data')).filter((name) => name.startsWith('roomd.db'));
    const bytes = data.map((name) => readFileSync(join(folder, 'data', name)).toString('latin1')).join('');
    expect(bytes).toContain('sealed_grant');
    expect(bytes).not.toMatch(/(access|refresh)-0/);
    expect(bytes).not.toContain('C1-secret');

    // A command goes on with it, too.
    const me = () => line(['webex', 'people', 'me', '--json'], { cwd: folder, env });
    expect((await me()).json()).toMatchObject({ id: 'ada' });
    expect((await me()).json()).toMatchObject({ id: 'ada' });

    write('C2');
    const other = { SECRET: 'C2-secret', REFRESH: await refreshTokenOf(standIn, 'C2') };
    const again = { ...other, REFRESH: await refreshTokenOf(standIn, 'C2') };
    for (const given of [other, again]) {
      const bob = await line(['webex', 'people', 'me', '--json'], { cwd: folder, env: given });
      expect(bob.json()).toMatchObject({ id: 'bob' });
      expect(await redeemAgain(standIn, given.REFRESH)).toBe(400);
    }
  }, 90_000);

  test('and was revoked is one alert, while rooms are served, until a new grant works', async () => {
    const standIn = await appStandIn();
    const { devices } = await simulated([{ name: 'lobby' }]);
    const env: Record<string, string> = { SECRET: 'C1-secret', BOT: 'bot-token' };
    env['REFRESH'] = await refreshTokenOf(standIn, 'C1');
    const more = `${appSystems(standIn, 'C1')}
notifiers: { ops: { webex: { roomId: ops, baseUrl: "${standIn.url}", token: "\${env:BOT}" } } }
alerts: { notify: [ops], rules: { webex-refused: { for: 0s, clear: 0s } } }`;
    const { act, get } = await runDaemon(
      fleetText({ devices, configuration: { 'Audio.DefaultVolume': '70' }, more }),
      { env },
    );
    await eventually(async () =>
      expect((await act(checkSystems)).items).toMatchObject([{ system: 'webex', ok: true }]),
    );
    standIn.tokens.revoke('C1');
    for (let turn = 0; turn < 3; turn += 1)
      expect((await act(checkSystems)).items).toMatchObject([{ system: 'webex', ok: false }]);
    const open = async () => (await act(listAlerts)).items.filter(({ rule }) => rule === 'webex-refused');
    await eventually(async () =>
      expect(await open()).toMatchObject([
        {
          about: 'roomd',
          devices: [],
          detail: expect.stringContaining('Webex gives no token any more'),
          remedy: expect.stringContaining('roomd webex authorize'),
        },
      ]),
    );
    expect((await get('/readyz')).status).toBe(200);
    expect((await act(plan)).devices).toMatchObject([{ name: 'lobby', state: 'drift' }]);

    env['REFRESH'] = await refreshTokenOf(standIn, 'C1');
    await act(reload);
    await act(checkSystems);
    await eventually(async () => expect(await open()).toEqual([]));
    await eventually(() =>
      expect(standIn.messages().map(({ text }) => text.split('\n')[0])).toEqual([
        expect.stringContaining('Webex does not take roomd’s login'),
        expect.stringContaining('Webex takes roomd’s login again'),
      ]),
    );
  }, 60_000);

  test('comes back to the daemon by the browser, once, and is kept without a line in the file', async () => {
    const standIn = await appStandIn();
    const folder = temporaryFolder();
    const systems = `systems: { webex: { url: "${standIn.url}", integration: { clientId: C1, clientSecret: "\${env:SECRET}", redirectUri: "${APPS.C1.redirectUri}" } } }`;
    const text = fleetText({ devices: [], more: systems }).replace(/devices:\n/, 'devices: []\n');
    const { act, get, daemon } = await runDaemon(text, { folder, env: { SECRET: 'C1-secret' } });
    expect((await act(checkSystems)).items).toMatchObject([
      { ok: false, found: expect.stringContaining('nobody has granted the app anything yet') },
    ]);
    const { url } = await act(authorizeWebex);
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256');
    const granted = await fetch(url, { redirect: 'manual' });
    const { search, pathname } = new URL(granted.headers.get('location') ?? '');
    expect((await get(`${pathname}?state=forged&code=code-1`)).status).toBe(403);
    const taken = await get(pathname + search);
    expect([taken.status, await taken.text()]).toEqual([200, expect.stringContaining('roomd is Ada')]);
    expect((await get(pathname + search)).status).toBe(403);
    expect((await act(checkSystems)).items).toMatchObject([{ ok: true }]);
    await daemon.stop();
    const me = await line(['webex', 'people', 'me', '--json'], { cwd: folder, env: { SECRET: 'C1-secret' } });
    expect(me.json()).toMatchObject({ id: 'ada' });
  }, 60_000);
});
