import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import {
  startWebexStandIn,
  type WebexStandIn,
  type WebexStandInOptions,
} from '../../src/simulator/cloud/webex.ts';
import { type Line, line } from './command-line.ts';

const BOT = { personId: 'bot', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' } as const;
const ADA = { personId: 'ada', email: 'ada@example.com', displayName: 'Ada', type: 'person' } as const;
const APP = {
  clientId: 'C1',
  clientSecret: 'app-secret',
  redirectUri: 'https://roomd.example.com/granted',
  actsAs: ADA.email,
};
const ENV = { BOT: 'bot-token', ADA: 'ada-token', APP: 'app-secret', HOOK: 'hook-secret' };

let folder: string;
let standIn: WebexStandIn | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roomd-webex-'));
});
afterEach(async () => {
  await standIn?.stop();
  standIn = null;
  await rm(folder, { recursive: true });
});

/** A fleet file with `systems.webex` for a stand-in, without the secrets of its devices. */
async function fleetFor(
  credential: string,
  options: Partial<WebexStandInOptions> = {},
): Promise<WebexStandIn> {
  standIn = await startWebexStandIn({
    tokens: { 'bot-token': BOT, 'ada-token': ADA },
    rooms: [{ id: 'ops', title: 'Operations' }],
    apps: [APP],
    ...options,
  });
  await write(`systems: { webex: { url: "${standIn.url}", timeout: 5s, ${credential} } }`);
  return standIn;
}

function write(systems: string): Promise<void> {
  const text = `version: 1
credentials: { roomd: { username: admin, password: "\${env:NOT_HERE}" } }
defaults: { credentials: roomd }
devices: [{ name: sim-1, host: "127.0.0.1:9" }]
${systems}
`;
  return writeFile(join(folder, 'fleet.yaml'), text);
}

const webex = (argv: string, env: Record<string, string> = ENV): Promise<Line> =>
  line(['webex', ...argv.split(' ').map((word) => word.replaceAll('_', ' '))], { cwd: folder, env });

async function idOf(work: Promise<Line>): Promise<string> {
  const { code, err, json } = await work;
  expect([code, err]).toEqual([0, '']);
  return (json() as { id: string }).id;
}

describe('roomd webex', () => {
  it('makes teams and rooms, invites, posts, edits and deletes', async () => {
    const { teams, rooms, memberships, messages } = await fleetFor('personal: "${env:ADA}"');
    const team = await idOf(webex('teams create --name Facilities --json'));
    const room = await idOf(webex(`rooms create --title Oslo --team ${team} --json`));
    await idOf(webex(`memberships add --room ${room} --person bob@example.com --moderator --json`));
    await idOf(webex(`team-memberships add --team ${team} --person bot --json`));
    const posted = await idOf(webex(`messages create --room ${room} --markdown **on** --json`));
    await writeFile(join(folder, 'plan.png'), 'picture');
    await writeFile(join(folder, 'card.json'), '{"type":"AdaptiveCard","version":"1.3"}');
    await idOf(webex(`messages create --room ${room} --file plan.png --thread ${posted} --json`));
    await idOf(webex(`messages create --to bob@example.com --text Free_it? --card card.json --json`));
    await idOf(webex(`messages edit ${posted} --room ${room} --text off --json`));
    expect(teams).toMatchObject([{ name: 'Facilities' }]);
    expect(rooms).toMatchObject([
      { title: 'Operations' },
      { title: 'Oslo', teamId: team },
      { type: 'direct' },
    ]);
    expect(memberships.filter(({ groupId }) => groupId === room)).toMatchObject([{}, { isModerator: true }]);
    expect(messages()).toMatchObject([
      { text: 'off', edits: 1 },
      { parentId: posted, files: [expect.any(String)] },
      { text: 'Free it?', attachments: [{ content: { version: '1.3' } }] },
    ]);
    const listed = await webex(`messages list --room ${room}`);
    expect(listed.out).toMatch(/^id +created +personEmail +text\n\S+ +\S+ +ada@example\.com/);
    expect(
      ((await webex(`messages list --room ${room} --most 1 --json`)).json() as { items: [] }).items,
    ).toHaveLength(1);
    expect((await webex(`messages get ${posted}`)).out).toMatch(/^text +off$/m);
    expect((await webex(`messages delete ${posted}`)).code).toBe(0);
    expect(messages()).toHaveLength(2);
  });

  it('makes webhooks whose secret is a reference and is never printed', async () => {
    const { webhooks } = await fleetFor('token: "${env:BOT}"');
    const made = await webex(
      'webhooks create --name roomd --target http://127.0.0.1:9/ --resource messages --event created --secret ${env:HOOK} --json',
    );
    expect(made.code).toBe(0);
    expect(made.out).not.toContain('hook-secret');
    expect(webhooks).toMatchObject([{ secret: 'hook-secret', resource: 'messages' }]);
    const wrong = await webex(
      'webhooks create --name x --target http://x/ --resource mesages --event created',
    );
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean "messages"?')]);
  });

  it('looks up people and organizations', async () => {
    await fleetFor('token: "${env:BOT}"');
    expect((await webex('people me --json')).json()).toMatchObject({ id: 'bot', type: 'bot' });
    expect((await webex('people list --email ada@example.com')).out).toContain('Ada');
    expect((await webex('organizations list')).out).toContain('Stand-in');
  });

  it.each([
    ['messages create --room ops', 'say what to post'],
    ['messages create --text x', 'say where to'],
    ['messages create --room ops --card card.json', 'a card stands with --text'],
    ['messages create --room ops --file gone.png', 'gone.png cannot be read'],
    ['messages list', "required option '--room <id>' not specified"],
    ['rooms list --type odd', '"odd" is no type of a room'],
    ['rooms list --most all', 'is no number of items'],
    ['attachment-actions create --message m --inputs yes', 'are no JSON object'],
  ])('says what is wrong with %s', async (argv, said) => {
    const { requests } = await fleetFor('token: "${env:BOT}"');
    const { code, err } = await webex(argv);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    expect(requests()).toEqual([]);
  });

  it('ends with the code of what the service refused', async () => {
    await fleetFor('token: "${env:BOT}"');
    const { code, json } = await webex('rooms get gone --json');
    expect([code, json()]).toEqual([2, { error: { code: 'not-found', message: expect.any(String) } }]);
  });

  it('needs a section and its own secret, and no other', async () => {
    await write('');
    const none = await webex('people me');
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('names no systems.webex')]);
    await fleetFor('token: "${env:GONE}"');
    const missing = await webex('people me');
    expect([missing.code, missing.err]).toEqual([4, expect.stringContaining('GONE is not set')]);
    expect(missing.err).not.toContain('NOT_HERE');
  });

  it('trusts the authority that the file names', async () => {
    const { pem, keyPem } = selfSign(newKeyPair(), { commonName: 'webex', now: Date.now() });
    await writeFile(join(folder, 'ca.pem'), pem);
    await fleetFor('token: "${env:BOT}", tls: { ca: ca.pem }', { tls: { key: keyPem, cert: pem } });
    expect((await webex('people me')).code).toBe(0);
    await write(
      `systems: { webex: { url: "${standIn?.url ?? ''}", token: "\${env:BOT}", tls: { ca: gone.pem } } }`,
    );
    expect((await webex('people me')).err).toContain('gone.pem of systems.webex cannot be read');
  });
});

