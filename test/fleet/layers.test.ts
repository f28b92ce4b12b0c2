import { describe, expect, test } from 'vitest';
import { explain, formatExplanation } from '../../src/fleet/explain.ts';
import type { DesiredDevice, Fleet } from '../../src/fleet/fleet.ts';
import { lines, loadText, PW } from './load-text.ts';

/** A fleet of three devices on two sites; `layers` stands as it is, `oslo` is added to the first device. */
function campus({ layers = '', defaults = '', profiles = '', oslo = '' } = {}): string {
  return `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults: { credentials: roomd, ${defaults} }
layers:${layers === '' ? ' []' : `\n${layers}`}
profiles: { big: { ${profiles} } }
devices:
  - { name: oslo-1, host: 10.0.0.1, kind: board, profiles: [big], tags: { site: oslo, floor: 3 }, ${oslo} }
  - { name: oslo-2, host: 10.0.0.2, kind: room, tags: { site: oslo } }
  - { name: bergen-1, host: 10.0.0.3, kind: room, tags: { site: bergen } }
`;
}

async function fleetOf(text: string): Promise<Fleet> {
  const { fleet, problems } = await loadText(text, { env: PW });
  if (fleet === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return fleet;
}

async function told(text: string): Promise<string[]> {
  return lines(await loadText(text, { env: PW }));
}

function valueOf(device: DesiredDevice | undefined, path: string): unknown {
  return device?.configuration.get(path)?.value;
}

async function driftOf(parts: Parameters<typeof campus>[0]): Promise<Record<string, string>> {
  const [device] = (await fleetOf(campus(parts))).devices;
  return Object.fromEntries(
    [...(device?.configuration ?? [])].map(([path, { drift }]) => [path, drift ?? '-']),
  );
}

describe('a chosen layer', () => {
  test('stands between defaults and profiles, a later one above an earlier one', async () => {
    const fleet = await fleetOf(
      campus({
        defaults:
          'configuration: { A.A: defaults, A.B: defaults, A.C: defaults, A.D: defaults, A.E: defaults }',
        layers: `  - { name: oslo, devices: site=oslo, timezone: Europe/Oslo, configuration: { A.B: oslo, A.C: oslo, A.D: oslo, A.E: oslo } }
  - { name: third floor, devices: site=oslo & floor=3, configuration: { A.C: floor, A.D: floor, A.E: floor }, feedback: { slot: 4 } }
  - { name: rooms, devices: kind=room, tags: { vc: true }, credentials: roomd }`,
        profiles: 'configuration: { A.D: big, A.E: big }',
        oslo: 'configuration: { A.E: device }',
      }),
    );
    const [first, second, third] = fleet.devices;
    expect(['A.A', 'A.B', 'A.C', 'A.D', 'A.E'].map((path) => valueOf(first, path))).toEqual([
      'defaults',
      'oslo',
      'floor',
      'big',
      'device',
    ]);
    expect(first?.configuration.get('A.D')?.overridden.map(({ layer }) => layer)).toEqual([
      'layer third floor',
      'layer oslo',
      'defaults',
    ]);
    expect([first?.timezone, second?.timezone, third?.timezone]).toEqual([
      'Europe/Oslo',
      'Europe/Oslo',
      'UTC',
    ]);
    expect(first?.feedback.slot).toBe(4);
    expect(third?.tags).toEqual({ site: 'bergen', vc: 'true' });
    expect(fleet.warnings).toEqual([]);
  });

  test.each([
    [
      '  - { name: a, devices: site=trondheim }',
      '5:25 layers[0].devices: warning: no device fits "site=trondheim", so this layer holds for none; mend the selector, or take the layer out.',
    ],
    ['  - { name: a, devices: site=olso }', 'or take the layer out. Did you mean "site=oslo"?'],
    [
      '  - { name: a, devices: sitee=oslo }',
      'layers[0].devices: warning: no device has a tag "sitee". Did you mean "site"?',
    ],
    [
      '  - { name: a, devices: "all & (" }',
      '5:25 layers[0].devices: the selector "all & (" cannot be read at column 8',
    ],
    ['  - { name: a, configuration: { A.B: 1 } }', '5:5 layers[0].devices: "devices" is missing.'],
    ['  - { devices: all }', '5:5 layers[0].name: "name" is missing.'],
    [
      '  - { name: a, devices: tag:vc, tags: { VC: true } }',
      '5:41 layers[0].tags.VC: this layer is chosen by the tag "VC", so it cannot set it; set it in defaults, a profile or the devices.',
    ],
    [
      '  - { name: a, devices: all, tags: { vc: true } }\n  - { name: b, devices: tag:vc }',
      '6:25 layers[1].devices: warning: the tag "vc" is set by the layer "a" alone, and layers are chosen by the tags of defaults, profiles and devices.',
    ],
    [
      '  - { name: a, devices: all }\n  - { name: a, devices: all }',
      '6:13 layers[1].name: the name "a" is taken by the layer on line 5; explanations could not tell the two apart.',
    ],
    ['  - { name: a, devices: all, hots: x }', '"hots" is not known here'],
  ])('%s gets a sentence', async (layers, expected) => {
    expect((await told(campus({ layers }))).join('\n')).toContain(expected);
  });

  test('gives credentials, and a device without any is told all the same', async () => {
    const text = campus({ layers: '  - { name: a, devices: site=oslo, credentials: roomd }' }).replace(
      'credentials: roomd,  }',
      '}',
    );
    expect(await told(text)).toEqual([
      '10:5 devices[2]: bergen-1 has no credentials; write "credentials: NAME" under defaults, a layer, a profile or the device.',
    ]);
  });
});

describe('a lock', () => {
  const locking =
    '  - { name: secure, devices: all, lock: [NetworkServices], configuration: { NetworkServices.HTTP.Mode: HTTPS } }';

  test('keeps layers above from changing a path or what lies below it, with both places', async () => {
    expect(
      await told(
        campus({
          layers: `${locking}\n  - { name: open, devices: all, configuration: { networkservices.http.mode: HTTP+HTTPS } }`,
        }),
      ),
    ).toEqual([
      expect.stringContaining('warning: it is spelled NetworkServices.HTTP.Mode'),
      '6:77 layers[1].configuration["networkservices.http.mode"]: NetworkServices is locked by layer secure in 5:42, so layer open cannot change networkservices.http.mode on oslo-1 and 2 more. Take this line out, or the lock.',
    ]);
  });

  test('holds against profiles, devices and overrides, and for settings that nobody has set yet', async () => {
    const problems = await told(
      campus({
        layers: locking,
        profiles: 'configuration: { NetworkServices.HTTP.Mode: Off }',
        oslo: 'configuration: { NetworkServices.SSH.Mode: Off }, overrides: [{ until: 2026-12-01T08:00Z, reason: x, configuration: { NetworkServices.HTTP.Mode: On } }]',
      }),
    );
    expect(problems.map((line) => line.replace(/^[^:]+:\d+ [^ ]+ .*so /, ''))).toEqual([
      'profile big cannot change NetworkServices.HTTP.Mode on oslo-1. Take this line out, or the lock.',
      'device cannot change NetworkServices.SSH.Mode on oslo-1. Take this line out, or the lock.',
      'override until 2026-12-01T08:00Z cannot change NetworkServices.HTTP.Mode on oslo-1. Take this line out, or the lock.',
    ]);
  });

  test('lets a layer above repeat the value, and one below say another', async () => {
    const fleet = await fleetOf(
      campus({
        defaults: 'configuration: { NetworkServices.HTTP.Mode: On }',
        layers: locking,
        oslo: 'configuration: { NetworkServices.HTTP.Mode: HTTPS }',
      }),
    );
    const setting = fleet.devices[0]?.configuration.get('NetworkServices.HTTP.Mode');
    expect(setting).toMatchObject({
      value: 'HTTPS',
      origin: { layer: 'device' },
      lock: { layer: 'layer secure' },
    });
    expect(fleet.devices[1]?.configuration.get('NetworkServices.HTTP.Mode')?.lock?.place.line).toBe(5);
    expect(
      formatExplanation(explain(fleet.devices[1] as DesiredDevice)).replaceAll('/etc/roomd/fleet.yaml:', ''),
    ).toBe(
      `NetworkServices.HTTP.Mode: HTTPS
  set by layer secure, 5:104
  not On, by defaults, 3:77
  locked by layer secure, 5:42`,
    );
  });

  test.each([
    ['lock: NetworkServices', 'a list (lines that begin with "- ") is expected here'],
    ['lock: ["a b-+"]', 'is no xAPI path'],
    ['lock: [xStatus.Call]', 'xStatus is no configuration'],
  ])('written as %s gets a sentence', async (lock, expected) => {
    expect((await told(campus({ defaults: lock }))).join('\n')).toContain(expected);
  });

  test('is not for devices, above which there is nothing', async () => {
    expect((await told(campus({ oslo: 'lock: [A]' }))).join('\n')).toContain('"lock" is not known here.');
  });
});

describe('a drift rule', () => {
  test('as a word holds for what the layer itself sets', async () => {
    expect(
      await driftOf({
        defaults: 'drift: report, configuration: { A.A: 1, A.B: 1 }',
        layers: '  - { name: soft, devices: all, drift: ignore, configuration: { A.B: 2, A.C: 2 } }',
        oslo: 'configuration: { A.C: 3 }',
      }),
    ).toEqual({ 'A.A': 'report', 'A.B': 'ignore', 'A.C': '-' });
  });

  test('as paths holds for whoever sets them, the longest path and the nearest layer first', async () => {
    expect(
      await driftOf({
        defaults:
          'drift: { all: report, A: ignore, A.B: correct }, configuration: { A.A: 1, A.B.X: 1, B.A: 1, B.B: 1 }',
        oslo: 'drift: { b.b: ignore }',
      }),
    ).toEqual({ 'A.A': 'ignore', 'A.B.X': 'correct', 'B.A': 'report', 'B.B': 'ignore' });
  });

  test('about a locked path is heard only up to the layer that locks it', async () => {
    expect(
      await driftOf({
        defaults: 'lock: [A], drift: { A: report }, configuration: { A.A: 1, B.A: 1 }',
        oslo: 'drift: { all: ignore }',
      }),
    ).toEqual({ 'A.A': 'report', 'B.A': 'ignore' });
  });

  test('is shown, and a wrong one told', async () => {
    const fleet = await fleetOf(campus({ defaults: 'drift: report, configuration: { A.A: 1 }' }));
    expect(formatExplanation(explain(fleet.devices[0] as DesiredDevice))).toContain('\n  drift: report');
    expect((await told(campus({ defaults: 'drift: reprot' }))).join('\n')).toContain(
      'Did you mean "report"?',
    );
    expect((await told(campus({ defaults: 'drift: { A.B: never }' }))).join('\n')).toContain(
      'defaults.drift["A.B"]: "never" is not one of: correct, report, ignore.',
    );
  });
});

test('layers, drift and locks count in the fingerprint as far as they change what is kept', async () => {
  const prints = await Promise.all(
    [
      campus({ defaults: 'configuration: { A.A: 1 }' }),
      campus({ defaults: 'configuration: { A.A: 1 }, lock: [A], drift: correct' }),
      campus({ layers: '  - { name: a, devices: all, configuration: { A.A: 1 } }' }),
      campus({ defaults: 'configuration: { A.A: 1 }, drift: report' }),
    ].map(async (text) => (await fleetOf(text)).fingerprint),
  );
  expect(prints[1]).toBe(prints[0]);
  expect(prints[2]).toBe(prints[0]);
  expect(prints[3]).not.toBe(prints[0]);
});
