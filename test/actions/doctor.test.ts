import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Action, perform } from '../../src/actions/action.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { doctor } from '../../src/actions/doctor.ts';
import { plan } from '../../src/actions/plan.ts';
import { roundTrip } from '../../src/actions/round-trip.ts';
import { openLone } from '../../src/daemon/lone.ts';
import { sections } from '../../src/daemon/sections.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import type { SimulatedDeviceSpec } from '../../src/simulator/server.ts';
import type { SimulatorSettings } from '../../src/simulator/settings.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { line } from '../cli/command-line.ts';
import {
  eventually,
  fleetText,
  freePort,
  PASSWORD,
  runDaemon,
  simulated,
  temporaryFolder,
} from '../support/world.ts';

interface Planted {
  readonly first: string;
  readonly found: RegExp;
  readonly remedy: RegExp;
  readonly device?: Partial<SimulatedDeviceSpec>;
  readonly settings?: Partial<SimulatorSettings>;
  /** After a first contact by which serial number and certificate are on record. */
  readonly strike?: (device: SimulatedDevice) => void;
}

const PLANTED: Readonly<Record<string, Planted>> = {
  'a name that nobody knows': {
    first: 'name',
    found: /hall\.invalid does not resolve/,
    remedy: /correct host/,
  },
  'a device that is off': {
    first: 'port',
    found: /nothing listens on port/,
    remedy: /may be starting/,
    device: { offline: true },
  },
  'a port that accepts and never speaks': {
    first: 'certificate',
    found: /does not speak TLS/,
    remedy: /restart it/,
    strike: (device) => device.fault('half-open', null),
  },
  'another certificate': {
    first: 'certificate',
    found: /it shows .* and the record has/,
    remedy: /roomd trust room-\d+ --certificate/,
    strike: (device) => device.fault('certificate', null),
  },
  'a device with too much to do': {
    first: 'http',
    found: /HTTP 503/,
    remedy: /try again later/,
    strike: (device) => device.fault('unavailable', null),
  },
  'a websocket that is off': {
    first: 'websocket',
    found: /it is off \(HTTP 404\)/,
    remedy: /NetworkServices\.Websocket: FollowHTTPService/,
    device: { configuration: { 'NetworkServices.Websocket': 'Off' } },
  },
  'a wrong password': {
    first: 'login',
    found: /nothing was sent: .* refused this password before/,
    remedy: /credentials\.rooms.*--retry-login/,
    device: { wrongPassword: true },
  },
  'another unit': {
    first: 'unit',
    found: /has the serial number/,
    remedy: /roomd replace room-/,
    strike: (device) => device.fault('serial', null),
  },
  'an account that is no administrator': {
    first: 'role',
    found: /no administrator|lacks the role Admin/,
    remedy: /give the account the role Admin/,
    settings: { accountRoles: ['User'], putxmlTakes: 'any-role' },
  },
  'no session left': {
    first: 'sessions',
    found: /2 of 2 sessions are open, 2 of them by admin: none is left/,
    remedy: /Security Session Terminate/,
    device: { configuration: { 'Security.Session.MaxTotalSessions': '2' } },
  },
  'a clock that is an hour off': {
    first: 'clock',
    found: /its clock is 60 minutes ahead/,
    remedy: /NTP/,
    device: builtInModels['room'] === undefined ? {} : { model: builtInModels['room'] },
    strike: (device) => device.fault('clock', null),
  },
  'a detector that is off': {
    first: 'presence',
    found: /presence is always unknown/,
    remedy: /PeoplePresenceDetector: On/,
    device: { configuration: { 'RoomAnalytics.PeoplePresenceDetector': 'Off' } },
  },
};

