import { describe, expect, test } from 'vitest';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { Secret } from '../../src/lib/secret.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import { fleetText, lines, loadText, NOW, PNG, PW, type TestFiles } from './load-text.ts';

const DAY = 86_400_000;
/** Certificates of the simulator are valid from 30 days before `now` to 3,650 days after. */
const LIFE = 3_650 * DAY;

const keys = newKeyPair();
const good = selfSign(keys, { commonName: 'room', now: NOW });
const authority = selfSign(newKeyPair(), { commonName: 'authority', now: NOW });
const expired = selfSign(newKeyPair(), { commonName: 'old', now: NOW - LIFE - DAY });
const ending = selfSign(newKeyPair(), { commonName: 'ending', now: NOW - LIFE + 12 * DAY });

const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 4, 5]);

const panel = (id: string, name = 'x'): string =>
  `<?xml version="1.0"?><Extensions><Version>1.11</Version><Panel><PanelId>${id}</PanelId><Name>${name}</Name></Panel></Extensions>`;

const FILES: TestFiles = Object.fromEntries(
  Object.entries({
    'help.xml': panel('help'),
    'help-2.xml': panel('help', 'another'),
    'lights.xml': panel('lights'),
    'lights.js': 'import xapi from "xapi";\n',
    'blinds.js': '// blinds\n',
    'a.png': PNG,
    'a.jpg': JPEG,
    'room.pem': good.pem,
    'room.key': good.keyPem,
    'ca.pem': authority.pem,
    'both.pem': authority.pem + good.pem,
    'expired.pem': expired.pem,
    'ending.pem': ending.pem,
    'no-id.xml': '<Extensions><Panel><Name>x</Name></Panel></Extensions>',
    'two.xml': '<Extensions><Panel/><Panel/></Extensions>',
    'none.xml': '<Extensions/>',
    'panel.xml': '<Panel><PanelId>a</PanelId></Panel>',
    'broken.xml': '<Extensions><Panel></Extensions>',
    'doctype.xml': '<!DOCTYPE x><Extensions/>',
    'latin.xml': Uint8Array.from([0x3c, 0xe6, 0x3e]),
    'empty.js': '\n',
    'my macro.js': '// x',
    'big.js': '/'.repeat(2000),
    'a.gif': 'GIF89a',
    'nothing.pem': 'hello',
    'garbage.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'locked.key': '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
    'old-locked.key':
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AA\n\nAAAA\n-----END RSA PRIVATE KEY-----\n',
  }).map(([name, content]) => [`/etc/roomd/${name}`, content]),
);

const at = (line: number, column: number) => ({ file: '/etc/roomd/fleet.yaml', line, column });

const load = (text: string) => loadText(text, { env: PW, files: FILES });

const limited = (limit: string): string =>
  fleetText({ device: '    deviceMacros: [big.js]', top: `daemon: { limits: { deviceMacro: ${limit} } }` });

