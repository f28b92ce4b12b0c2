import { apply } from '../../actions/apply.ts';
import { listDevices } from '../../actions/devices.ts';
import { placeHold } from '../../actions/hold.ts';
import { listRuns } from '../../actions/macros.ts';
import { plan } from '../../actions/plan.ts';
import { presencePast } from '../../actions/presence.ts';
import { type ShownDevice } from '../../actions/shown-device.ts';
import { listSlots } from '../../actions/slots.ts';
import { sleep } from '../../lib/abort.ts';
import { STANDUP_DEVICE } from './demo-fleet.ts';
import { HOSTILE, type Stage } from './stage.ts';

/** One thing that roomd does, shown and checked against what the simulated devices themselves hold. */
export interface Act {
  readonly title: string;
  /** Says what is going on as it goes; answers what was seen, or throws `NotHeld`. */
  play(stage: Stage, say: (line: string) => void, signal: AbortSignal): Promise<string>;
}

/** What should have been true and was not. */
export class NotHeld extends Error {}

const REACHABLE = 10;
const WANTED = {
  'Audio.DefaultVolume': '60',
  'Standby.Delay': '30',
  'RoomAnalytics.PeopleCountOutOfCall': 'On',
};
const KNOB = 'Audio.DefaultVolume';
const KNOB_DEVICE = 'aurora';

