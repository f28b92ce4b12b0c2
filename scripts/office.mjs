// An office with some life for the pictures of the dashboard: simulated rooms and the real daemon in a temporary
// folder, at ten in the morning of a working day, with a week on record. Needs dist.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { perform } from '../dist/actions/action.js';
import { openDaemon } from '../dist/daemon/start.js';
import { systemClock } from '../dist/lib/clock.js';
import { silentLogger } from '../dist/lib/logger.js';
import { seededRandom, uuidv7 } from '../dist/lib/random.js';
import { startWebexStandIn } from '../dist/simulator/cloud/webex.js';
import { builtInModels } from '../dist/simulator/models/built-in.js';
import { startSimulator } from '../dist/simulator/server.js';
import { fleetFile } from './office/fleet-file.mjs';
import { live } from './office/morning.mjs';
import { remember } from './office/past.mjs';
import { DAY, ROOMS } from './office/rooms.mjs';

const PASSWORD = 'correct horse battery staple';
const TOKEN = 'simulated-webex-bot';
const REFUSES = 'tundra';

/** Starts it all; answers where the dashboard is, the clock of the scene, and how to end it. */
export async function openOffice() {
  const clock = movableClock(untilTenOnAThursday());
  const undo = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'roomd-office-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const simulator = await startRooms(clock);
    undo.push(() => simulator.stop());
    const webex = await startWebex(clock);
    undo.push(() => webex.stop());
    const file = join(folder, 'fleet.yaml');
    const changeFile = (delay) => writeFile(file, fleetFile(simulator.devices, webex, delay));
    await changeFile(30);
    const daemon = await openRoomd(file, clock);
    undo.push(() => daemon.stop());
    await daemon.start(new AbortController().signal);
    const act = (action, input = {}, actor = 'anna') =>
      perform(action, { input, caller: { actor, role: 'admin', devices: null }, ports: daemon.ports });
    await remember(daemon.ports, clock.now());
    await live({ simulator, act, clock, changeFile });
    return { url: daemon.url, clock, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startRooms(clock) {
  return startSimulator({
    devices: ROOMS.map(({ name, kind }) => ({
      name,
      model: builtInModels[kind],
      wrongPassword: name === REFUSES,
      configuration: { 'Audio.DefaultVolume': '50', 'Standby.Delay': '10' },
    })),
    username: 'roomd',
    password: PASSWORD,
    settings: { presenceYesMs: 300, presenceNoMs: 600, connectMs: 500 },
    clock,
    random: seededRandom(7),
  });
}

function startWebex(clock) {
  const bot = { personId: 'roomd', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' };
  return startWebexStandIn({ tokens: { [TOKEN]: bot }, rooms: [{ title: 'Facilities' }], clock });
}

function openRoomd(file, clock) {
  const secrets = { ROOM_PASSWORD: PASSWORD, WEBEX_TOKEN: TOKEN };
  return openDaemon(
    {
      file,
      overrides: {},
      secrets: { env: (name) => secrets[name], readFile: (path) => readFile(path, 'utf8') },
    },
    '0.1.0',
    { clock, random: seededRandom(11), newId: uuidv7(clock), logger: silentLogger },
    new AbortController().signal,
  );
}

/** The machine's clock, so far ahead of it; it can be set forward. */
function movableClock(aheadMs) {
  const real = systemClock();
  let ahead = aheadMs;
  return {
    ...real,
    now: () => real.now() + ahead,
    forward(ms) {
      ahead += ms;
    },
  };
}

/** How far ahead of now the next Thursday, 10:10 in Oslo, is. */
function untilTenOnAThursday() {
  const wall = new Date(new Date().toLocaleString('sv', { timeZone: 'Europe/Oslo' }).replace(' ', 'T') + 'Z');
  const days = (4 - wall.getUTCDay() + 7) % 7 || 7;
  return days * DAY + (10 * 60 + 10) * 60_000 - (wall.getTime() % DAY);
}
