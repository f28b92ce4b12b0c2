import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../../src/fleet/fleet.ts';
import { fleetText, lines, loadText } from '../load-text.ts';

const env = { PW: 'pw', TOKEN: 'bot-token', SECRET: 'client-secret', REFRESH: 'refresh-token' };

const text = (systems: string) => fleetText({ top: `systems:\n${systems}` });

async function systemsOf(written: string): Promise<Fleet['systems']> {
  const loaded = await loadText(text(written), { env });
  expect(lines(loaded)).toEqual([]);
  if (loaded.fleet === null) throw new Error('it did not load');
  return loaded.fleet.systems;
}

const problemsOf = async (written: string) => lines(await loadText(text(written), { env }));

describe('systems in the fleet file', () => {
  it('are all absent where the file says nothing of them', async () => {
    const { fleet } = await loadText(fleetText(), { env });
    expect(fleet?.systems).toEqual({ webex: null, meetings: null, finesse: null, cucm: null });
  });

  it('have a connection with standards, and secrets filled in', async () => {
    const { webex } = await systemsOf('  webex: { token: "${env:TOKEN}" }');
    expect(webex).toMatchObject({
      url: 'https://webexapis.com/v1',
      tls: { mode: 'ca', caFile: null },
      proxy: null,
      timeoutMs: 30_000,
      credential: { kind: 'bot' },
    });
    const credential = webex?.credential;
    expect(credential?.kind === 'bot' && credential.token.reveal()).toBe('bot-token');
    expect(JSON.stringify(webex)).not.toContain('bot-token');
  });

  it('take their authority from a file beside the fleet file, and a proxy', async () => {
    const { webex } = await systemsOf(
      '  webex: { url: "https://127.0.0.1:9/v1/", tls: { ca: certs/ca.pem }, proxy: "http://proxy:3128/", timeout: 5s, token: "${env:TOKEN}" }',
    );
    expect(webex).toMatchObject({
      url: 'https://127.0.0.1:9/v1',
      tls: { mode: 'ca', caFile: '/etc/roomd/certs/ca.pem' },
      proxy: 'http://proxy:3128',
      timeoutMs: 5000,
    });
  });

  it.each([
    ['integration', 'integration'],
    ['serviceApp', 'service-app'],
  ])('take the app of %s', async (key, kind) => {
    const { webex } = await systemsOf(
      `  webex: { ${key}: { clientId: C1, clientSecret: "\${env:SECRET}", refreshToken: "\${env:REFRESH}" } }`,
    );
    const credential = webex?.credential;
    if (credential === undefined || !('refreshToken' in credential)) throw new Error('no app');
    expect(credential).toMatchObject({ kind, clientId: 'C1' });
    expect(credential.clientSecret.reveal()).toBe('client-secret');
    expect(credential.refreshToken?.reveal()).toBe('refresh-token');
  });

  it('take a guest issuer, and the other systems', async () => {
    const systems = await systemsOf(`  webex: { guest: { issuerId: Y2lz, secret: "\${env:SECRET}" } }
  meetings: { token: "\${env:TOKEN}", hostEmail: rooms@example.com }
  finesse: { url: "https://finesse:8445", tls: insecure, username: roomd, password: "\${env:SECRET}" }
  cucm: { url: "https://cucm:8443", username: "\${env:TOKEN}", password: "\${env:SECRET}" }`);
    expect(systems).toMatchObject({
      webex: { credential: { kind: 'guest', issuerId: 'Y2lz' } },
      meetings: {
        url: 'https://webexapis.com/v1',
        api: { kind: 'rest', hostEmail: 'rooms@example.com', siteUrl: null },
      },
      finesse: {
        url: 'https://finesse:8445',
        tls: { mode: 'insecure' },
        username: 'roomd',
        login: { kind: 'password' },
      },
      cucm: { username: 'bot-token', version: '14.0' },
    });
    expect(systems.cucm?.password.reveal()).toBe('client-secret');
    const api = systems.meetings?.api;
    expect(api?.kind === 'rest' ? api.token?.reveal() : null).toBe('bot-token');
  });

  it('take the XML interface of meetings only where they are told to, and tokens instead of passwords', async () => {
    const { meetings, finesse } = await systemsOf(`  meetings:
    proxy: "http://proxy:3128"
    xml: { url: "https://x.webex.com/WBXService/XMLService", siteName: x, webexId: roomd, token: "\${env:TOKEN}" }
  finesse: { url: "https://finesse:8445", username: roomd, token: "\${env:SECRET}" }`);
    expect(meetings).toMatchObject({
      url: 'https://x.webex.com/WBXService/XMLService',
      proxy: 'http://proxy:3128',
      api: { kind: 'xml', siteName: 'x', webexId: 'roomd', login: { kind: 'token' } },
    });
    expect(finesse?.login.kind).toBe('token');
    expect(finesse?.login.secret.reveal()).toBe('client-secret');
  });

  it.each([
    ['  webex: {}', 'write exactly one credential: token, personal, integration, serviceApp, guest.'],
    ['  webex: { token: "${env:TOKEN}", personal: "${env:TOKEN}" }', 'write exactly one credential'],
    ['  webex: { token: "${env:TOKEN}", proxy: "https://proxy" }', 'is no proxy'],
    ['  webex: { token: "${env:TOKEN}", tls: inseccure }', 'Did you mean "insecure"?'],
    ['  webex: { token: "${env:GONE}" }', 'GONE is not set'],
    ['  webex: { token: plain }', 'this token stands in the file for everyone to read'],
    ['  webex: { token: "${env:TOKEN}", url: "${env:TOKEN}" }', 'is no URL'],
    ['  webx: {}', 'Did you mean "webex"?'],
    ['  finesse: { username: a, password: "${env:SECRET}" }', '"url" is missing'],
    ['  finesse: { url: "https://f", username: a }', 'write either password or token'],
    [
      '  meetings: { xml: { siteName: x, webexId: a, password: "${env:SECRET}", token: "${env:TOKEN}" } }',
      'write either password or token',
    ],
    [
      '  meetings: { token: "${env:TOKEN}", xml: { siteName: x, webexId: a, password: "${env:SECRET}" } }',
      'are for REST',
    ],
    ['  cucm: { url: "https://c", username: a, password: "${env:SECRET}", version: new }', 'is no version'],
  ])('are refused or warned of where they are wrong: %s', async (written, said) => {
    expect((await problemsOf(written)).join('\n')).toContain(said);
  });

  it('may lack their secrets where nothing but devices is spoken to', async () => {
    const loaded = await loadText(text('  webex: { token: "${env:GONE}" }'), {
      env,
      missingServiceSecrets: 'warning',
    });
    expect(loaded.fleet).not.toBeNull();
    expect(lines(loaded)).toEqual([expect.stringContaining('systems.webex.token')]);
  });
});