export const ACTS: readonly Act[] = [
  {
    title: 'sessions',
    async play(stage, say, signal) {
      const devices = await until(stage, signal, 8_000, 'ten sessions up', async () => {
        const all = await list(stage);
        const settled = all.filter(
          ({ session }) => session.state !== 'connecting' && session.state !== 'idle',
        );
        return up(all).length === REACHABLE && settled.length === all.length ? all : null;
      });
      for (const { name, session } of devices)
        if (session.reason !== null) say(`${name}: ${session.state}: ${session.reason}`);
      const { failedLogins } = stage.simulator.device(HOSTILE.wrongPassword);
      hold(failedLogins === 1, `${HOSTILE.wrongPassword} saw ${failedLogins} failed logins instead of 1`);
      const sockets = stage.simulator.devices.filter((device) => device.sockets > 0).length;
      hold(sockets === REACHABLE, `${sockets} simulated devices hold a socket instead of ${REACHABLE}`);
      return `${sockets} of ${devices.length} devices hold a session; 1 refused the password (one attempt), 1 is off`;
    },
  },
  {
    title: 'plan',
    async play(stage, say) {
      const before = stage.simulator.devices.map(({ state }) =>
        JSON.stringify(state.core.configuration.dump()),
      );
      const { devices, summary } = await stage.perform(plan, {});
      for (const { path, from, to } of devices[0]?.changes ?? [])
        say(`${devices[0]?.name}: ${path}: ${from} → ${to}`);
      hold(
        summary.drift === REACHABLE && summary.changes > 0,
        `${summary.drift} devices differ instead of ${REACHABLE}`,
      );
      hold(summary.failed === 2, `${summary.failed} devices are not known instead of 2`);
      const after = stage.simulator.devices.map(({ state }) =>
        JSON.stringify(state.core.configuration.dump()),
      );
      hold(before.join() === after.join(), 'planning changed a device');
      return `${summary.changes} changes on ${summary.drift} devices found, nothing written`;
    },
  },
  {
    title: 'apply',
    async play(stage, say, signal) {
      if (stage.damage === 'apply') await stage.perform(placeHold, { reason: 'damaged on purpose' });
      stage.simulator.device(HOSTILE.inUse).state.people(2);
      await until(
        stage,
        signal,
        4_000,
        'somebody in the boardroom',
        async () =>
          stage.simulator.device(HOSTILE.inUse).state.status('RoomAnalytics.PeoplePresence') === 'Yes',
      );
      say(`two people sit in ${HOSTILE.inUse}; ${HOSTILE.reboots} restarts in the middle`);
      const applying = stage.perform(apply, {});
      stage.simulator.device(HOSTILE.reboots).reboot();
      const { devices, summary } = await applying;
      for (const { name, changes } of devices) {
        const waiting = changes.find(({ result }) => result === 'waiting');
        if (waiting !== undefined) say(`${name}: ${waiting.detail}; it waits`);
      }
      const rest = stage.simulator.devices.filter(({ name }) => !isHostile(name));
      const differing = rest.filter(({ state }) => !asWanted(state)).map(({ name }) => name);
      hold(differing.length === 0, `not as the file says: ${differing.join(', ')}`);
      hold(
        !asWanted(stage.simulator.device(HOSTILE.inUse).state),
        `${HOSTILE.inUse} was written while people sat in it`,
      );
      return `${summary.accepted} settings written, read back and proven; ${HOSTILE.inUse} left alone (${summary.waiting} waiting)`;
    },
  },
  {
    title: 'finish',
    async play(stage, say, signal) {
      stage.simulator.device(HOSTILE.inUse).state.people(0);
      say(`the people leave ${HOSTILE.inUse}; ${HOSTILE.reboots} comes back`);
      await until(stage, signal, 12_000, 'both devices as the file says', async () =>
        [HOSTILE.inUse, HOSTILE.reboots].every((name) => asWanted(stage.simulator.device(name).state)),
      );
      return `${HOSTILE.inUse} and ${HOSTILE.reboots} finished by the daemon`;
    },
  },
  {
    title: 'drift',
    async play(stage, say, signal) {
      const { state } = stage.simulator.device(KNOB_DEVICE);
      state.turnKnob(KNOB, '95');
      say(`someone turns ${KNOB} of ${KNOB_DEVICE} to 95`);
      await until(
        stage,
        signal,
        6_000,
        'the knob put back',
        async () => state.configuration(KNOB) === WANTED[KNOB],
      );
      return `${KNOB} of ${KNOB_DEVICE} is back at ${WANTED[KNOB]}`;
    },
  },
  {
    title: 'slots',
    async play(stage, say, signal) {
      const slots = await until(stage, signal, 6_000, 'a slot on every device', async () => {
        const held = stage.simulator.devices.filter(
          ({ name }) => name !== HOSTILE.offline && name !== HOSTILE.wrongPassword,
        );
        const ours = held.flatMap(({ state }) =>
          state.slots.list().filter(({ url }) => url.includes('/feedback/')),
        );
        return ours.length === REACHABLE ? ours : null;
      });
      stage.simulator.device(KNOB_DEVICE).state.people(1);
      say(`someone walks into ${KNOB_DEVICE}`);
      await until(stage, signal, 4_000, 'a post of the device that was answered', async () => {
        const { items } = await stage.perform(listSlots, { devices: KNOB_DEVICE });
        return items.some(({ lastPostAt }) => lastPostAt !== null) || null;
      });
      const failed = stage.simulator.devices
        .flatMap(({ state }) => state.slots.list())
        .filter(({ status }) => status === 'Failed');
      hold(failed.length === 0, `${failed.length} slots failed: posts do not arrive`);
      return `${slots.length} slots registered and healthy`;
    },
  },
  {
    title: 'presence',
    async play(stage, say, signal) {
      const from = new Date(stage.clock.now() - 60_000).toISOString();
      if (stage.damage !== 'presence') stage.simulator.device(STANDUP_DEVICE).state.people(3);
      say(`three people walk into ${STANDUP_DEVICE}`);
      const seen = await until(stage, signal, 5_000, 'presence in the database', async () => {
        const to = new Date(stage.clock.now() + 60_000).toISOString();
        const { items } = await stage.perform(presencePast, {
          device: STANDUP_DEVICE,
          from: from as never,
          to: to as never,
        });
        return items.find(({ state, maxCount }) => state === 'yes' && maxCount === 3) ?? null;
      });
      return `${STANDUP_DEVICE}: yes, 3 people, since ${seen.from}, told by the ${seen.source}`;
    },
  },
  {
    title: 'dial',
    async play(stage, say, signal) {
      const { state } = stage.simulator.device(STANDUP_DEVICE);
      say('the clock is about to strike nine in Oslo');
      await until(
        stage,
        signal,
        25_000,
        'the countdown on the screen',
        async () => state.screen.history.length > 0 || state.screen.now().length > 0,
      );
      say(
        `on the screen of ${STANDUP_DEVICE}: "${state.screen.now()[0]?.text ?? state.screen.history.at(-1)?.text ?? ''}"`,
      );
      await until(stage, signal, 10_000, 'the call connected', async () =>
        state.calls.list().some(({ status }) => status === 'Connected'),
      );
      hold(state.status('Audio.Microphones.Mute') === 'On', 'the call connected with open microphones');
      hold(state.status('Video.Input.MainVideoMute') === 'On', 'the call connected with an open camera');
      return `${STANDUP_DEVICE} is in the call with ${state.calls.list()[0]?.number}, microphones and camera muted`;
    },
  },
  {
    title: 'notify',
    async play(stage, say, signal) {
      const message = await until(
        stage,
        signal,
        6_000,
        'the message in the Webex room',
        async () => stage.webex.messages().at(-1) ?? null,
      );
      say(`in Webex: ${message.markdown ?? message.text ?? ''}`);
      hold((message.markdown ?? '').includes(STANDUP_DEVICE), 'the message names another device');
      const [run] = (await stage.perform(listRuns, { macro: 'morning-standup' })).items;
      hold(run?.state === 'succeeded', `the run is ${run?.state ?? 'missing'}: ${run?.reason ?? ''}`);
      return `posted and read back; the run is recorded with ${run?.steps.length ?? 0} steps`;
    },
  },
];

function isHostile(name: string): boolean {
  return (Object.values(HOSTILE) as string[]).includes(name);
}

function asWanted(state: { configuration(path: string): string | null }): boolean {
  return Object.entries(WANTED).every(([path, value]) => state.configuration(path) === value);
}

async function list(stage: Stage): Promise<readonly ShownDevice[]> {
  return (await stage.perform(listDevices, {})).items;
}

function up(devices: readonly ShownDevice[]): readonly ShownDevice[] {
  return devices.filter(({ session }) => session.state === 'up');
}

function hold(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new NotHeld(otherwise);
}

/** Looks again and again until there is something to see. */
async function until<T>(
  { clock }: Stage,
  signal: AbortSignal,
  withinMs: number,
  what: string,
  look: () => Promise<T | null | false>,
): Promise<T> {
  const end = clock.monotonic() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== false) return seen;
    if (clock.monotonic() > end) throw new NotHeld(`${what}: not seen within ${withinMs / 1_000} s`);
    await sleep(100, clock, { signal });
  }
}
