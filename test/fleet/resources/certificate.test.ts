import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { DesiredCertificate } from '../../../src/fleet/fleet.ts';
import { CertificateResource } from '../../../src/fleet/resources/certificate.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { type DeviceCertificate, newKeyPair, selfSign } from '../../../src/simulator/certificate.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import {
  applyUntilDone,
  type ContentWorld,
  contentWorld,
  PLACE,
  PRESETS,
  TRANSPORTS,
  wanting,
  without,
} from './content-world.ts';

const DAY_MS = 86_400_000;
const keys = newKeyPair();

/** A certificate that expires in so many days. */
function made(commonName: string, days = 3_000): DeviceCertificate {
  return selfSign(keys, { commonName, now: Date.now() + (days - 3_650) * DAY_MS });
}

function desiredOf(
  certificate: DeviceCertificate,
  kind: DesiredCertificate['kind'],
  purposes: readonly string[] = [],
): DesiredCertificate {
  const { pem, keyPem, fingerprint256 } = certificate;
  return {
    kind,
    pem: kind === 'ca' ? pem : new Secret(`${pem}${keyPem}`),
    fingerprint256,
    expiresAt: Date.parse(new X509Certificate(pem).validTo),
    purposes,
    place: PLACE,
  };
}

async function world(options: Parameters<typeof contentWorld>[0] = {}): Promise<ContentWorld> {
  const one = await contentWorld(options);
  return one.with(new CertificateResource({ managed: one.managed, clock: one.clock }));
}

function authorities(one: ContentWorld): string[] {
  return one.simulated.state.content.certificateAuthorities.map((pem) => new X509Certificate(pem).subject);
}

function services(one: ContentWorld): [string, string[]][] {
  return one.simulated.state.content.serviceCertificates.map(({ pem, purposes }) => [
    new X509Certificate(pem).subject,
    [...purposes],
  ]);
}

const ca = made('Example CA');
const room = made('room.example.com');

describe.each(PRESETS)('certificates, with all unknowns of the device %s', (_name, preset) => {
  test.each(TRANSPORTS)(
    'of authorities are added over %s without waiting for the room',
    async (_over, configuration) => {
      const one = await world({ preset, configuration });
      one.guards = { forbids: () => null, inUse: async () => 'a call is on' };
      const desired = wanting({ certificates: [desiredOf(ca, 'ca')] });
      const path = `Certificate[ca ${ca.fingerprint256.slice(0, 23)}…]`;
      const plan = await one.plan(desired);
      expect(plan.changes).toMatchObject([{ path, from: null, noticeable: false }]);
      expect(plan.changes[0]?.to).toMatch(/^CN=Example CA, expires 20\d\d-\d\d-\d\d$/);
      expect(await one.apply(desired)).toEqual([`${path} accepted`]);
      expect(authorities(one)).toEqual(['CN=Example CA']);
      expect(await one.plan(desired)).toMatchObject({ state: 'in-sync', untouched: 1, hints: [] });
    },
  );

  test.each(TRANSPORTS)(
    'of the device are added over %s with their key and used for their purposes',
    async (_over, configuration) => {
      const one = await world({ preset, configuration });
      const desired = wanting({ certificates: [desiredOf(room, 'service', ['HTTPS', 'SIP'])] });
      const { changes } = await one.plan(desired);
      expect(changes).toMatchObject([{ noticeable: true }]);
      expect(changes[0]?.to).toMatch(/, for HTTPS, SIP$/);
      expect(JSON.stringify(changes)).not.toContain('PRIVATE');
      await applyUntilDone(one, desired);
      expect(services(one)).toEqual([['CN=room.example.com', ['SIP', 'HTTPS']]]);
      expect(one.simulated.fingerprint256).toBe(room.fingerprint256);
    },
  );

  test('are activated again where a person chose another', async () => {
    const one = await world({ preset });
    const desired = wanting({ certificates: [desiredOf(room, 'service', ['SIP'])] });
    await one.apply(desired);
    const other = made('other.example.com');
    one.byHand('Security.Certificates.Services.Add', {}, `${other.pem}${other.keyPem}`);
    one.byHand('Security.Certificates.Services.Activate', { Fingerprint: sha1(other), Purpose: 'SIP' });
    expect((await one.plan(desired)).changes).toMatchObject([{ from: 'for nothing' }]);
    expect((await one.apply(desired))[0]).toMatch(/ accepted$/);
    expect(services(one)).toEqual([
      ['CN=room.example.com', ['SIP']],
      ['CN=other.example.com', []],
    ]);
  });

  test('that the file drops go if roomd put them there; those of others only with prune: all', async () => {
    const one = await world({ preset });
    one.byHand('Security.Certificates.CA.Add', {}, made('Their CA').pem);
    await one.apply(wanting({ certificates: [desiredOf(ca, 'ca'), desiredOf(room, 'service')] }));
    const { changes } = await one.plan(wanting({}));
    expect(changes.map(({ from, noticeable }) => [from, noticeable])).toEqual([
      ['CN=Example CA', true],
      ['CN=room.example.com', true],
    ]);
    await one.apply(wanting({}));
    expect(authorities(one)).toEqual(['CN=Their CA']);
    expect(services(one)).toEqual([]);
    expect((await one.plan(wanting({ prune: 'all' }))).changes).toMatchObject([
      { from: 'foreign: CN=Their CA' },
    ]);
    await one.apply(wanting({ prune: 'all' }));
    expect(authorities(one)).toEqual([]);
  });

  test('that the device uses stay, whatever the file drops', async () => {
    const one = await world({ preset });
    await one.apply(wanting({ certificates: [desiredOf(room, 'service', ['SIP'])] }));
    const plan = await one.plan(wanting({ prune: 'all' }));
    expect(plan.changes).toEqual([]);
    expect(plan.hints).toEqual([expect.stringContaining('because the device uses it for SIP')]);
  });

  test('without a key that fits are refused in the device’s words', async () => {
    const one = await world({ preset });
    const wrong = { ...room, keyPem: selfSign(newKeyPair(), { commonName: 'x', now: 0 }).keyPem };
    const [result] = await one.results(wanting({ certificates: [desiredOf(wrong, 'service', ['SIP'])] }));
    expect(result).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining('Invalid private key'),
    });
    expect(await one.ours('certificate')).toEqual([]);
  });

  test('cannot be kept by a product without the commands', async () => {
    const one = await world({ preset, model: without(builtInModels.room, 'Security.Certificates') });
    const plan = await one.plan(
      wanting({ certificates: [desiredOf(ca, 'ca'), desiredOf(room, 'service', ['HTTPS'])] }),
    );
    expect(plan.changes).toEqual([]);
    expect(plan.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('cannot keep certificate authorities'),
      expect.stringContaining('cannot keep service certificates'),
    ]);
  });
});

