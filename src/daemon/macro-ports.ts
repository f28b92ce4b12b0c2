import type { AlertStore } from '../alerts/store.ts';
import type { ChatDoor } from '../chat/chat.ts';
import type { Live } from '../feedback/live.ts';
import { openBookings, statedCapacity } from '../feedback/room-records.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clock.ts';
import { bookingFacts, type FleetFacts, type MacroPorts, macroStateOf } from '../macros/ports.ts';
import type { Outbox } from '../notify/outbox.ts';
import type { Engine } from './engine.ts';
import type { InForce } from './in-force.ts';

interface Parts {
  readonly engine: Engine;
  readonly inForce: InForce;
  readonly outbox: Outbox;
  readonly live: Live;
  readonly alerts: AlertStore;
  readonly chat: Pick<ChatDoor, 'ask' | 'spaces'>;
  readonly clock: Clock;
}

const MOST_NAMES = 20;

/** What macros may ask and do, bound to the running parts. */
export function portsOfMacros({ engine, inForce, outbox, live, alerts, chat, clock }: Parts): MacroPorts {
  return {
    device: (name) => engine.devices.get(name),
    state: (name) => {
      const id = engine.devices.row(name)?.id;
      return id === undefined ? macroStateOf(null) : macroStateOf(live.get(id), live.sensors(id));
    },
    mode: () => inForce.mode(),
    mayAct: (desired) => {
      const reason = desired === null ? engine.holds.overAll() : engine.leftAlone(desired);
      return reason === null ? { ok: true } : { ok: false, reason };
    },
    enqueue: (notifier, message) => outbox.enqueue(notifier, message),
    ask: (notifier, question, options) => chat.ask(notifier, question, options),
    spaces: chat.spaces,
    occupancy: async (name, signal) => {
      const device = engine.devices.get(name);
      if (device === null) return { state: 'unknown', reason: 'roomd keeps no session to it' };
      return engine.occupancy(device, { signal });
    },
    records: async (name, signal) => {
      const desired = inForce.standing.fleet.devices.find((device) => device.name === name);
      const id = engine.devices.row(name)?.id;
      if (id === undefined) return { booking: null, capacity: null };
      const bookings = await openBookings(engine.database, id, { signal });
      return {
        booking: bookings === null ? null : bookingFacts(bookings, clock.now()),
        capacity: taggedCapacity(desired) ?? (await statedCapacity(engine.database, id, { signal })),
      };
    },
    fleet: async (signal) => ({
      ...countsOf(engine, inForce.standing.fleet.devices, live),
      openAlerts: (await alerts.open({ signal })).length,
    }),
  };
}

function taggedCapacity(desired: DesiredDevice | undefined): number | null {
  const capacity = Number(desired?.tags['capacity'] ?? Number.NaN);
  return Number.isSafeInteger(capacity) && capacity > 0 ? capacity : null;
}

function countsOf(
  engine: Engine,
  devices: readonly DesiredDevice[],
  live: Live,
): Omit<FleetFacts, 'openAlerts'> {
  const states = devices.map(({ name }) => {
    const id = engine.devices.row(name)?.id;
    const session = engine.devices.get(name)?.session().state ?? null;
    return { name, session, state: macroStateOf(id === undefined ? null : live.get(id)) };
  });
  const lost = states
    .filter(({ session }) => session !== 'up' && session !== 'up-https')
    .map(({ name }) => name);
  const more = lost.length > MOST_NAMES ? ` and ${lost.length - MOST_NAMES} more` : '';
  return {
    devices: devices.length,
    up: devices.length - lost.length,
    unreachable: lost.length,
    unreachableNames: lost.slice(0, MOST_NAMES).join(', ') + more,
    inCall: states.filter(({ state }) => state.inCall === true).length,
    occupied: states.filter(({ state }) => state.presence === 'yes').length,
  };
}
