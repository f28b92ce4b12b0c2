// An office with some life for the pictures of the dashboard: simulated rooms and the real daemon in a temporary
// folder, at ten in the morning of a working day, with a week on record. Needs dist.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { perform } from '../dist/actions/action.js';
import { acknowledgeAlert, listAlerts } from '../dist/actions/alerts.js';
import { apply } from '../dist/actions/apply.js';
import { listDevices } from '../dist/actions/devices.js';
import { placeHold } from '../dist/actions/hold.js';
import { runMacro } from '../dist/actions/macros.js';
import { now } from '../dist/actions/now.js';
import { rolloutStatus, startRollout } from '../dist/actions/rollout.js';
import { reload } from '../dist/actions/system.js';
import { openDaemon } from '../dist/daemon/start.js';
import { rollUp, workOffMarks } from '../dist/feedback/utilisation/roll-up.js';
import { systemClock } from '../dist/lib/clock.js';
import { silentLogger } from '../dist/lib/logger.js';
import { seededRandom, uuidv7 } from '../dist/lib/random.js';
import { startWebexStandIn } from '../dist/simulator/cloud/webex.js';
import { builtInModels } from '../dist/simulator/models/built-in.js';
import { startSimulator } from '../dist/simulator/server.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PASSWORD = 'correct horse battery staple';
const TOKEN = 'simulated-webex-bot';

/** Name, kind, seats, and the share of the working hours in which somebody is there. */
const ROOMS = [
  ['fjord', 'board', 12, 0.7],
  ['glacier', 'room', 8, 0.55],
  ['harbour', 'room', 8, 0.4],
  ['tundra', 'room', 6, 0.3],
  ['aurora', 'room', 6, 0.8],
  ['birch', 'desk', 2, 0.2],
  ['cliff', 'room', 10, 0.5],
  ['dune', 'board', 14, 0.35],
  ['ember', 'room', 6, 0.6],
  ['focus-1', 'desk', 1, 0.45],
  ['focus-2', 'desk', 1, 0.1],
  ['grove', 'room', 4, 0.25],
];
const OFF = 'dune';
const REFUSES = 'tundra';
const IN_USE = ['fjord', 'aurora', 'ember'];
const DRIFTS = 'cliff';
const BOOKINGS = [
  ['fjord', 'Budget', -2],
  ['ember', 'Interview', -5],
  ['dune', 'Town hall', 12],
];
const BERGEN = ['cliff', 'dune', 'ember', 'grove'];