describe('roomd doctor DEVICE', { timeout: 60_000 }, () => {
  test('finds each planted fault first, says how to mend it, and leaves no session open', async () => {
    const names = Object.keys(PLANTED);
    const simulator = await simulated(
      Object.values(PLANTED).map(({ device = {}, settings = {} }, at) => ({
        name: `room-${at}`,
        ...device,
        settings,
      })),
    );
    const cwd = temporaryFolder();
    const text = fleetText({ devices: simulator.devices, password: PASSWORD });
    const nameless = simulator.devices[0]?.port ?? 0;
    writeFileSync(
      join(cwd, 'fleet.yaml'),
      text.replace(`127.0.0.1:${nameless}`, `hall.invalid:${nameless}`).replace('connect: 1s', 'connect: 3s'),
    );
    const lone = await loneOn(cwd);
    await lone.act(plan);
    for (const [at, { strike }] of Object.values(PLANTED).entries()) strike?.(simulator.device(`room-${at}`));
    const examined = await Promise.all(names.map((_, at) => lone.act(doctor, { name: `room-${at}` })));
    await lone.close();
    for (const [at, title] of names.entries()) {
      const planted = PLANTED[title];
      const findings = examined[at]?.findings ?? [];
      const wrong = findings.find(({ verdict }) => verdict === 'wrong');
      expect([title, wrong?.check]).toEqual([title, planted?.first]);
      expect(wrong?.found).toMatch(planted?.found ?? '');
      expect(wrong?.remedy).toMatch(planted?.remedy ?? '');
      // One that answers nothing cannot be asked to end a session.
      const left = planted?.strike === undefined ? simulator.device(`room-${at}`).state.sessions.list() : [];
      expect([title, ...left]).toEqual([title]);
    }
  });

  test('sends a refused password no second time, and says what is on record of it', async () => {
    const simulator = await simulated([{ name: 'hall', wrongPassword: true }]);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices }));
    const first = await line(['doctor', 'hall'], { cwd });
    expect(first.out).toMatch(/login +the device refuses the user name "admin" or its password/);
    const { code, out } = await line(['doctor', 'hall'], { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/login +nothing was sent: /);
    expect(simulator.device('hall').failedLogins).toBe(1);
  });

  test('of a device that is well says so, tells all that was tried, and writes nothing', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices }));
    const { code, out } = await line(['doctor', 'hall'], { cwd });
    expect([code, out]).toEqual([0, expect.stringContaining('Nothing is wrong with hall.')]);
    for (const check of ['name', 'certificate', 'websocket', 'role', 'session', 'slots'])
      expect(out).toMatch(new RegExp(`^[✓-] ${check} `, 'm'));
    expect(simulator.device('hall').counters.written.size).toBe(0);
    expect((await line(['doctor', '--round-trip'], { cwd })).code).toBe(2);
    const alone = await line(['doctor', 'hall', '--round-trip'], { cwd });
    expect([alone.code, alone.err]).toEqual([1, expect.stringContaining('nothing listens')]);
  });
});

describe('The round trip of a post', { timeout: 60_000 }, () => {
  test('is proven by a post that comes, over a slot that is given back, and shows nothing in the room', async () => {
    const { hall, act } = await world();
    const before = hall.state.slots.list();
    const screen = hall.state.screen.history.length;
    const finding = await act(roundTrip, { name: 'hall' });
    expect(finding).toMatchObject({ verdict: 'ok', found: expect.stringMatching(/came back within \d+ ms/) });
    expect(hall.state.slots.list()).toEqual(before);
    expect(hall.state.screen.history).toHaveLength(screen);
    const { findings } = await act(doctor, { name: 'hall' });
    expect(findings.find(({ check }) => check === 'posts')).toMatchObject({ verdict: 'ok' });
    expect(findings.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
  });

  test('takes no slot from anybody, and sends nothing under a hold', async () => {
    const { hall, act, daemon } = await world();
    for (const slot of [2, 4])
      hall.state.slots.register({
        slot,
        url: `http://other.example/${slot}`,
        format: 'XML',
        expressions: ['/Status/Audio'],
      });
    expect(await act(roundTrip, { name: 'hall' })).toMatchObject({
      verdict: 'skipped',
      found: expect.stringContaining('none of the slots'),
    });
    const { findings } = await act(doctor, { name: 'hall' });
    const slots = findings.find(({ check }) => check === 'slots');
    expect(slots?.found).toMatch(/1 is ours \(OK\), 2 is of other\.example \(OK\)/);
    hall.state.slots.deregister(2);
    await daemon.ports.holds.place({ selector: null, reason: 'test', actor: 'anna' });
    expect(await act(roundTrip, { name: 'hall' })).toMatchObject({ verdict: 'skipped' });
    expect(hall.state.slots.list().map(({ slot }) => slot)).toEqual([1, 4]);
  });
});

async function loneOn(cwd: string) {
  const clock = systemClock();
  const secrets = { env: () => undefined, readFile: () => Promise.reject(new Error('no file')) };
  const { fleet } = await loadFleet(join(cwd, 'fleet.yaml'), { secrets, sections });
  if (fleet === null) throw new Error('the fleet file is wrong');
  const modules = {
    clock,
    random: seededRandom(3),
    newId: uuidv7(clock),
    logger: silentLogger,
    version: '0',
  };
  const lone = await openLone(fleet, { besideDaemon: false }, modules);
  return {
    async act<Input, Output>(action: Action<Input, Output>, input: Partial<Input> = {}) {
      const caller = { actor: 'test', role: 'admin' as const, devices: null };
      return (await perform(action, { input, caller, ports: lone.ports })) as Output;
    },
    close: () => lone.close(),
  };
}

async function world() {
  const simulator = await simulated([{ name: 'hall' }]);
  const feedbackPort = await freePort();
  const running = await runDaemon(fleetText({ devices: simulator.devices, mode: 'enforce', feedbackPort }));
  const hall = simulator.device('hall');
  await eventually(async () => {
    const { items } = await running.act(listDevices);
    expect(items[0]?.slot.state).toBe('ok');
  }, 15_000);
  return { hall, ...running };
}
