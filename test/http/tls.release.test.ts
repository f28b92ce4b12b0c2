import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { reload } from '../../src/actions/system.ts';
import { createToken } from '../../src/actions/tokens.ts';
import { createUser } from '../../src/actions/users.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import { eventually, fleetText, freePort, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

const PASSWORD = 'four words nobody says';

function certificate(folder: string, commonName: string): void {
  const { pem, keyPem } = selfSign(newKeyPair(), { commonName, now: Date.now() });
  mkdirSync(join(folder, 'certs'), { recursive: true });
  writeFileSync(join(folder, `certs/api.pem`), pem);
  writeFileSync(join(folder, `certs/api.key`), keyPem);
}

async function withTls(folder: string) {
  const { devices } = await simulated([{ name: 'hall' }]);
  const daemon = '  tls: { cert: certs/api.pem, key: certs/api.key }';
  return runDaemon(fleetText({ devices, daemon }), { folder });
}

interface Answer {
  readonly shown: string;
  readonly cookie: string;
  readonly body: string;
}

function ask(url: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      url + path,
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        const shown = String((response.socket as TLSSocket).getPeerCertificate().subject.CN);
        const cookie = response.headers['set-cookie']?.[0] ?? '';
        let body = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          body += piece;
        });
        response.once('end', () => resolve({ shown, cookie, body }));
      },
    );
    asking.once('error', reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe('daemon.tls', () => {
  test('serves the API by TLS, and cookies that are sent over nothing else', async () => {
    const folder = temporaryFolder();
    certificate(folder, 'first');
    const { daemon, act } = await withTls(folder);
    expect(daemon.url).toMatch(/^https:/);
    await act(createUser, { name: 'anna', password: PASSWORD });
    const { shown, cookie } = await ask(daemon.url, '/api/v1/session', { user: 'anna', password: PASSWORD });
    expect([shown, cookie]).toEqual(['first', expect.stringContaining('; Secure')]);
  });

  test('shows a new certificate once the files are replaced; rubbish and a key of another leave the old one', async () => {
    const folder = temporaryFolder();
    certificate(folder, 'first');
    const { daemon, act, log } = await withTls(folder);
    const shown = async () => (await ask(daemon.url, '/healthz')).shown;
    const health = async () => (await ask(daemon.url, '/healthz')).body;

    writeFileSync(join(folder, 'certs/api.pem'), 'rubbish');
    await act(reload);
    expect([await shown(), await health()]).toEqual(['first', expect.stringContaining('stays in use')]);
    expect(
      log.some(({ level, message }) => level === 'error' && message.includes('stays the one before')),
    ).toBe(true);

    certificate(folder, 'second');
    const { pem } = selfSign(newKeyPair(), { commonName: 'third', now: Date.now() });
    writeFileSync(join(folder, 'certs/api.pem'), pem);
    await act(reload);
    expect([await shown(), await health()]).toEqual(['first', expect.stringContaining('does not belong')]);
    expect((await ask(daemon.url, '/readyz')).body).toContain('"ready":true');

    certificate(folder, 'fourth');
    await eventually(async () => expect(await shown()).toBe('fourth'), 10_000);
    expect(await health()).not.toContain('stays in use');
  });

  test('that cannot be used at the start keeps the daemon from starting, with the reason', async () => {
    const folder = temporaryFolder();
    await expect(withTls(folder)).rejects.toThrow(/api\.pem .* cannot be used/);
  });
});

test('the place that devices post to serves nothing of the API', async () => {
  const { devices } = await simulated([{ name: 'hall' }]);
  const feedbackPort = await freePort();
  await runDaemon(fleetText({ devices, feedbackPort }));
  for (const [method, path] of [
    ['GET', '/api/v1/devices'],
    ['POST', '/api/v1/session'],
    ['POST', '/api/v1/hold'],
    ['GET', '/healthz'],
    ['GET', '/metrics'],
    ['GET', '/'],
  ] as const) {
    const body = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {};
    const { status } = await fetch(`http://127.0.0.1:${feedbackPort}${path}`, { method, ...body });
    expect([path, [404, 405].includes(status)]).toEqual([path, true]);
  }
});

test('a proxy that is trusted says who asks and how; from anybody else that counts nothing', async () => {
  const { devices } = await simulated([{ name: 'hall' }]);
  const passedOn = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };
  for (const [trusted, isSecure] of [
    ['127.0.0.0/8', true],
    ['192.0.2.1', false],
  ] as const) {
    const { act, post, log } = await runDaemon(
      fleetText({ devices, daemon: `  trustProxy: ["${trusted}"]` }),
    );
    const { token } = await act(createToken, { name: 'wall' });
    const response = await post('/api/v1/session', { token }, passedOn);
    expect(response.headers.get('set-cookie')?.includes('; Secure')).toBe(isSecure);
    const signedIn = log.find(({ message }) => message === 'Somebody signed in');
    expect(signedIn?.facts).toMatchObject({ address: isSecure ? '192.0.2.7' : '127.0.0.1' });
  }
});
