import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { diskFiles, RecordedFiles, snapshotFiles } from '../../src/fleet/file/fleet-files.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { macroSection } from '../../src/macros/macro.ts';
import { lines, loadText, PW, type TestFiles } from './load-text.ts';

const MAIN = `version: 1
include: [sites/*.yaml]
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults: { credentials: roomd }
devices:
  - { name: lobby, host: 10.0.0.1, profiles: [big] }
`;
const OSLO = `profiles:
  big: { configuration: { Audio.DefaultVolume: 70 } }
devices:
  - { name: oslo-1, host: 10.0.1.1, profiles: [big] }
  - name: oslo-2
    host: 10.0.1.2
`;
const BERGEN = `version: 1
devices:
  - { name: bergen-1, host: 10.0.2.1 }
macros:
  - { name: sleep, devices: bergen-1, steps: [{ command: { path: Standby.Activate } }] }
`;
const TWO_SITES = { '/etc/roomd/sites/oslo.yaml': OSLO, '/etc/roomd/sites/bergen.yaml': BERGEN };

const load = (text: string, files: TestFiles) => loadText(text, { env: PW, files, sections: [macroSection] });

describe('a fleet in several files', () => {
  test('is one fleet: lists behind one another, names beside one another', async () => {
    const { fleet, problems } = await load(MAIN, TWO_SITES);
    expect(problems).toEqual([]);
    expect(fleet?.devices.map(({ name }) => name)).toEqual(['lobby', 'bergen-1', 'oslo-1', 'oslo-2']);
    expect(fleet?.devices[0]?.configuration.get('Audio.DefaultVolume')?.origin.place).toEqual({
      file: '/etc/roomd/sites/oslo.yaml',
      line: 2,
      column: 48,
    });
    expect(fleet?.sections.get('macros')).toMatchObject([{ name: 'sleep' }]);
    expect(fleet?.sources).toEqual([
      '/etc/roomd/fleet.yaml',
      '/etc/roomd/sites/bergen.yaml',
      '/etc/roomd/sites/oslo.yaml',
    ]);
    expect(fleet?.sourceFolders).toEqual(['/etc/roomd/sites']);
  });

  test('has every mistake told at its own place, whatever file it stands in', async () => {
    const loaded = await load(MAIN.replace('host: 10.0.0.1', 'hots: 10.0.0.1'), {
      '/etc/roomd/sites/oslo.yaml': OSLO.replace('10.0.1.2', '10.0.1.300').replace('70', ''),
      '/etc/roomd/sites/bergen.yaml':
        `${BERGEN.replace('10.0.2.1', '10.0.1.1').replace('devices: bergen-1', 'devices: bergen-9')}  - { name: lobby, host: 10.0.2.2 }\n`.replace(
          /macros:\n.*\n/,
          '',
        ),
    });
    expect(lines(loaded)).toEqual([
      '6:5 devices[0].host: "host" is missing. Write for example host: 10.0.3.11',
      '6:20 devices[0].hots: "hots" is not known here. Did you mean "host"?',
      'sites/bergen.yaml:4:13 devices[1].name: the name "lobby" is taken by the device in 6:13.',
      expect.stringContaining(
        'sites/oslo.yaml:2:27 profiles.big.configuration["Audio.DefaultVolume"]: this setting has no value',
      ),
      'sites/oslo.yaml:4:27 devices[0].host: 10.0.1.1:443 is the address of bergen-1 in sites/bergen.yaml:3:29, too.',
      'sites/oslo.yaml:6:11 devices[1].host: "10.0.1.300" is no IPv4 address: four numbers up to 255 with dots between them.',
    ]);
  });

  test.each([
    ['include: [none.yaml]', {}, '2:11 include: /etc/roomd/none.yaml cannot be read: there is no such file.'],
    [
      'include: [none/*.yaml]',
      {},
      '2:11 include: no file fits none/*.yaml; mend the path, or take this line out.',
    ],
    ['include: a.yaml', {}, '2:10 include: a list of files is expected here.'],
    ['include: [~]', {}, '2:11 include[0]: the path of a file is expected here'],
    [
      'include: [a.yaml, ./a.yaml]',
      { 'a.yaml': 'devices: []' },
      '2:19 include: /etc/roomd/a.yaml is included twice: the first time in 2:11. Keep one of the two.',
    ],
    [
      'include: [a.yaml]',
      { 'a.yaml': 'include: [b/b.yaml]', 'b/b.yaml': 'devices: []\ninclude: [../a.yaml]' },
      'b/b.yaml:2:11 include: this includes /etc/roomd/a.yaml, which includes this file (a.yaml:1:11); a file cannot be part of itself.',
    ],
    [
      'include: [fleet.yaml]',
      {},
      '2:11 include: /etc/roomd/fleet.yaml includes itself here; take this line out.',
    ],
    [
      'include: [a.yaml]',
      { 'a.yaml': 'profiles: { big: {} }' },
      'a.yaml:1:13 profiles.big: "big" stands in 3:13, too. Keep one of them.',
    ],
    [
      'include: [a.yaml]',
      { 'a.yaml': 'profiles: []' },
      'a.yaml:1:1 profiles: "profiles" is a list here and names with values in 3:1; write both alike.',
    ],
    [
      'include: [a.yaml]',
      { 'a.yaml': 'credentials: { other: { username: a, password: b } }' },
      'a.yaml:1:1 credentials: "credentials" stands in the fleet file itself, /etc/roomd/fleet.yaml, and nowhere else',
    ],
    ['include: [a.yaml]', { 'a.yaml': 'version: 2' }, 'a.yaml:1:10 version: this file has version 2'],
    [
      'include: [a.yaml]',
      { 'a.yaml': '- devices' },
      'a.yaml:1:1: a fleet file holds names with values at its top',
    ],
    ['include: [a.yaml]', { 'a.yaml': 'devices: [' }, 'a.yaml:1:11: this line is not indented'],
    [
      'include: [a.yaml]',
      { 'a.yaml': 'device: []' },
      'a.yaml:1:1 device: "device" is not known here. Did you mean "devices"?',
    ],
  ])('%s with %j gets a sentence that names the places', async (include, files, expected) => {
    const text = `version: 1\n${include}\nprofiles: { big: {} }\ndevices: []\n`;
    const absolute = Object.fromEntries(
      Object.entries(files).map(([path, content]) => [`/etc/roomd/${path}`, content]),
    );
    const loaded = await load(text, absolute);
    expect(loaded.fleet).toBeNull();
    const told = lines(loaded).filter((line) => !line.includes(': warning: '));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(expected.replaceAll('/etc/roomd/', ''));
  });

  test('with a broken file has the mistakes of the others told, and none that the broken one may explain', async () => {
    const loaded = await load(MAIN.replace('10.0.0.1', '10.0.0.300'), {
      ...TWO_SITES,
      '/etc/roomd/sites/oslo.yaml': 'profiles: [',
    });
    expect(lines(loaded)).toEqual([
      expect.stringContaining('6:26 devices[0].host: "10.0.0.300" is no IPv4 address'),
      expect.stringContaining('sites/oslo.yaml:1:12: this line is not indented'),
    ]);
    expect(loaded.sources).toContain('/etc/roomd/sites/oslo.yaml');
    const withoutDevices = await load('version: 1\ninclude: [a.yaml]\n', {});
    expect(lines(withoutDevices)).toEqual(['2:11 include: a.yaml cannot be read: there is no such file.']);
    expect(
      lines(await load('version: 1\ninclude: [a.yaml]\n', { '/etc/roomd/a.yaml': 'profiles: {}' })),
    ).toEqual([expect.stringContaining('1:1 devices: "devices" is missing.')]);
  });

  test('reads secrets and certificates beside the file that names them', async () => {
    const { fleet, problems } = await load(MAIN.replace('sites/*.yaml', 'sites/oslo.yaml'), {
      '/etc/roomd/sites/oslo.yaml': OSLO.replace('70', '"${file:volume}"').replace(
        '    host: 10.0.1.2',
        '    host: 10.0.1.2\n    tls: { ca: ca.pem }',
      ),
      '/etc/roomd/sites/volume': '55\n',
    });
    expect(problems).toEqual([]);
    const value = fleet?.devices[0]?.configuration.get('Audio.DefaultVolume')?.value;
    expect(typeof value === 'object' ? value.reveal() : value).toBe('55');
    expect(fleet?.devices[2]?.tls).toEqual({ mode: 'ca', caFile: '/etc/roomd/sites/ca.pem' });
  });

  test('is found by patterns on the disk, and loads again from what was read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'roomd-include-'));
    try {
      await mkdir(join(folder, 'sites/north/deep'), { recursive: true });
      await writeFile(
        join(folder, 'fleet.yaml'),
        MAIN.replace('sites/*.yaml', '"sites/**/*.yaml"').replace(', profiles: [big]', ''),
      );
      await writeFile(join(folder, 'sites/a.yaml'), 'devices: [{ name: a, host: 10.0.1.1 }]');
      await writeFile(join(folder, 'sites/.hidden.yaml'), 'devices: [');
      await writeFile(join(folder, 'sites/a.txt'), 'devices: [');
      await writeFile(join(folder, 'sites/north/deep/b.yaml'), 'devices: [{ name: b, host: 10.0.1.2 }]');
      const files = new RecordedFiles(diskFiles);
      const options = { secrets: secretSource(PW), sections: [] };
      const { fleet, problems } = await loadFleet(join(folder, 'fleet.yaml'), { ...options, files });
      expect(problems).toEqual([]);
      expect(fleet?.devices.map(({ name }) => name)).toEqual(['lobby', 'a', 'b']);
      expect(fleet?.sourceFolders).toEqual(
        ['', '/north', '/north/deep'].map((inner) => `${folder}/sites${inner}`),
      );
      const kept = snapshotFiles(JSON.parse(JSON.stringify(files.snapshot())));
      await rm(join(folder, 'sites'), { recursive: true });
      expect((await loadFleet(join(folder, 'fleet.yaml'), options)).fleet).toBeNull();
      const again = await loadFleet(join(folder, 'fleet.yaml'), { ...options, files: kept });
      expect(again.fleet?.fingerprint).toBe(fleet?.fingerprint);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

const profile = (index: number) => ({ configuration: { 'Standby.Delay': String(index) } });

test('a fleet cut into files anywhere is the fleet that it was', async () => {
  const device = fc.record({
    volume: fc.integer({ min: 0, max: 100 }),
    profile: fc.constantFrom('a', 'b', 'c'),
    file: fc.integer({ min: 0, max: 3 }),
  });
  const profileFiles = fc.tuple(...['a', 'b', 'c'].map(() => fc.integer({ min: 0, max: 3 })));
  await fc.assert(
    fc.asyncProperty(
      fc.array(device, { minLength: 1, maxLength: 12 }),
      profileFiles,
      async (devices, where) => {
        const entries = devices.map(({ volume, profile: name, file }, index) => ({
          file,
          entry: {
            name: `d${index}`,
            host: `10.0.0.${index + 1}`,
            profiles: [name],
            configuration: { 'Audio.DefaultVolume': String(volume) },
          },
        }));
        const top = {
          version: 1,
          credentials: { roomd: { username: 'a', password: '${env:PW}' } },
          defaults: { credentials: 'roomd' },
        };
        const part = (file: number) => ({
          profiles: Object.fromEntries(
            ['a', 'b', 'c'].flatMap((name, index) => (where[index] === file ? [[name, profile(index)]] : [])),
          ),
          devices: entries.filter((one) => one.file === file).map(({ entry }) => entry),
        });
        const whole = await loadText(
          stringify({
            ...top,
            profiles: { a: profile(0), b: profile(1), c: profile(2) },
            devices: entries.map(({ entry }) => entry),
          }),
          { env: PW },
        );
        const cut = await loadText(
          stringify({ ...top, include: ['1.yaml', '2.yaml', '3.yaml'], ...part(0) }),
          {
            env: PW,
            files: Object.fromEntries(
              [1, 2, 3].map((file) => [`/etc/roomd/${file}.yaml`, stringify(part(file))]),
            ),
          },
        );
        expect(cut.fleet?.fingerprint).toBe(whole.fleet?.fingerprint);
        expect(cut.fleet).not.toBeNull();
        expect(cut.problems.length).toBe(whole.problems.length);
      },
    ),
    { seed: 20261123, numRuns: 40 },
  );
});

test('5,000 devices in 100 files with layers and profiles load within seconds', async () => {
  const files: Record<string, string> = {};
  for (let site = 0; site < 100; site += 1) {
    const devices = Array.from(
      { length: 50 },
      (_, n) =>
        `  - name: s${site}-${n}\n    host: 10.${site}.${n}.1\n    profiles: [big]\n    tags: { site: s${site} }\n    configuration: { SystemUnit.Name: Room ${n} }\n`,
    );
    files[`/etc/roomd/sites/${site}.yaml`] =
      `layers:\n  - name: s${site}\n    devices: site=s${site}\n    configuration: { Time.Zone: Europe/Oslo }\ndevices:\n${devices.join('')}`;
  }
  const settings = Array.from({ length: 57 }, (_, n) => `Group${n}.Setting: On`).join(', ');
  const started = performance.now();
  const { fleet, problems } = await loadText(
    `version: 1\ninclude: [sites/*.yaml]\ncredentials: { roomd: { username: a, password: "\${env:PW}" } }\ndefaults: { credentials: roomd}\nprofiles: { big: { configuration: { ${settings} } } }\n`,
    { env: PW, files },
  );
  expect(problems).toEqual([]);
  expect(fleet?.devices).toHaveLength(5000);
  expect(fleet?.devices[4999]?.configuration.size).toBe(59);
  // About two seconds on an idle machine; the bound only catches what grows faster than the files.
  expect(performance.now() - started).toBeLessThan(14_000);
});
