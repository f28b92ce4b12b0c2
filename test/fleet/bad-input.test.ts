import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FLEET_TEMPLATE } from '../../src/fleet/template.ts';
import { macroSection } from '../../src/macros/macro.ts';
import { fleetText, lines, loadText, PW } from './load-text.ts';

const TEN_MISTAKES = `version: 1
credentials:
  roomd: { username: admin, password: "\${env:ROOM_PASSWORD}" }
defaults:
  credentials: romd
  timezone: Europe/Olso
  configuration:
    Standby.Control:
    Standby: { Delay: 10 }
    Standby.Delay: 20
  feedback: { slot: 3, expressions: [/Status] }
devices:
  - name: one
    hots: 10.0.0.1
  - name: two
    host: 10.0.0.300
    profiles: [bordroom]
`;

describe('a fleet file with many mistakes', () => {
  test('has each of them told in one run, at its place', async () => {
    const loaded = await loadText(TEN_MISTAKES);
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded).map((line) => line.split(': ')[0])).toEqual([
      '3:39 credentials.roomd.password',
      '5:16 defaults.credentials',
      '6:13 defaults.timezone',
      '8:5 defaults.configuration["Standby.Control"]',
      '10:5 defaults.configuration["Standby.Delay"]',
      '11:21 defaults.feedback.slot',
      '11:38 defaults.feedback.expressions[0]',
      '13:5 devices[0].host',
      '14:5 devices[0].hots',
      '16:11 devices[1].host',
      '17:16 devices[1].profiles[0]',
    ]);
    const text = lines(loaded).join('\n');
    expect(text).toContain('the environment variable ROOM_PASSWORD is not set');
    expect(text).toContain('there is no credential "romd". Did you mean "roomd"?');
    expect(text).toContain('Did you mean "Europe/Oslo"?');
    expect(text).toContain('the first time on line 9, column 23');
    expect(text).toContain('"hots" is not known here. Did you mean "host"?');
    expect(text).toContain('There is nothing under profiles.');
  });

  test.each([
    ['', '1:1: the file is empty; `roomd init`'],
    ['# nothing but a comment\n', '1:1: the file is empty'],
    ['- version: 1\n', '1:1: a fleet file holds names with values at its top'],
    [
      'version: 1\nversion: 1\ndevices: []\n',
      '2:1 version: "version" stands here twice; the first is on line 1.',
    ],
    ['version: 1\ndevices:\n\t- name: one\n', '3:1: a tab indents this line'],
    ['version: 1\ndevices: [\n', 'or a [ or { above is not closed'],
    ['version: 1\n---\nversion: 1\n', '2:1: a second YAML document begins here'],
    ['version: 1\ndevices: !list []\n', '2:10: a word that begins with ! is a YAML tag'],
    ['version: 1\ndevices: *none\n', '2:10 devices: this alias leads nowhere'],
    ['version: 1\ndevices: &a [*a]\n', 'it stands inside the very thing that it names'],
    ['devices: []\n', '"version" is missing; write "version: 1"'],
    ['version: one\ndevices: []\n', '1:10 version: the version of a fleet file is the number 1'],
    ['version: 1\n', 'devices: "devices" is missing.'],
    ['version: 1\ndevices:\n', '2:1 devices: "devices" has no value.'],
    [
      'version: 1\ndevices: { one: 1 }\n',
      '2:1 devices: a list (lines that begin with "- ") is expected here',
    ],
    ['version: 1\ndevices: []\ncredentials: [a]\n', '3:1 credentials: "credentials" takes names'],
    ['version: 1\ndevices: []\n__proto__: { a: 1 }\n', '"__proto__" cannot be a name.'],
    ['version: 1\ndevices: []\n? [a]\n: 1\n', 'a name is expected here, not a map'],
    ['version: 1\ndefaults: { Video.Connector[1].Mode: On }\n', 'a name with [ ] must stand in quotes'],
    ['version: 1\na: b: c\n', '2:4: a value stands where a name is expected'],
  ])('%j gets a sentence with its place', async (text, expected) => {
    const loaded = await loadText(text);
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded).join('\n')).toContain(expected);
  });

  test('a file of a later version gets one sentence, whatever else it holds', async () => {
    const loaded = await loadText('version: 2\nrooms: 5\n');
    expect(lines(loaded)).toEqual([
      '1:10 version: this file has version 2, which a later roomd reads; this one reads version 1.',
    ]);
  });

  test('a file that cannot be read is a problem, not an exception', async () => {
    const absent = await loadText('', {
      readFile: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOENT' })),
    });
    expect(absent.fleet).toBeNull();
    expect(lines(absent)[0]).toContain('cannot be read: there is no such file');
  });
});

