import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadFleet } from '../../src/fleet/load.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { type Section, sectionOf } from '../../src/fleet/section.ts';
import { fleetText, lines, loadText, PW } from './load-text.ts';

describe('a plain file', () => {
  test('becomes a fleet with everything that it leaves out', async () => {
    const { fleet, problems } = await loadText(fleetText(), { env: PW });
    expect(problems).toEqual([]);
    expect(fleet?.file).toBe('/etc/roomd/fleet.yaml');
    expect(fleet?.daemon).toEqual({
      mode: 'observe',
      listen: '127.0.0.1:8080',
      tls: null,
      trustProxy: [],
      feedback: { listen: '0.0.0.0:8443', publicUrl: null, tls: null, tokenLifeMs: null, postsPerSecond: 20 },
      sessions: { leaveFree: 5 },
      databaseFile: '/etc/roomd/data/roomd.db',
      retentionMs: {
        events: 30 * 86_400_000,
        presence: 400 * 86_400_000,
        calls: 400 * 86_400_000,
        bookings: 400 * 86_400_000,
        sensors: 30 * 86_400_000,
        spans: 400 * 86_400_000,
        utilisation: 1095 * 86_400_000,
      },
      metrics: { mostDevices: 500 },
      cors: [],
      tokens: [],
      signIn: { idleMs: 43_200_000, mostMs: 604_800_000 },
      timing: {
        sweepMs: 900_000,
        driftMs: 600_000,
        slotCheckMs: 300_000,
        connectMs: 10_000,
        requestMs: 30_000,
        pingMs: 10_000,
        retryFirstMs: 1000,
        retryMostMs: 300_000,
        upgradeMs: 3_600_000,
      },
    });
    const [device] = fleet?.devices ?? [];
    expect(device).toMatchObject({
      name: 'one',
      place: { file: '/etc/roomd/fleet.yaml', line: 7, column: 11 },
      host: '10.0.0.1',
      port: 443,
      kind: null,
      formerly: null,
      credential: 'roomd',
      username: 'admin',
      tls: { mode: 'pin', fingerprint256: null },
      timezone: 'UTC',
      tags: {},
      protected: false,
      feedback: { expressions: [], format: 'XML', slot: null },
    });
    expect(device?.password.reveal()).toBe(PW.PW);
  });

  test('is read from the disk, its database beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'roomd-load-'));
    try {
      const file = join(folder, 'fleet.yaml');
      await writeFile(file, `\uFEFF${fleetText().replaceAll('\n', '\r\n')}`);
      const { fleet } = await loadFleet(file, { secrets: secretSource(PW), sections: [] });
      expect(fleet?.daemon.databaseFile).toBe(join(folder, 'data/roomd.db'));
      await writeFile(file, Buffer.from([0x61, 0xff, 0xfe]));
      const bad = await loadFleet(file, { secrets: secretSource(PW), sections: [] });
      expect(bad.problems[0]?.message).toContain('it is not UTF-8 text');
      const none = await loadFleet(join(folder, 'none.yaml'), { secrets: secretSource(PW), sections: [] });
      expect(none.problems[0]?.message).toContain('there is no such file');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('keeps texts as they are written', async () => {
    const { fleet } = await loadText(
      `version: 1
credentials: { 1: { username: 007, password: 0123 } }
defaults: { credentials: 1 }
devices: [{ name: 101, host: 10.0.0.1, tags: { floor: 03, open: True } }]
calls: { allow: [+4722000000] }
`,
    );
    expect(fleet?.devices[0]).toMatchObject({
      name: '101',
      username: '007',
      tags: { floor: '03', open: 'True' },
    });
    expect(fleet?.devices[0]?.password.reveal()).toBe('0123');
    expect(fleet?.calls.allow).toEqual(['+4722000000']);
  });

  test('takes anchors, aliases and merge keys', async () => {
    const { fleet, problems } = await loadText(
      `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
profiles:
  base: &base
    credentials: roomd
    configuration: &settings { A.B: 1, A.C: 2 }
  other:
    <<: *base
    configuration: { <<: *settings, A.C: 3 }
devices:
  - { name: one, host: 10.0.0.1, profiles: [base] }
  - { name: two, host: 10.0.0.2, profiles: [other] }
`,
      { env: PW },
    );
    expect(problems).toEqual([]);
    const values = fleet?.devices.map(({ configuration }) =>
      [...configuration.values()].map(({ path, value }) => `${path}=${String(value)}`).sort(),
    );
    expect(values).toEqual([
      ['A.B=1', 'A.C=2'],
      ['A.B=1', 'A.C=3'],
    ]);
  });

  test('is frozen once loaded', async () => {
    const { fleet } = await loadText(fleetText({ device: '    configuration: { A.B: 1 }' }), { env: PW });
    expect(fleet).not.toBeNull();
    for (const part of [
      fleet,
      fleet?.daemon.timing,
      fleet?.devices,
      fleet?.devices[0]?.configuration.get('A.B'),
    ])
      expect(Object.isFrozen(part)).toBe(true);
  });
});

describe('warnings', () => {
  test('do not keep a fleet from loading, and stand in it', async () => {
    const loaded = await loadText(
      `version: 1
daemon: { mode: enforce }
credentials: { roomd: { username: admin, password: secret }, spare: { username: a, password: "\${env:PW}" } }
defaults: { credentials: roomd, tls: insecure, feedback: { expressions: [/Status/Call] } }
profiles: { unused: {} }
devices: [{ name: one, host: 10.0.0.1, configuration: { SNMP.CommunityName: public } }]
`,
      { env: PW },
    );
    expect(loaded.fleet?.warnings).toEqual(loaded.problems);
    expect(lines(loaded).map((line) => line.replace(/ [^ ]+: warning: /, ' '))).toEqual([
      expect.stringContaining('3:52 this password stands in the file'),
      expect.stringContaining('3:62 nothing uses the credential "spare"'),
      expect.stringContaining('4:38 with tls: insecure'),
      expect.stringContaining('daemon.feedback.publicUrl is missing'),
      expect.stringContaining('5:13 no device has the profile "unused"'),
      expect.stringContaining('6:77 this secret stands in the file'),
    ]);
  });

  test('tell of an empty fleet', async () => {
    expect(lines(await loadText('version: 1\ndevices: []\n'))).toEqual([
      '2:1 devices: warning: there are no devices yet.',
    ]);
  });
});

describe('the command line', () => {
  test('wins over the file', async () => {
    const { fleet } = await loadText(fleetText(), {
      env: PW,
      overrides: {
        mode: 'enforce',
        listen: '127.0.0.1:0',
        feedbackListen: '127.0.0.1:1',
        publicUrl: 'http://127.0.0.1:1/',
        database: '/tmp/x.db',
      },
    });
    expect(fleet?.daemon).toMatchObject({
      mode: 'enforce',
      listen: '127.0.0.1:0',
      feedback: { listen: '127.0.0.1:1', publicUrl: 'http://127.0.0.1:1' },
      databaseFile: '/tmp/x.db',
    });
  });

  test('is judged like the file', async () => {
    const loaded = await loadText(fleetText(), {
      env: PW,
      overrides: { mode: 'watch', listen: '0.0.0.0:80', publicUrl: 'x' },
    });
    expect(lines(loaded)).toEqual([
      '--mode: "watch" is not one of: observe, enforce.',
      '--public-url: "x" is no URL: write for example https://rooms.example.com:8443.',
      expect.stringContaining('--listen: warning: the API speaks plain HTTP to the network'),
    ]);
  });
});

async function fingerprintOf(text: string, key = 'k'): Promise<string | undefined> {
  return (await loadText(text, { env: PW, fingerprintKey: key })).fleet?.fingerprint;
}

describe('the fingerprint', () => {
  test('is the same for two spellings of one fleet', async () => {
    const dotted = await fingerprintOf(fleetText({ device: '    configuration: { A.B.C: 1, A.B.D: 2 }' }));
    const tree = await fingerprintOf(
      fleetText({ defaults: '  tags: { x: y }', device: '    configuration: { A: { B: { D: 2, C: 1 } } }' }),
    );
    expect(dotted).toMatch(/^[0-9a-f]{64}$/);
    expect(tree).toBe(dotted);
  });

  test('tells values, secrets and their key apart', async () => {
    const prints = await Promise.all([
      fingerprintOf(fleetText()),
      fingerprintOf(fleetText({ device: '    configuration: { A.B.C: 1 }' })),
      fingerprintOf(fleetText({ device: '    configuration: { A.Password: x }' })),
      fingerprintOf(fleetText({ device: '    configuration: { A.Password: y }' })),
      fingerprintOf(fleetText({ device: '    configuration: { A.Password: y }' }), 'other'),
      fingerprintOf(fleetText({ device: '    protected: true' })),
    ]);
    expect(new Set(prints).size).toBe(6);
  });
});

describe('a section of another slice', () => {
  const rooms: Section<{ name: string; level: number }[]> = {
    key: 'chores',
    schema: z.array(z.strictObject({ name: z.string(), level: z.number() })),
    check: (chores, fleet, locate) =>
      chores.flatMap(({ name }, index) =>
        fleet.devices.some((device) => device.name === name)
          ? []
          : [
              {
                severity: 'error',
                place: locate([index, 'name']),
                path: `chores[${index}].name`,
                message: `no device is named ${name}.`,
              },
            ],
      ),
  };
  const sections = [rooms as Section<unknown>];

  test('is read by its own schema, numbers as numbers and texts as texts', async () => {
    const { fleet } = await loadText(fleetText({ top: 'chores: [{ name: one, level: 012 }]' }), {
      env: PW,
      sections,
    });
    expect(fleet === null ? null : sectionOf(fleet, rooms)).toEqual([{ name: 'one', level: 12 }]);
  });

  test('has its mistakes told beside those of the rest', async () => {
    const loaded = await loadText(
      fleetText({ device: '    kind: boards', top: 'chores:\n  - { name: two, level: 1 }' }),
      { env: PW, sections },
    );
    expect(lines(loaded)).toEqual([
      expect.stringContaining('9:11 devices[0].kind'),
      '11:13 chores[0].name: no device is named two.',
    ]);
    const misread = await loadText(fleetText({ top: 'chores: [{ nam: one, level: x }]' }), {
      env: PW,
      sections,
    });
    expect(lines(misread).join('\n')).toContain('"nam" is not known here. Did you mean "name"?');
    expect(lines(misread).join('\n')).toContain('chores[0].level: a number is expected here');
  });
});

test('secrets show nowhere in a fleet or its problems', async () => {
  const text = `version: 1
credentials:
  roomd: { username: admin, password: "pre-\${env:PW}" }
  plain: { username: admin, password: hunter2-plain }
defaults: { credentials: roomd, configuration: { SIP.Authentication.Password: sip-plain, A.B: "\${env:PW}" } }
devices: [{ name: one, host: 10.0.0.1, credentials: plain, configuration: { A.B: "x\${env:PW}" } }]
notifiers: { ops: { webex: { roomId: r, token: "\${env:PW}" } } }
`;
  const good = await loadText(text, { env: PW });
  expect(good.fleet?.devices[0]?.configuration.get('A.B')?.origin.shown).toBe('[secret]');
  const bad = await loadText(`${text}hosts: []\n`, { env: PW });
  expect(bad.fleet).toBeNull();
  for (const loaded of [good, bad]) {
    const maps = loaded.fleet?.devices.map(({ configuration }) => [...configuration]);
    const printed =
      inspect(loaded, { depth: 20 }) + JSON.stringify(loaded) + JSON.stringify(maps) + inspect(maps);
    for (const secret of [PW.PW, 'hunter2-plain', 'sip-plain']) expect(printed).not.toContain(secret);
  }
});

test('5,000 devices with 10 settings each load within seconds', async () => {
  const settings = Array.from({ length: 10 }, (_, n) => `      Group${n}.Setting: On\n`).join('');
  const devices = Array.from(
    { length: 5000 },
    (_, n) => `  - name: room-${n}\n    host: 10.${n >> 8}.${n & 255}.1\n    configuration:\n${settings}`,
  ).join('');
  const started = performance.now();
  const { fleet } = await loadText(
    `version: 1\ncredentials: { roomd: { username: a, password: "\${env:PW}" } }\ndefaults: { credentials: roomd }\ndevices:\n${devices}`,
    { env: PW },
  );
  expect(fleet?.devices).toHaveLength(5000);
  // Two seconds on an idle machine; the bound only catches what grows faster than the file.
  expect(performance.now() - started).toBeLessThan(14_000);
});
