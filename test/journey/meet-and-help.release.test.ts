import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listDevices } from '../../src/actions/devices.ts';
import { runMacro } from '../../src/actions/macros.ts';
import { reload } from '../../src/actions/system.ts';
import { checkSystems } from '../../src/actions/systems.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { cliWorld } from '../cli/cli-world.ts';
import { standInFor } from '../integrations/webex-meetings/support.ts';
import { finesse } from '../support/finesse.ts';
import { jsonServer } from '../support/json-server.ts';
import { eventually, fleetText, PASSWORD, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

const NAMES = ['hall', 'atrium', 'studio'];
const ENV = { MEETINGS: 'ada-token', FINESSE: 'super', HOOK: 'hook-secret' };

/** The contact centre's password comes from the environment of each reading of the file. */
function moreText({ meetings, hook, url }: { meetings: string; hook: string; url: string }) {
  return `
calls: { allow: ["50??"] }
systems:
  meetings: ${meetings}
  finesse: { url: "${url}", tls: { ca: certs/finesse.pem }, username: "2050", password: "\${env:FINESSE}" }
notifiers:
  facilities: { webhook: { url: "${hook}", secret: "\${env:HOOK}" } }
macros:
  - name: handover
    scope: fleet
    devices: all
    timezone: Europe/Oslo
    when: { schedule: "0 0 1 1 *" }
    steps:
      - meet: { title: "Handover {{localDate}}", minutes: 15, devices: all, parallel: 2, countdown: 3s }
        as: meeting
      - notify: { to: facilities, markdown: "{{steps.meeting.joined}} joined {{steps.meeting.sipAddress}}" }
  - name: help
    devices: hall
    when: { panel: help }
    steps:
      - help:
          team: "500"
          within: 1s
          countdown: 3s
          otherwise: { notify: facilities, markdown: "**{{device.name}}** asks for help" }
`;
}

async function world(meetings: string) {
  const hook = await jsonServer();
  const contact = await finesse();
  const simulator = await simulated(NAMES.map((name) => ({ name, model: builtInModels.room })));
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'certs'));
  writeFileSync(join(folder, 'certs/finesse.pem'), contact.certificate ?? '');
  const text = fleetText({
    devices: simulator.devices,
    mode: 'enforce',
    more: moreText({ meetings, hook: hook.url, url: contact.url }),
  });
  const env = { ...ENV };
  const running = await runDaemon(text, { folder, env });
  await eventually(async () => {
    const { items } = await running.act(listDevices);
    expect(items.map(({ session }) => session.state)).toEqual(['up', 'up', 'up']);
  }, 20_000);
  const callsOf = (name: string) =>
    simulator
      .device(name)
      .state.calls.list()
      .map(({ number, status }) => `${number} ${status}`);
  return { hook, contact, simulator, env, text, callsOf, ...running };
}

describe('With Webex Meetings and Finesse', () => {
  test('three rooms meet, and a room that asks for help reaches an agent, or people who read why not', async () => {
    const site = await standInFor();
    const here = await world(`{ url: "${site.restUrl}", token: "\${env:MEETINGS}" }`);
    const { act, get, hook, contact, callsOf, log } = here;

    expect((await act(checkSystems)).items).toEqual([
      { system: 'meetings', ok: true, found: `${site.restUrl} answers` },
      {
        system: 'finesse',
        ok: true,
        found: expect.stringContaining('is in service and takes the login of 2050'),
      },
    ]);

    expect(await act(runMacro, { macro: 'handover' })).toMatchObject({ state: 'succeeded' });
    const [meeting] = site.meetings();
    expect(meeting?.title).toMatch(/^Handover \d{4}-/);
    await eventually(() => expect(hook.posts.map(({ body }) => body).join('\n')).toContain('3 joined '));
    for (const name of NAMES) expect(callsOf(name)).toEqual([expect.stringMatching(/^\S+@\S+ Connected$/)]);
    for (const { state } of here.simulator.devices)
      for (const call of state.calls.list()) state.calls.disconnect(call, 'far');

    const ask = () => act(runMacro, { macro: 'help', device: 'hall' });
    await eventually(() => expect(callsOf('hall')).toEqual([]));
    expect(await ask()).toMatchObject({ state: 'succeeded' });
    expect(callsOf('hall')).toEqual(['5002 Connected']);
    const { state } = here.simulator.device('hall');
    for (const call of state.calls.list()) state.calls.disconnect(call, 'far');
    await eventually(() => expect(callsOf('hall')).toEqual([]));

    contact.setState('2002', 'TALKING');
    expect(await ask()).toMatchObject({ state: 'succeeded' });
    await eventually(() => {
      expect(hook.posts.at(-1)?.body).toContain('**hall** asks for help');
      expect(hook.posts.at(-1)?.body).toContain('none is READY');
    });

    contact.failover(true);
    expect(await ask()).toMatchObject({ state: 'succeeded' });
    await eventually(() => expect(hook.posts.at(-1)?.body).toContain('finesse2.example.test'));
    const health = (await (await get('/healthz')).json()) as { parts: { part: string; reason: string }[] };
    expect(health.parts.find(({ part }) => part === 'finesse')?.reason).toContain(
      'Finesse cannot be used since',
    );
    expect((await get('/readyz')).status).toBe(200);
    expect(callsOf('hall')).toEqual([]);
    const cli = await cliWorld({ ...ENV, ROOM_PASSWORD: PASSWORD });
    onTestFinished(() => cli.close());
    const { out } = await cli.roomd('--fleet', here.file, 'doctor');
    expect(out).toContain(`✓ systems.meetings: ${site.restUrl} answers`);
    expect(out).toMatch(/✗ systems\.finesse: .*OUT_OF_SERVICE.*\n +correct systems\.finesse/);
    contact.failover(false);
    expect((await act(checkSystems)).items.map(({ ok }) => ok)).toEqual([true, true]);
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  }, 90_000);

  test('a site with the XML interface works, is warned of, and secrets that change are used from then on', async () => {
    const site = await standInFor();
    const here = await world(
      `{ xml: { url: "${site.xmlUrl}", siteName: example, webexId: ada, password: "\${env:MEETINGS}" } }`,
    );
    const { act, env, log } = here;
    const [meetings] = (await act(checkSystems)).items;
    expect(meetings).toMatchObject({ system: 'meetings', ok: false });
    const asked = site.requests().length;
    await act(checkSystems);
    expect(site.requests()).toHaveLength(asked);

    env.MEETINGS = 'right';
    await act(reload);
    expect(await act(runMacro, { macro: 'handover' })).toMatchObject({ state: 'succeeded' });
    expect(site.meetings()).toHaveLength(1);
    expect(log.filter(({ message }) => message.startsWith('Webex retired the XML API'))).toHaveLength(1);

    env.FINESSE = 'wrong';
    await act(reload);
    expect((await act(checkSystems)).items[1]).toMatchObject({ system: 'finesse', ok: false });
    env.FINESSE = 'super';
    await act(reload);
    expect((await act(checkSystems)).items[1]).toMatchObject({ system: 'finesse', ok: true });
    expect(here.contact.isLocked('2050')).toBe(false);
  }, 90_000);
});