describe('a hostile file', () => {
  test('that nests without end is refused', async () => {
    for (const text of ['['.repeat(20_000), '{a: '.repeat(20_000), '- '.repeat(20_000)]) {
      const loaded = await loadText(`version: 1\ndevices:\n  ${text}`);
      expect(lines(loaded).join('\n')).toContain('nested more than 64 levels deep');
    }
  });

  test('whose aliases multiply is refused', async () => {
    const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 10; level += 1)
      rows.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    const loaded = await loadText(`version: 1\n${rows.join('\n')}\n`);
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded).join('\n')).toContain('unfold to more than');
  });

  test('with anything changed anywhere gets an answer, never an exception', async () => {
    const scraps = [
      '',
      '\n',
      '  ',
      '\t',
      '- ',
      ': ',
      '[',
      ']',
      '{',
      '}',
      '*a',
      '&a ',
      '!x ',
      '"',
      "'",
      '|',
      '~',
      '7',
      '<<: ',
    ];
    const change = fc.record({
      at: fc.integer({ min: 0, max: FLEET_TEMPLATE.length }),
      removed: fc.nat({ max: 30 }),
      put: fc.constantFrom(...scraps),
    });
    const answers = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const text = changes.reduce(
        (text, { at, removed, put }) => text.slice(0, at) + put + text.slice(at + removed),
        FLEET_TEMPLATE,
      );
      const { fleet, problems } = await loadText(text, {
        env: { ROOMD_PASSWORD: 'x' },
        sections: [macroSection],
      });
      return (fleet === null) === problems.some(({ severity }) => severity === 'error');
    });
    expect((await fc.check(answers, { seed: 20261123, numRuns: 200 })).failed).toBe(false);
  });

  test('that is no text is refused', async () => {
    const loaded = await loadText('\u0000\u0001\u0002');
    expect(loaded.fleet).toBeNull();
  });
});

describe('a rule of the devices', () => {
  test.each([
    [
      '    kind: boards',
      '9:11 devices[0].kind: "boards" is not one of: board, room, desk. Did you mean "board"?',
    ],
    ['    protected: yes', '9:16 devices[0].protected: write true or false.'],
    ['    tls: pinn', 'Did you mean "pin"?'],
    ['    tls: { pin: 12 }', '9:17 devices[0].tls.pin: "12" is no SHA-256 fingerprint'],
    ['    tls: [pin]', 'write ca, pin or insecure'],
    ['    timezone: +02:00', '9:15 devices[0].timezone: "+02:00" is no time zone'],
    ['    tags: { name: x }', "in a selector it means the device's own name"],
    ['    formerly: One', 'is still the name of a device'],
    ['    profiles: [a, a]', 'there is no profile "a"'],
    ['    feedback: { slot: 5 }', 'a device has the feedback slots 1 to 4'],
    ['    feedback: { format: xml }', '"xml" is not one of: XML, JSON. Did you mean "XML"?'],
    ['    feedback: { expressions: [/Statu/Call] }', 'Did you mean "Status"?'],
    [
      `    feedback: { expressions: [${Array.from({ length: 51 }, (_, n) => `/Status/A${n}`).join(', ')}] }`,
      'at most 50 expressions, here are 51',
    ],
    ['    configuration: [a]', 'is expected here, not a list'],
    ['    configuration: { Standby: [On] }', 'a list cannot stand in configuration'],
    ['    configuration: { "Stand by..": On, 9a: On }', 'is no xAPI path'],
    ['    configuration: { xStatus.Standby.State: On }', 'xStatus is no configuration'],
    ['    configuration: { SystemUnit.Name: "a\\nb" }', 'a value stands on one line'],
    ['  - name: ONE\n    host: 10.0.0.2', 'the name "ONE" is taken by the device on line 7. Upper and lower'],
    ['  - name: two\n    host: 10.0.0.1:443', '10.0.0.1:443 is the address of one on line 8, too.'],
    ['  - name: all\n    host: 10.0.0.2', '"all" means every device'],
    ['  - name: a b\n    host: 10.0.0.2', '"a b" cannot be a device name'],
    ['    host: 10.0.0.2', '9:5 devices[0].host: "host" stands here twice'],
    ['    hosts: "${env:PW}"', 'a secret reference is not read here'],
  ])('%s', async (device, expected) => {
    const loaded = await loadText(fleetText({ device }), { env: PW });
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded).join('\n')).toContain(expected);
  });

  test('a device without credentials in any layer is told', async () => {
    const loaded = await loadText('version: 1\ndevices:\n  - { name: one, host: 10.0.0.1 }\n');
    expect(lines(loaded)).toEqual([
      '3:5 devices[0]: one has no credentials; write "credentials: NAME" under defaults, a layer, a profile or the device.',
    ]);
  });
});