async function deviceOf(text: string): Promise<DesiredDevice> {
  const { fleet, problems } = await load(text);
  const [device] = fleet?.devices ?? [];
  if (device === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  return device;
}

describe('content', () => {
  test('is absent where no layer names any', async () => {
    expect(await deviceOf(fleetText())).not.toHaveProperty('content');
  });

  test('is read from its files', async () => {
    const { content } = await deviceOf(
      fleetText({
        device: `    panels: [help.xml]
    deviceMacros: [lights.js, { file: blinds.js, name: shades, active: false }]
    branding: { background: a.png, logo: a.jpg, halfwakeBackground: a.png, halfwakeLogo: a.png }
    certificates: { ca: [ca.pem], service: [{ cert: room.pem, key: room.key, purposes: [HTTPS, SIP] }] }
    software: { version: ce11.27.2.0, url: https://files.example.com/a.pkg }
    prune: all`,
      }),
    );
    expect(content?.panels).toEqual([{ id: 'help', xml: panel('help'), place: at(9, 14) }]);
    expect(content?.deviceMacros).toEqual([
      { name: 'lights', source: 'import xapi from "xapi";\n', active: true, place: at(10, 20) },
      { name: 'shades', source: '// blinds\n', active: false, place: at(10, 39) },
    ]);
    expect(content?.branding.map(({ type, base64 }) => [type, base64])).toEqual([
      ['Background', Buffer.from(PNG).toString('base64')],
      ['Branding', Buffer.from(JPEG).toString('base64')],
      ['HalfwakeBackground', Buffer.from(PNG).toString('base64')],
      ['HalfwakeBranding', Buffer.from(PNG).toString('base64')],
    ]);
    const [ca, service] = content?.certificates ?? [];
    expect(ca).toMatchObject({
      kind: 'ca',
      pem: authority.pem,
      fingerprint256: authority.fingerprint256,
      purposes: [],
    });
    expect(service).toMatchObject({
      kind: 'service',
      fingerprint256: good.fingerprint256,
      purposes: ['HTTPS', 'SIP'],
    });
    expect(service?.expiresAt).toBe(NOW + LIFE);
    expect(service?.pem instanceof Secret ? service.pem.reveal() : '').toBe(good.pem + good.keyPem);
    expect(content?.software).toMatchObject({ version: '11.27.2.0', url: 'https://files.example.com/a.pkg' });
    expect(content?.prune).toBe('all');
  });

  test('of layers adds up, and of two with one id the nearest wins', async () => {
    const text = fleetText({
      defaults: `  panels: [help.xml, lights.xml]
  deviceMacros: [lights.js]
  branding: { background: a.png, logo: a.png }
  certificates: { ca: [both.pem], service: [{ cert: room.pem, key: room.key, purposes: [HTTPS, SIP] }] }
  software: { version: 26.4.1 }`,
      device: `    profiles: [p]
    panels: [help-2.xml]
    deviceMacros: [{ file: lights.js, active: false }, blinds.js]
    branding: { logo: a.jpg }`,
      top: `profiles:
  p: { certificates: { ca: [ca.pem], service: [{ cert: room.pem, key: room.key, purposes: [SIP] }] }, prune: own }`,
    });
    const { content } = await deviceOf(text);
    expect(content?.panels.map(({ id, xml }) => [id, xml.includes('another')])).toEqual([
      ['help', true],
      ['lights', false],
    ]);
    expect(content?.deviceMacros.map(({ name, active }) => [name, active])).toEqual([
      ['lights', false],
      ['blinds', true],
    ]);
    expect(content?.branding.map(({ type, place }) => [type, place.line])).toEqual([
      ['Background', 7],
      ['Branding', 16],
    ]);
    expect(content?.certificates.map(({ kind, purposes, place }) => [kind, purposes, place.line])).toEqual([
      ['ca', [], 18],
      ['ca', [], 8],
      ['service', ['SIP'], 18],
      ['service', ['HTTPS'], 8],
    ]);
    expect(content?.software?.version).toBe('26.4.1');
  });

  test('counts in the fingerprint, the key of a certificate by its keyed fingerprint', async () => {
    const texts = [
      '',
      '    panels: [help.xml]',
      '    panels: [help-2.xml]',
      '    deviceMacros: [lights.js]',
      '    deviceMacros: [{ file: lights.js, active: false }]',
      '    branding: { logo: a.png }',
      '    certificates: { ca: [ca.pem] }',
      '    software: { version: 26.4.1 }',
      '    prune: all',
    ];
    const prints = await Promise.all(
      texts.map(async (device) => (await load(fleetText({ device }))).fleet?.fingerprint),
    );
    expect(new Set(prints).size).toBe(texts.length);
    expect(prints).not.toContain(undefined);
  });

  test('names its files among the sources, and never prints a key', async () => {
    const { fleet } = await load(
      fleetText({
        device: `    panels: [help.xml]\n    certificates: { service: [{ cert: room.pem, key: room.key, purposes: [HTTPS] }] }`,
      }),
    );
    expect([...(fleet?.sources ?? [])].sort()).toEqual(
      ['fleet.yaml', 'help.xml', 'room.key', 'room.pem'].map((name) => `/etc/roomd/${name}`),
    );
    expect(JSON.stringify(fleet?.devices)).not.toContain(good.keyPem.split('\n')[1]);
  });

  test.each([
    [
      'panels: [absent.xml]',
      '9:14 devices[0].panels[0]: the panel absent.xml of device one cannot be read: there is no such file (absent.xml).',
    ],
    ['panels: [broken.xml]', 'the panel broken.xml of device one is not well-formed: line 1:'],
    ['panels: [doctype.xml]', 'is refused: line 1: a DOCTYPE is not accepted'],
    ['panels: [latin.xml]', 'is not UTF-8 text; save it as UTF-8.'],
    ['panels: [two.xml]', 'holds 2 panels, and exactly one is expected; give each panel a file of its own.'],
    ['panels: [none.xml]', 'holds 0 panels'],
    ['panels: [no-id.xml]', 'has no <PanelId> in its <Panel>'],
    ['panels: [panel.xml]', 'begins with <Panel>, and <Extensions> is expected'],
    [
      'panels: [help.xml, help-2.xml]',
      '9:24 devices[0].panels[1]: the panel help-2.xml of device one is the panel "help", which is named on line 9, too',
    ],
    ['deviceMacros: [empty.js]', 'the device macro empty.js of device one is empty'],
    ['deviceMacros: [my macro.js]', 'would be named "my macro" on the device'],
    [
      'deviceMacros: [{ file: lights.js, name: a b }]',
      '9:28 devices[0].deviceMacros[0].file: the device macro lights.js of device one would be named "a b"',
    ],
    ['deviceMacros: [{ fil: lights.js }]', 'Did you mean "file"?'],
    ['deviceMacros: [{ file: lights.js, active: yes }]', 'write true or false.'],
    [
      'deviceMacros: [lights.js, { file: blinds.js, name: lights }]',
      'is the device macro "lights", which is named on line 9, too',
    ],
    [
      'branding: { logo: a.gif }',
      '9:23 devices[0].branding.logo: the picture a.gif of device one is neither a PNG nor a JPEG picture',
    ],
    ['branding: { logos: a.png }', 'Did you mean "logo"?'],
    ['certificates: { ca: [nothing.pem] }', 'the certificate nothing.pem of device one holds no certificate'],
    ['certificates: { ca: [garbage.pem] }', 'holds a certificate that cannot be read'],
    [
      'certificates: { ca: [expired.pem] }',
      '9:26 devices[0].certificates.ca[0]: the certificate expired.pem of device one expired on 2026-11-22; get a new one, or take this line out.',
    ],
    [
      'certificates: { service: [{ cert: room.pem, key: locked.key, purposes: [SIP] }] }',
      'the private key locked.key of device one is locked by a passphrase',
    ],
    [
      'certificates: { service: [{ cert: room.pem, key: old-locked.key, purposes: [SIP] }] }',
      'is locked by a passphrase',
    ],
    [
      'certificates: { service: [{ cert: room.pem, key: room.pem, purposes: [SIP] }] }',
      'holds no private key',
    ],
    [
      'certificates: { service: [{ cert: ca.pem, key: room.key, purposes: [SIP] }] }',
      '9:52 devices[0].certificates.service[0].key: the private key room.key of device one does not belong to the certificate ca.pem',
    ],
    [
      'certificates: { service: [{ cert: room.pem, key: room.key, purposes: [https] }] }',
      'Did you mean "HTTPS"?',
    ],
    [
      'certificates: { service: [{ cert: room.pem, key: room.key, purposes: [] }] }',
      'name at least one, such as HTTPS',
    ],
    [
      'certificates: { service: [{ cert: room.pem, key: room.key, purposes: [SIP] }, { cert: room.pem, key: room.key, purposes: [SIP] }] }',
      'serves SIP, and so does the one on line 9; keep one.',
    ],
    ['software: { version: newest }', '"newest" is no software version'],
    ['software: { version: 26.4.1, url: ftp://x }', '"ftp://x" is no URL'],
    ['prune: some', '"some" is not one of: own, all.'],
  ])('%s gets a sentence that says whose it is, where and what to do', async (written, expected) => {
    const loaded = await load(fleetText({ device: `    ${written}` }));
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded).join('\n')).toContain(expected);
  });

  test('without its private key may be a warning, for what contacts nobody', async () => {
    const text = fleetText({
      device: '    certificates: { service: [{ cert: room.pem, key: absent.key, purposes: [SIP] }] }',
    });
    expect((await load(text)).fleet).toBeNull();
    const offline = await loadText(text, { env: PW, files: FILES, missingSecrets: 'warning' });
    expect(lines(offline)).toEqual([
      '9:54 devices[0].certificates.service[0].key: warning: the private key absent.key of device one cannot be read: there is no such file (absent.key).',
    ]);
    expect(offline.fleet?.devices[0]?.content?.certificates).toEqual([]);
  });

  test('that ends soon is a warning', async () => {
    const loaded = await load(fleetText({ defaults: '  certificates: { ca: [ending.pem] }' }));
    expect(lines(loaded)).toEqual([
      '5:24 defaults.certificates.ca[0]: warning: the certificate ending.pem of defaults expires on 2026-12-05, in 12 days; have it renewed.',
    ]);
  });

  test('has limits, which the file may set', async () => {
    expect((await load(limited('2KB'))).problems).toEqual([]);
    expect(lines(await load(limited('1KB')))).toEqual([
      '9:20 devices[0].deviceMacros[0]: the device macro big.js of device one has 2000 bytes, and 1024 are the limit; make it smaller (daemon.limits holds the limits).',
    ]);
    expect(lines(await load(limited('much'))).join('\n')).toContain(
      '"much" is no size: write a whole number and a unit',
    );
  });

  test('is shared by the devices of a profile, and told once where it is wrong', async () => {
    const devices = Array.from(
      { length: 50 },
      (_, n) => `  - { name: d${n}, host: 10.0.1.${n}, profiles: [p] }`,
    );
    const text = (file: string) =>
      `${fleetText()}${devices.join('\n')}\nprofiles: { p: { panels: [${file}] } }\n`;
    const { fleet } = await load(text('help.xml'));
    expect(fleet?.devices[50]?.content).toBe(fleet?.devices[1]?.content);
    expect(lines(await load(text('two.xml')))).toHaveLength(1);
  });
});
