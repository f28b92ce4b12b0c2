import type { InProcessDevice } from './in-process-device.ts';
import type { Happening } from './test-file.ts';

/** What a test wants to happen cannot: there is no prompt to answer, no call to hang up. */
export class CannotHappen extends Error {}

/**
 * Has something happen to a device.
 * @throws CannotHappen
 */
export function happen(device: InProcessDevice, what: Happening, now: number): void {
  for (const [kind, value] of Object.entries(what)) {
    if (value === undefined) continue;
    // The schema holds each value to the type of its own key.
    const act = ACTS[kind as keyof Happening] as (
      device: InProcessDevice,
      value: unknown,
      now: number,
    ) => boolean;
    if (!act(device, value, now)) throw new CannotHappen(`${device.address.name}: ${REFUSALS[kind] ?? kind}`);
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  extend: 'no booking runs that could be extended',
  accept: 'no call rings',
  hangUp: 'there is no call',
  press: 'no prompt with such an option is shown',
};

type Acts = {
  readonly [Kind in keyof Happening]-?: (
    device: InProcessDevice,
    value: NonNullable<Happening[Kind]>,
    now: number,
  ) => boolean;
};

const ACTS: Acts = {
  people: ({ state }, count) => done(() => state.people(count)),
  booking: ({ state }, { title, organizer, in: startsIn = 0, for: lasts, declinable }, now) =>
    done(() =>
      state.bookings.add({
        title,
        organizer,
        startAt: now + startsIn,
        endAt: now + startsIn + lasts,
        ...(declinable ? {} : { meetingId: '' }),
      }),
    ),
  extend: ({ state }, byMs) => state.bookings.extend(null, byMs) !== null,
  call: ({ state }, number) => done(() => state.incomingCall({ number })),
  accept({ state }) {
    const ringing = state.calls.list().find(({ status }) => status === 'Ringing');
    return ringing !== undefined && state.calls.accept(ringing);
  },
  hangUp: ({ state }) => state.farEndHangsUp(),
  share: ({ state }, isSharing) => done(() => state.share(isSharing)),
  press({ state }, option) {
    const prompt = state.screen.now().find(({ kind }) => kind === 'prompt');
    const meant = prompt?.options.find(({ id, text }) => text === option || String(id) === option);
    return meant !== undefined && state.screen.respond(meant.id);
  },
  panel: ({ state }, id) => done(() => pressPanel(state, id)),
  widget: ({ state }, { id, type, value }) => done(() => state.content.actWidget(id, type, value)),
  sensor: ({ state }, { name, value }) => done(() => state.sensors.set(name, value)),
  standby: ({ state }, isOn) =>
    state.command(isOn ? 'Standby.Activate' : 'Standby.Deactivate', {}).kind === 'ok',
  offline: (device, isOff) =>
    done(() => device.setSession(isOff ? 'waiting' : 'up', isOff ? 'the network is gone' : null)),
  reboot: ({ state }) => done(() => state.reboot()),
};

/** Panels of the fleet file are not put onto rehearsed devices; a press is what counts. */
function pressPanel({ core, content }: InProcessDevice['state'], id: string): void {
  if (content.clickPanel(id)) return;
  core.event('UserInterface.Extensions.Panel.Clicked', {
    Origin: 'Controller',
    PanelId: id,
    PeripheralId: '',
  });
}

function done(act: () => unknown): true {
  act();
  return true;
}