test('what expires within 30 days is a hint, also where roomd did not put it there; what is over and in the file is a problem', async () => {
  const one = await world();
  const theirs = made('their.example.com', 12);
  one.byHand('Security.Certificates.Services.Add', {}, `${theirs.pem}${theirs.keyPem}`);
  one.byHand('Security.Certificates.Services.Activate', { Fingerprint: sha1(theirs), Purpose: 'SIP' });
  const { hints, problems } = await one.plan(
    wanting({
      certificates: [
        desiredOf(made('Old CA', -1), 'ca'),
        desiredOf(made('Late CA', 1), 'ca'),
        desiredOf(ca, 'ca'),
      ],
    }),
  );
  expect(problems).toMatchObject([
    {
      message: expect.stringMatching(
        /^the certificate CN=Old CA \(ca\) in the file expired on \d{4}-\d\d-\d\d/,
      ),
    },
  ]);
  expect(hints).toEqual([
    expect.stringMatching(/CN=Late CA .* in 1 day; renew it$/),
    expect.stringMatching(/CN=their\.example\.com, which the device uses for SIP, expires on .* in 12 days/),
  ]);
});

test('roomd does not cut itself off: a pinned device is given no other certificate for HTTPS', async () => {
  const one = await world();
  const desired = wanting(
    { certificates: [desiredOf(room, 'service', ['HTTPS'])] },
    { tls: { mode: 'pin', fingerprint256: null } },
  );
  const plan = await one.plan(desired);
  expect(plan.changes).toEqual([]);
  expect(plan.problems).toEqual([
    { path: expect.stringMatching(/^Certificate\[service /), message: expect.stringContaining('tls: ca') },
  ]);
  expect(await one.apply(desired)).toEqual([]);
});

test('a file without a certificate is a problem, and takes nothing off the device', async () => {
  const one = await world();
  await one.apply(wanting({ certificates: [desiredOf(ca, 'ca')] }));
  const broken = { ...desiredOf(ca, 'ca'), pem: 'nothing of the kind' };
  expect(await one.plan(wanting({ certificates: [broken] }))).toMatchObject({
    changes: [],
    problems: [{ message: 'the file holds no certificate' }],
  });
});

function sha1({ pem }: DeviceCertificate): string {
  return new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase();
}