describe('roomd webex behind a proxy', () => {
  it('goes through it and names it where it does not let it', async () => {
    await write(
      'systems: { webex: { url: "https://webex.test/v1", token: "${env:BOT}", proxy: "http://127.0.0.1:1" } }',
    );
    const { code, err } = await webex('people me');
    expect([code, err]).toEqual([1, expect.stringContaining('no answer from the proxy 127.0.0.1:1')]);
  });
});

describe('roomd webex doctor', () => {
  it('says who a bot is, and tries its scopes', async () => {
    await fleetFor('token: "${env:BOT}"');
    const { code, out } = await webex('doctor');
    expect(code).toBe(0);
    expect(out).toContain('roomd (roomd@webex.bot), a bot, by a credential of the kind bot');
    expect(out).toMatch(/^yes +spark:messages_read/m);
    expect(out).toMatch(/^not tried +spark:messages_write/m);
    expect(out).not.toContain('Warning');
  });

  it('warns of a personal token, of one that is none of a bot, and names what is missing', async () => {
    const scopes = { 'ada-token': ['spark:people_read', 'spark:rooms_read', 'spark:messages_read'] };
    await fleetFor('personal: "${env:ADA}"', { scopes });
    const { code, json } = await webex('doctor --json');
    expect(code).toBe(1);
    const shown = json() as { warnings: string[]; scopes: { scope: string; state: string }[] };
    expect(shown.warnings).toEqual([expect.stringContaining('12 hours')]);
    expect(shown.scopes.filter(({ state }) => state === 'missing').map(({ scope }) => scope)).toEqual([
      'spark:memberships_read',
      'spark:teams_read',
      'spark:webhooks_read',
      'spark-admin:organizations_read',
      'spark-admin:devices_read',
    ]);
    await write(`systems: { webex: { url: "${standIn?.url ?? ''}", token: "\${env:ADA}" } }`);
    expect((await webex('doctor')).out).toContain('Warning: "token" is meant for a bot');
  });
});

describe('roomd webex authorize', () => {
  it('grants an integration in two steps, whose refresh token then serves', async () => {
    await fleetFor(
      'integration: { clientId: C1, clientSecret: "${env:APP}", refreshToken: "${env:REFRESH}" }',
    );
    const redirect = `--redirect-uri ${APP.redirectUri}`;
    const asked = await line(['webex', 'authorize', ...redirect.split(' '), '--json'], {
      cwd: folder,
      env: ENV,
    });
    expect(asked.code).toBe(0);
    const { url, verifier } = asked.json() as { url: string; verifier: string };
    const response = await fetch(url, { redirect: 'manual' });
    const code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const argv = [
      'webex',
      'authorize',
      ...redirect.split(' '),
      '--code',
      code,
      '--verifier',
      verifier,
      '--json',
    ];
    const granted = (await line(argv, { cwd: folder, env: ENV })).json() as { refreshToken: string };
    const env = { ...ENV, REFRESH: granted.refreshToken };
    expect((await webex('people me --json', env)).json()).toMatchObject({ id: 'ada' });
    expect((await webex('people me', { ...ENV, REFRESH: 'old' })).err).toContain('grant anew');
    expect((await webex('people me')).code).toBe(4);
  });
});
