import { acknowledgeAlert, listAlerts } from '../../dist/actions/alerts.js';
import { apply } from '../../dist/actions/apply.js';
import { listDevices } from '../../dist/actions/devices.js';
import { placeHold } from '../../dist/actions/hold.js';
import { runMacro } from '../../dist/actions/macros.js';
import { now } from '../../dist/actions/now.js';
import { rolloutStatus, startRollout } from '../../dist/actions/rollout.js';
import { reload } from '../../dist/actions/system.js';
import { HOUR, ROOMS } from './rooms.mjs';

const OFF = 'dune';
const IN_USE = ['fjord', 'aurora', 'ember'];
const DRIFTS = 'cliff';
/** Where, what, and in how many minutes it begins. */
const BOOKINGS = [
  ['fjord', 'Budget', -2],
  ['ember', 'Interview', -5],
  ['dune', 'Town hall', 12],
];

/** This morning: an apply, one room off, one that refuses, a knob turned, people, a macro, a rollout under way. */
export async function live({ simulator, act, clock, changeFile }) {
  await everyoneUp(act);
  await act(apply, { devices: 'all', force: true });
  await bookRooms({ simulator, act, clock });
  peopleAndFaults(simulator);
  await act(runMacro, { macro: 'morning-standup', device: 'aurora' }, 'schedule');
  await act(runMacro, { macro: 'welcome', device: 'glacier' });
  await act(placeHold, { devices: 'name=harbour', reason: 'The board meets here until noon' });
  await acknowledgeOffline(act);
  clock.forward(7 * 60_000);
  await changeFile(45);
  await act(reload);
  await rollOut(act);
}

async function everyoneUp(act) {
  await until('sessions', async () => {
    const { items } = await act(listDevices);
    return items.filter(({ session }) => session.state === 'up').length >= ROOMS.length - 1;
  });
}

async function bookRooms({ simulator, act, clock }) {
  for (const [name, title, inMinutes] of BOOKINGS) {
    const startAt = clock.now() + inMinutes * 60_000;
    simulator.device(name).state.bookings.add({ title, startAt, endAt: startAt + HOUR });
  }
  await until('bookings', async () => (await act(now)).counts.soon >= BOOKINGS.length);
}

function peopleAndFaults(simulator) {
  simulator.device(OFF).fault('offline', null);
  for (const [at, name] of IN_USE.entries()) simulator.device(name).state.people(3 + 2 * at);
  simulator.device(DRIFTS).state.turnKnob('Audio.DefaultVolume', '85');
}

async function acknowledgeOffline(act) {
  const offline = await until('an alert', async () => {
    const { items } = await act(listAlerts);
    return items.length >= 2 && items.find(({ devices }) => devices.includes(OFF));
  });
  await act(acknowledgeAlert, { alert: offline.id, comment: 'The electrician is on the way' });
}

/** As far as the soak of the canary; without it the picture lacks that, and is taken all the same. */
async function rollOut(act) {
  await act(startRollout, { devices: 'all' });
  await until('the canary', async () => {
    const { rings } = await act(rolloutStatus);
    return rings.some(({ devices }) => devices.some(({ state }) => state === 'soaking'));
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