describe('a rule of the daemon and the rest', () => {
  test.each([
    ['daemon: { mode: enforced }', 'Did you mean "enforce"?'],
    ['daemon: { listen: 127.0.0.1:8443 }', 'is taken by daemon.listen'],
    ['daemon: { listen: 8080 }', '"8080" is a port alone: write 127.0.0.1:8080.'],
    ['daemon: { database: "postgres://x" }', 'write sqlite: and a path'],
    ['daemon: { retention: { events: 30 } }', 'write a number and a unit'],
    ['daemon: { timing: { retryFirst: 1h } }', 'retryFirst is longer than retryMost'],
    [
      'daemon: { tokens: [{ name: a, role: root, hash: abc }] }',
      '"root" is not one of: viewer, operator, admin.',
    ],
    ['daemon: { tokens: [{ name: a, role: admin, hash: abc }] }', 'this is no hash of a token'],
    ['daemon: { feedback: { publicUrl: rooms.example.com } }', 'is no URL'],
    ['notifiers: { ops: { webex: { token: "${env:PW}" } } }', 'write either roomId'],
    ['notifiers: { ops: { weebex: {} } }', 'Did you mean "webex"?'],
    ['calls: { allowed: [x] }', 'Did you mean "allow"?'],
    ['commands: { allow: ["a b-+"] }', 'is no command'],
    ['macro: []', '"macro" is not known here.'],
  ])('%s', async (top, expected) => {
    const loaded = await loadText(fleetText({ top }), { env: PW });
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded).join('\n')).toContain(expected);
  });

  test.each(['notifier', 'credential', 'device', 'profile'])(
    'a section that is misspelt (%s) is all that is told',
    async (name) => {
      const text = `version: 1
credentials: { roomd: { username: a, password: "\${env:PW}" } }
defaults: { credentials: roomd }
profiles: { board: {} }
devices: [{ name: one, host: 10.0.0.1, profiles: [board] }]
notifiers: { ops: { webex: { roomId: r, token: "\${env:PW}" } } }
macros: [{ name: m, devices: one, steps: [{ notify: { to: ops, markdown: x } }] }]
`.replace(`\n${name}s: `, `\n${name}: `);
      const loaded = await loadText(text, { env: PW, sections: [macroSection] });
      expect(loaded.fleet).toBeNull();
      expect(lines(loaded)).toEqual([
        expect.stringContaining(`${name}: "${name}" is not known here. Did you mean "${name}s"?`),
      ]);
    },
  );

  test('two tokens of one name are told apart by nobody', async () => {
    const hash = `scrypt:${'a'.repeat(24)}`;
    const token = `{ name: a, role: admin, hash: "${hash}" }`;
    const loaded = await loadText(fleetText({ top: `daemon: { tokens: [${token}, ${token}] }` }), {
      env: PW,
    });
    expect(lines(loaded).join('\n')).toContain('there are two tokens named "a"');
  });
});
