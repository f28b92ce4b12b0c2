import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { showApplied } from '../../src/actions/present.ts';
import type { DeviceApplied } from '../../src/fleet/apply.ts';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { packVendorFile } from '../../src/fleet/knowledge/vendor-volumes.ts';
import type { Device } from '../../src/xapi/device.ts';
import { lines, loadText, PW } from './load-text.ts';
import { bent, FleetWorld, until, type Wishes } from './world.ts';

/** What each room is to hold; the line of the file is the room's place here, from 1. */
const ROOMS: Readonly<Record<string, Wishes>> = {
  bounds: { 'Video.Output.Connector[7].Resolution': 'Auto', 'Standby.Control': 'Off' },
  product: { 'UserInterface.CustomMessage': 'fourteen bytes', 'Standby.Control': 'Off' },
  keeper: { 'Standby.Delay': '30' },
  partial: { 'Standby.Delay': '30', 'Standby.Control': 'Off' },
  rebooting: { 'Standby.Delay': '30' },
  busy: { 'Standby.Delay': '30' },
  fine: { 'Standby.Delay': '30', 'Standby.Control': 'Off' },
};
const NAMES = Object.keys(ROOMS);

let world: FleetWorld;
let applied: ReadonlyMap<string, DeviceApplied>;

/** One apply over all rooms, each of which does what its name says. */
beforeAll(async () => {
  world = await FleetWorld.open(
    NAMES.map((name) => ({ name })),
    {
      simulator: { bootLeadMs: 1, rebootMs: 150 },
      // The machine may be busy; nothing here is about deadlines.
      xapi: { connectTimeoutMs: 10_000, requestDeadlineMs: 10_000 },
    },
  );
  await Promise.all(NAMES.map((name) => inRoom(name, 0)));
  await world.wish(
    ROOMS,
    Object.fromEntries(
      NAMES.map((name, at) => [name, { configuration: settingsAt(at + 1, ROOMS[name] ?? {}) }]),
    ),
  );
  const planned = await world.plan('busy');
  if (planned.changes.length !== 1) throw new Error('the room was to differ before somebody came in');
  await inRoom('busy', 2);
  world.bend = (device) => bendOf[device.address.name]?.(device) ?? device;
  const all = await world.apply(NAMES, { readBackWaitsMs: [50, 200, 1_000, 3_000] });
  applied = new Map(all.map((one) => [one.name, one]));
}, 60_000);

afterAll(() => world.close());

const bendOf: Readonly<Record<string, (device: Device) => Device>> = {
  keeper: (device) =>
    bent(device, {
      writeConfiguration: (settings) =>
        Promise.resolve(settings.map(({ path }) => ({ path, outcome: 'accepted' as const }))),
    }),
  // What it is sent it refuses by itself, and takes the rest of the document.
  partial: (device) =>
    bent(device, {
      writeConfiguration: (settings, options) =>
        device.writeConfiguration(
          settings.map(({ path, value }) => ({ path, value: path === 'Standby.Delay' ? '9999' : value })),
          options,
        ),
    }),
  rebooting: (device) =>
    bent(device, {
      writeConfiguration: async (settings, options) => {
        const answers = await device.writeConfiguration(settings, options);
        world.simulator.device('rebooting').reboot();
        await until('it is away', () => !world.simulator.device('rebooting').state.isOn);
        return answers;
      },
    }),
};

async function inRoom(name: string, people: number): Promise<void> {
  const { state } = world.simulator.device(name);
  state.people(people);
  const wanted = people === 0 ? 'No' : 'Yes';
  await until(`presence is ${wanted}`, () => state.status('RoomAnalytics.PeoplePresence') === wanted);
}

function settingsAt(line: number, wishes: Wishes): DesiredDevice['configuration'] {
  const place = { file: 'fleet.yaml', line, column: 5 };
  return new Map(
    Object.entries(wishes).map(([path, value]) => [
      path,
      { path, value, origin: { layer: 'device', place, shown: String(value) }, overridden: [] },
    ]),
  );
}

/** `LINE PATH: sentence` of everything that was not done on a device, with what to do where that is apart. */
function undone(name: string): string[] {
  const one = applied.get(name);
  if (one === undefined) throw new Error(`${name} was not applied`);
  const shown = showApplied(one);
  return [
    ...shown.problems.map(({ path, message, place }) => `${place?.line} ${path}: ${message}`),
    ...shown.changes
      .filter(({ result }) => result !== 'accepted')
      .map(({ path, result, detail, place, remedy }) =>
        [`${place?.line} ${path}: ${result}: ${detail}`, ...(remedy === null ? [] : [remedy])].join('; '),
      ),
  ];
}

