import { join } from 'node:path';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { post } from '../../feedback/receiver-client.ts';
import { clickOf, clicksIn } from './clicks.ts';
import { type FaultWorld, isUp, type Roomd, slotUrl, withDaemon } from './daemon.ts';
import { pause, until } from './ears.ts';
import type { Fault, FaultOptions } from './fault.ts';
import { differenceAfterRebuild } from './rebuild.ts';

const NAMES = ['room-1', 'room-2', 'room-3'];
const STOPPED_WELL =
  'every post is answered 200 after it and on record, all sessions are up, presence is as the device shows it';
const KILLED_WELL =
  'every answered post is on record once, the file is sound, presence, calls and hourly figures are those that the log gives anew, presence is as the devices show it';

/** So many posts are answered before each kill, in the midst of others. */
const BURST = 25;

/** What is done to the daemon as it is shipped, with sessions and slots to simulated devices. */
export function daemonFaults({ kills, stopSeconds }: FaultOptions): readonly Fault[] {
  return [
    {
      fault: `SIGSTOP of the daemon for ${stopSeconds} s while posts come and people walk in`,
      expected: STOPPED_WELL,
      try: () => withDaemon({ names: NAMES }, (world) => stopped(world, stopSeconds)),
    },
    {
      fault: `kill -9 of the daemon in bursts of posts, ${kills} times`,
      expected: KILLED_WELL,
      try: () => withDaemon({ names: NAMES }, (world) => killed(world, kills)),
    },
  ];
}

async function stopped(world: FaultWorld, seconds: number): Promise<string> {
  const { simulator, folder } = world;
  const roomd = await world.start();
  const [first] = simulator.devices;
  if (first === undefined) throw new Error('there is no device');
  const panels = Array.from({ length: 12 }, (_, at) => `stopped-${at}`);
  roomd.child.kill('SIGSTOP');
  first.state.people(3);
  const posting = Promise.all(panels.map((panel) => click(first, panel)));
  await pause(seconds * 1_000);
  roomd.child.kill('SIGCONT');
  const statuses = await posting;
  const areUp = await until(() => isUp(roomd, NAMES), 60_000);
  const isPresent = await until(() => showsPresence(roomd, first.name, 'yes'), 30_000);
  first.state.people(0);
  const isLeft = await until(() => showsPresence(roomd, first.name, 'no'), 30_000);
  await roomd.end('SIGTERM');
  const stored = clicksIn(databaseOf(folder));
  const faults = [
    statuses.some((status) => status !== 200) && `answered ${statuses.join()}`,
    panels.some((panel) => !stored.includes(panel)) && 'posts are lost',
    !areUp && 'sessions are not up again',
    (!isPresent || !isLeft) && 'presence is not as the device shows it',
  ].filter((fault) => fault !== false);
  return faults.length === 0 ? STOPPED_WELL : faults.join(', ');
}

/** People come, call and go in simulated rooms, and panels are pressed as fast as it goes, while the daemon is killed again and again. */
async function killed(world: FaultWorld, kills: number): Promise<string> {
  const { simulator, folder } = world;
  const answered = new Set<string>();
  let sent = 0;
  for (let round = 0; round < kills; round += 1) {
    const roomd = await world.start();
    const over = new AbortController();
    const posters = simulator.devices.flatMap((device) =>
      [1, 2].map(async () => {
        while (!over.signal.aborted) {
          sent += 1;
          const panel = `p-${sent}`;
          if ((await click(device, panel)) === 200) answered.add(panel);
        }
      }),
    );
    for (const [at, device] of simulator.devices.entries()) bustle(device, round + at);
    const enough = answered.size + BURST;
    await until(async () => answered.size >= enough, 10_000);
    await pause((round * 37) % 200);
    await roomd.end('SIGKILL');
    over.abort();
    await Promise.all(posters);
  }
  const last = await world.start();
  for (const device of simulator.devices) bustle(device, 0);
  const isAsShown = await until(() => isAsShownBy(last, simulator.devices), 30_000);
  await last.end('SIGTERM');
  const stored = clicksIn(databaseOf(folder));
  const counts = new Map<string, number>();
  for (const panel of stored) counts.set(panel, (counts.get(panel) ?? 0) + 1);
  const lost = [...answered].filter((panel) => !counts.has(panel)).length;
  const twice = [...counts.values()].filter((count) => count > 1).length;
  const difference = await differenceAfterRebuild(databaseOf(folder));
  const faults = [
    lost > 0 && `${lost} of ${answered.size} answered posts are lost`,
    twice > 0 && `${twice} posts are there twice`,
    answered.size < kills * BURST && `only ${answered.size} posts were answered at all`,
    !isAsShown && 'presence is not as the devices show it',
    difference,
  ].filter((fault) => fault !== false && fault !== null);
  return faults.length === 0 ? KILLED_WELL : faults.join(', ');
}

/** Somebody comes and calls, or hangs up and leaves. */
function bustle({ state }: SimulatedDevice, turn: number): void {
  if (turn % 2 === 0) {
    state.farEndHangsUp();
    state.people(0);
  } else {
    state.people(1 + (turn % 5));
    state.command('Dial', { Number: 'far@example.com' });
  }
}

async function isAsShownBy(roomd: Roomd, devices: readonly SimulatedDevice[]): Promise<boolean> {
  const told = await roomd.devices();
  return devices.every(({ name, state }) => {
    const presence = told.find((device) => device.name === name)?.presence.state;
    return presence === String(state.status('RoomAnalytics.PeoplePresence')).toLowerCase();
  });
}

async function showsPresence(roomd: Roomd, name: string, word: string): Promise<boolean> {
  return (await roomd.devices()).some((device) => device.name === name && device.presence.state === word);
}

function click(device: SimulatedDevice, panel: string): Promise<number> {
  const url = new URL(slotUrl(device) ?? '');
  return post(Number(url.port), url.pathname, clickOf(panel, { serial: device.serial }));
}

function databaseOf(folder: string): string {
  return join(folder, 'data', 'roomd.db');
}