/** Starts it all; answers where the dashboard is, the clock of the scene, and how to end it. */
export async function openOffice() {
  const clock = movableClock(untilTenOnAThursday());
  const folder = await mkdtemp(join(tmpdir(), 'roomd-office-'));
  const undo = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const simulator = await startSimulator({
      devices: ROOMS.map(([name, kind]) => ({
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
    undo.push(() => simulator.stop());
    const bot = { personId: 'roomd', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' };
    const webex = await startWebexStandIn({
      tokens: { [TOKEN]: bot },
      rooms: [{ title: 'Facilities' }],
      clock,
    });
    undo.push(() => webex.stop());
    const file = join(folder, 'fleet.yaml');
    const text = (delay) => fleet(simulator.devices, webex, delay);
    await writeFile(file, text(30));
    const secrets = { ROOM_PASSWORD: PASSWORD, WEBEX_TOKEN: TOKEN };
    const daemon = await openDaemon(
      {
        file,
        overrides: {},
        secrets: { env: (name) => secrets[name], readFile: (path) => readFile(path, 'utf8') },
      },
      '0.1.0',
      { clock, random: seededRandom(11), newId: uuidv7(clock), logger: silentLogger },
      new AbortController().signal,
    );
    undo.push(() => daemon.stop());
    await daemon.start(new AbortController().signal);
    const act = (action, input = {}, actor = 'anna') =>
      perform(action, { input, caller: { actor, role: 'admin', devices: null }, ports: daemon.ports });
    await remember(daemon.ports, clock.now());
    await live({ simulator, act, clock, changeFile: (delay) => writeFile(file, text(delay)) });
    return { url: daemon.url, clock, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function fleet(devices, webex, delay) {
  const lines = devices.map(({ name, port }) => {
    const [, kind, seats] = ROOMS.find(([room]) => room === name);
    const site = BERGEN.includes(name) ? 'bergen' : 'oslo';
    const canary = name === 'birch' ? ', canary: true' : '';
    return `  - { name: ${name}, host: "127.0.0.1:${port}", kind: ${kind}, capacity: ${seats}, tags: { site: ${site}${canary} } }`;
  });
  return `version: 1
daemon:
  mode: enforce
  listen: 127.0.0.1:0
  database: sqlite:./roomd.db
  timing: { sweep: 30s, drift: 5s, connect: 2s, request: 5s, ping: 5s, retryFirst: 500ms, retryMost: 4s }
credentials:
  rooms: { username: roomd, password: "\${env:ROOM_PASSWORD}" }
defaults:
  credentials: rooms
  timezone: Europe/Oslo
  configuration:
    Audio.DefaultVolume: 60
    RoomAnalytics: { PeoplePresenceDetector: On, PeopleCountOutOfCall: On }
    Standby: { Control: On, Delay: ${delay} }
  drift: { Audio.DefaultVolume: report }
  feedback:
    expressions: [/Status/RoomAnalytics, /Status/Call, /Status/Standby, /Status/Bookings]
devices:
${lines.join('\n')}
rollout: { canary: tag:canary, rings: [site=oslo, site=bergen], soak: 30m, failureBudget: 2 }
calls: { allow: ["*@example.com"] }
macros:
  - name: morning-standup
    description: Joins the stand-up where somebody is in the room
    when: { schedule: "55 9 * * 1-5" }
    devices: name=aurora
    steps:
      - dial: { number: standup@example.com, countdown: 3s }
      - notify: { to: facilities, markdown: "**{{device.name}}** joined the stand-up" }
  - name: quiet-evening
    description: Puts empty rooms to sleep
    when: { schedule: "0 20 * * *" }
    devices: all
    if: presence == 'no' && callKnown && !inCall
    steps:
      - standby: on
  - name: welcome
    description: A word on the screen in the morning
    when: { schedule: "30 8 * * 1-5" }
    devices: site=oslo
    steps:
      - message: { text: Good morning, duration: 20s }
notifiers:
  facilities: { webex: { roomId: "${webex.rooms[0].id}", token: "\${env:WEBEX_TOKEN}", baseUrl: "${webex.url}" } }
alerts:
  notify: [facilities]
  rules:
    device-offline: { for: 1s }
    credentials-refused: { for: 1s }
`;
}

/** The days before: people come and go by the clock, bookings beside them. */
async function remember(ports, at) {
  const { database } = ports;
  const { query } = database;
  const random = seededRandom(5);
  const today = Math.floor(at / DAY) * DAY;
  const first = today - 14 * DAY;
  const writes = [{ compile: () => sql`UPDATE device SET created_at = ${first}`.compile(query) }];
  const presence = (device_id, state, from_at, to_at) => {
    if (to_at > from_at)
      writes.push(
        query
          .insertInto('presence')
          .values({ device_id, state, from_at, to_at, source: 'session', max_count: null, last_count: null }),
      );
  };
  let seq = 1;
  for (const [name, , seats, share] of ROOMS) {
    const device_id = ports.deviceId(name);
    for (let day = first; day < today; day += DAY) {
      const isWeekend = [0, 6].includes(new Date(day).getUTCDay());
      // One afternoon roomd was not there: unknown is told as unknown.
      const end = day === today - 3 * DAY ? day + 13 * HOUR : day + DAY;
      let at = day;
      for (let hour = 7; hour < 16; hour += 1) {
        const wanted = isWeekend
          ? share / 20
          : share * (hour === 11 ? 0.4 : hour < 8 || hour > 14 ? 0.5 : 1.1);
        if (random() > wanted || day + (hour + 1) * HOUR > end) continue;
        const from = day + hour * HOUR + Math.floor(random() * 8) * 60_000;
        const to = from + (25 + Math.floor(random() * 27)) * 60_000;
        presence(device_id, 'no', at, from);
        presence(device_id, 'yes', from, to);
        const count = Math.max(1, Math.round(seats * (0.2 + random() * 0.5)));
        writes.push(
          query.insertInto('people_count').values({ device_id, from_at: from, to_at: to, count, seq }),
        );
        seq += 1;
        at = to;
      }
      presence(device_id, 'no', at, end);
      for (const hour of isWeekend ? [] : [8, 10, 13]) {
        if (random() > share + 0.15) continue;
        const start = day + hour * HOUR;
        writes.push(booking(query, device_id, seq, start, start + HOUR));
        seq += 1;
      }
    }
  }
  for (let at = 0; at < writes.length; at += 200) await database.write(writes.slice(at, at + 200));
  await rollUp(database, today);
  await workOffMarks(database, { keptFrom: 0 });
}

function booking(query, device_id, seq, start_at, end_at) {
  return query.insertInto('booking').values({
    device_id,
    seq,
    booking_id: String(seq),
    meeting_id: null,
    organizer: null,
    organizer_form: 'none',
    series: null,
    start_at,
    end_at,
    extended_times: 0,
    began_at: null,
    ended_at: null,
    state: 'ended',
  });
}

/** This morning: an apply, one room off, one that refuses, a knob turned, people, a macro, a rollout under way. */
async function live({ simulator, act, clock, changeFile }) {
  await until('sessions', async () => {
    const { items } = await act(listDevices);
    return items.filter(({ session }) => session.state === 'up').length >= ROOMS.length - 1;
  });
  await act(apply, { devices: 'all', force: true });
  for (const [name, title, inMinutes] of BOOKINGS) {
    const startAt = clock.now() + inMinutes * 60_000;
    simulator.device(name).state.bookings.add({ title, startAt, endAt: startAt + HOUR });
  }
  await until('bookings', async () => (await act(now)).counts.soon >= BOOKINGS.length);
  simulator.device(OFF).fault('offline', null);
  for (const [at, name] of IN_USE.entries()) simulator.device(name).state.people(3 + 2 * at);
  simulator.device(DRIFTS).state.turnKnob('Audio.DefaultVolume', '85');
  await act(runMacro, { macro: 'morning-standup', device: 'aurora' }, 'schedule');
  await act(runMacro, { macro: 'welcome', device: 'glacier' });
  await act(placeHold, { devices: 'name=harbour', reason: 'The board meets here until noon' });
  const offline = await until('an alert', async () => {
    const { items } = await act(listAlerts);
    return items.length >= 2 && items.find(({ devices }) => devices.includes(OFF));
  });
  await act(acknowledgeAlert, { alert: offline.id, comment: 'The electrician is on the way' });
  clock.forward(7 * 60_000);
  await changeFile(45);
  await act(reload);
  await act(startRollout, { devices: 'all' });
  await until('the canary', async () => {
    const { devices } = await act(rolloutStatus);
    return devices.some(({ state }) => state === 'soaking');
  }).catch(() => undefined);
}

async function until(what, look) {
  for (let tries = 0; tries < 300; tries += 1) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not seen within half a minute`);
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