describe('of an apply, a device', () => {
  test.each([
    [
      'bounds',
      '1 Video.Output.Connector[7].Resolution: the device has no such item; it has Video.Output.Connector[1..2].Resolution. Write one of these, or take the line out.',
    ],
    [
      'product',
      '2 UserInterface.CustomMessage: the device refuses "fourteen bytes": expected at most 12 bytes of UTF-8, not 14 (by the device itself).',
    ],
    [
      'keeper',
      '3 Standby.Delay: differs: the device said Success and holds "10"; see on the device what keeps it from changing, or take the line out',
    ],
    ['partial', '4 Standby.Delay: refused: Invalid or missing parameters; correct the line or take it out'],
    ['busy', '6 Standby.Delay: waiting: People Presence says yes'],
  ])('that is bad in one line has a sentence with path, place and remedy: %s', (name, sentence) => {
    expect(undone(name)).toEqual([sentence]);
  });

  test('that reboots between write and read-back is proven', () => {
    expect(undone('rebooting')).toEqual([]);
    expect(world.held('rebooting', 'Standby.Delay')).toBe('30');
  });

  test('is never left unfinished for the sake of another, nor a line for the sake of another line', () => {
    for (const name of ['fine', 'bounds', 'product', 'partial'])
      expect([name, world.held(name, 'Standby.Control')]).toEqual([name, 'Off']);
    expect([world.held('fine', 'Standby.Delay'), undone('fine')]).toEqual(['30', []]);
    expect([world.held('busy', 'Standby.Delay'), world.held('partial', 'Standby.Delay')]).toEqual([
      '10',
      '10',
    ]);
  });
});

/** A fleet with these lines at its top and at its device. */
function fileWith(top: string, device = ''): string {
  return `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults: { credentials: roomd, configuration: { Standby.Delay: 10 } }
${top}
devices:
  - name: one
    host: 10.0.0.1
    timezone: Europe/Oslo
${device}
`;
}

describe('a file', () => {
  test.each([
    [
      'two layers that contradict a lock',
      fileWith(
        'layers:\n  - { name: secure, devices: all, lock: [Standby], configuration: { Standby.Delay: 20 } }\n  - { name: open, devices: all, configuration: { Standby.Delay: 30 } }',
      ),
      '6:65 layers[1].configuration["Standby.Delay"]: Standby is locked by layer secure in 5:42, so layer open cannot change Standby.Delay on one. Take this line out, or the lock.',
    ],
    [
      'a selector that matches nothing',
      fileWith('layers:\n  - { name: trondheim, devices: kind=board, configuration: { Standby.Delay: 30 } }'),
      '5:33 layers[0].devices: warning: no device fits "kind=board", so this layer holds for none; mend the selector, or take the layer out.',
    ],
    [
      'a window that never opens',
      fileWith('rollout:\n  windows:\n    - { from: "22:00", to: "22:00" }'),
      '6:28 rollout.windows[0].to: this window never opens: it ends when it begins. For whole days write from: 00:00 and to: 24:00.',
    ],
    [
      'an override in the past',
      fileWith(
        '',
        '    overrides: [{ until: 2025-01-01T08:00, reason: old, configuration: { Standby.Delay: 90 } }]',
      ),
      '9:26 devices[0].overrides[0].until: warning: this override of one ended at 2025-01-01T07:00Z and changes nothing any more; take it out, or give it a later end.',
    ],
    [
      'a panel that is not well-formed',
      fileWith('', '    panels: [help.xml]'),
      expect.stringMatching(
        /^9:14 devices\[0\]\.panels\[0\]: the panel help\.xml of device one is not well-formed: .*Mend it, or export it from a device anew\.$/,
      ),
    ],
    [
      'a device macro above the limit',
      fileWith('daemon: { limits: { deviceMacro: 1KB } }', '    deviceMacros: [big.js]'),
      '9:20 devices[0].deviceMacros[0]: the device macro big.js of device one has 2000 bytes, and 1024 are the limit; make it smaller (daemon.limits holds the limits).',
    ],
  ])('with %s has a sentence with its place, device and remedy', async (_, text, sentence) => {
    const files = {
      '/etc/roomd/help.xml': '<Extensions><Panel><PanelId>help</PanelId></Extensions>',
      '/etc/roomd/big.js': 'x'.repeat(2_000),
    };
    expect(lines(await loadText(text, { env: PW, files }))).toEqual([sentence]);
  });

  test.each([
    ['<html>', /^26\.4\.1\.json: This is no vendor schema file: .*Expected \{"objects"/],
    [
      '{"devices": []}',
      /^26\.4\.1\.json: This is no xAPI schema file: it lacks the list "objects"\. Expected \{"objects"/,
    ],
    ['{"objects": [{"type": "Configuration"}]}', /at objects\[0\]\.path: .*as the vendor publishes it/],
  ])('of a schema that is none says what was expected: %s', (text, sentence) => {
    expect(() => packVendorFile('26.4.1.json', text, null)).toThrow(sentence);
  });
});
