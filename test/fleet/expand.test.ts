import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { Secret } from '../../src/lib/secret.ts';
import { fleetText, lines, loadText, PW } from './load-text.ts';

async function deviceOf(text: string): Promise<DesiredDevice> {
  const { fleet, problems } = await loadText(text, { env: PW });
  const [device] = fleet?.devices ?? [];
  if (device === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  return device;
}

function values({ configuration }: DesiredDevice): Record<string, string> {
  return Object.fromEntries([...configuration].map(([path, { value }]) => [path, String(value)]));
}

const LAYERED = `version: 1
credentials:
  roomd: { username: admin, password: "\${env:PW}" }
  other: { username: other, password: "\${env:PW}" }
defaults:
  credentials: roomd
  timezone: Europe/Oslo
  tags: { site: oslo, floor: 1 }
  configuration: { A.B: defaults, A.C: defaults, A.D: defaults }
  feedback: { expressions: [/Status/Call], format: JSON }
profiles:
  first: { credentials: other, configuration: { A.B: first, A.C: first } }
  second: { timezone: Europe/London, configuration: { A.B: second }, feedback: { slot: 4 } }
devices:
  - name: one
    host: 10.0.0.1
    profiles: [first, second]
    tags: { floor: 2 }
    protected: true
    tls: { ca: certs/ca.pem }
    configuration: { A.C: device }
    feedback: { expressions: [/Status/Standby] }
`;

describe('layers', () => {
  test('are defaults, then profiles in order, then the device', async () => {
    const device = await deviceOf(LAYERED);
    expect(device).toMatchObject({
      credential: 'other',
      username: 'other',
      timezone: 'Europe/London',
      tags: { site: 'oslo', floor: '2' },
      protected: true,
      tls: { mode: 'ca', caFile: '/etc/roomd/certs/ca.pem' },
      feedback: { expressions: ['/Status/Standby'], format: 'JSON', slot: 4 },
    });
    expect(values(device)).toEqual({ 'A.B': 'second', 'A.C': 'device', 'A.D': 'defaults' });
  });

  test('leave their traces, the nearest loser first', async () => {
    const { configuration } = await deviceOf(LAYERED);
    const setting = configuration.get('A.B');
    expect(setting?.origin).toEqual({
      layer: 'profile second',
      shown: 'second',
      place: { file: '/etc/roomd/fleet.yaml', line: 13, column: 60 },
    });
    expect(
      setting?.overridden.map(({ layer, shown, place }) => [layer, shown, place.line, place.column]),
    ).toEqual([
      ['profile first', 'first', 12, 54],
      ['defaults', 'defaults', 9, 25],
    ]);
  });

  test('that spell a path differently mean one setting, with one warning for all devices', async () => {
    const loaded = await loadText(
      `${fleetText({ defaults: '  configuration: { Standby.Delay: 1 }\n' })}    profiles: [p]
  - { name: two, host: 10.0.0.2, profiles: [p] }
profiles: { p: { configuration: { standby.DELAY: 2 } } }
`,
      { env: PW },
    );
    for (const device of loaded.fleet?.devices ?? [])
      expect(values(device)).toEqual({ 'standby.DELAY': '2' });
    expect(lines(loaded)).toEqual([
      '13:50 profiles.p.configuration["standby.DELAY"]: warning: it is spelled Standby.Delay in 5:35; both are taken for one setting. Write them alike.',
    ]);
  });
});

describe('a value', () => {
  test.each([
    '012',
    '1.10',
    'On',
    'Off',
    'no',
    'true',
    '0x1F',
    '1_000',
    '1e3',
    '12:30',
    '2026-11-23',
    '.5',
    '+1',
  ])('%s stays as it is written', async (text) => {
    const device = await deviceOf(fleetText({ device: `    configuration: { A.B: ${text} }` }));
    expect(values(device)).toEqual({ 'A.B': text });
  });

  test('in quotes is what stands between them, and may be empty', async () => {
    const device = await deviceOf(
      fleetText({ device: `    configuration: { A.B: "", A.C: 'it''s', A.D: "null" }` }),
    );
    expect(values(device)).toEqual({ 'A.B': '', 'A.C': "it's", 'A.D': 'null' });
  });

  test.each(['', '~', 'null'])('written as %j is a mistake that says what to write', async (text) => {
    const loaded = await loadText(fleetText({ device: `    configuration:\n      A.B: ${text}` }), {
      env: PW,
    });
    expect(loaded.problems).toHaveLength(1);
    expect(loaded.problems[0]?.message).toContain('write "" for an empty text');
  });

  test('at a path that holds secrets, or from a reference, is a Secret', async () => {
    const { configuration } = await deviceOf(
      fleetText({
        device:
          '    configuration: { SIP.Authentication.Password: "${env:PW}", A.B: "a${env:PW}z", A.C: "$${env:PW}" }',
      }),
    );
    const [password, partial, literal] = [...configuration.values()].map(({ value }) => value);
    expect(password instanceof Secret ? password.reveal() : null).toBe('correct horse');
    expect(partial instanceof Secret ? partial.reveal() : null).toBe('acorrect horsez');
    expect(literal).toBe('${env:PW}');
  });
});

describe('a path', () => {
  test.each([
    ['Video.Output.Connector[1].Resolution: Auto'],
    ['Video Output Connector 1 Resolution: Auto'],
    ['/Configuration/Video/Output/Connector[1]/Resolution: Auto'],
    ['xConfiguration Video Output Connector 1 Resolution: Auto'],
    ['Video: { Output: { "Connector[1]": { Resolution: Auto } } }'],
    ['Video: { Output: { Connector: { 1: { Resolution: Auto } } } }'],
    ['Video.Output: { Connector.1: { Resolution: Auto } }'],
  ])('%s is one and the same', async (text) => {
    const device = await deviceOf(fleetText({ device: `    configuration:\n      ${text}` }));
    expect(values(device)).toEqual({ 'Video.Output.Connector[1].Resolution': 'Auto' });
  });

  test('written twice in one layer is a mistake with both places, whatever the spelling', async () => {
    const loaded = await loadText(
      fleetText({
        device:
          '    configuration:\n      Video.Connector[1].Mode: On\n      video: { connector: { 1: { mode: Off } } }',
      }),
      { env: PW },
    );
    expect(lines(loaded)).toEqual([
      '11:34 devices[0].configuration.video.connector.1.mode: video.connector[1].mode is set twice here: the first time on line 10, column 32. Keep one of them.',
    ]);
  });
});

interface Setting {
  readonly names: readonly string[];
  readonly value: string;
}

/** Settings none of which is above another, so that they fit into one tree. */
const settings: fc.Arbitrary<Setting[]> = fc.uniqueArray(
  fc.record({
    names: fc
      .array(
        fc
          .tuple(fc.constantFrom('Ab', 'Cd', 'Ef'), fc.option(fc.integer({ min: 0, max: 3 })))
          .map(([name, index]) => (index === null ? name : `${name}[${index}]`)),
        { minLength: 1, maxLength: 4 },
      )
      .map((names) => [...names, 'Leaf']),
    value: fc.oneof(
      fc.constantFrom('On', 'Off', '012', '1.10', ''),
      fc.string({ unit: fc.constantFrom('a', 'Z', '0', ':', '#', ' ', '-'), maxLength: 8 }),
    ),
  }),
  { selector: ({ names }) => names.join('.'), minLength: 1, maxLength: 8 },
);

function asTree(entries: readonly Setting[], splitsIndex: boolean): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { names, value } of entries) {
    const steps = names.flatMap((name) =>
      splitsIndex ? name.split(/[[\]]/).filter((part) => part !== '') : [name],
    );
    let here = root;
    for (const step of steps.slice(0, -1)) {
      here[step] ??= {};
      here = here[step] as Record<string, unknown>;
    }
    here[steps.at(-1) ?? ''] = value;
  }
  return root;
}

test('a tree and its dotted spelling expand to the same fleet', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.boolean(), async (entries, splitsIndex) => {
      const dotted = Object.fromEntries(entries.map(({ names, value }) => [names.join('.'), value]));
      const spellings = [dotted, asTree(entries, splitsIndex)].map((configuration) =>
        fleetText({
          device: stringify(
            { configuration },
            { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' },
          )
            .split('\n')
            .map((line) => `    ${line}`)
            .join('\n')
            .trimEnd(),
        }),
      );
      const [left, right] = await Promise.all(spellings.map((text) => loadText(text, { env: PW })));
      expect(left?.problems).toEqual([]);
      expect(right?.fleet?.fingerprint).toBe(left?.fleet?.fingerprint);
      const found = right?.fleet?.devices[0];
      expect(found === undefined ? null : values(found)).toEqual(dotted);
    }),
    { seed: 20261123, numRuns: 100 },
  );
});
