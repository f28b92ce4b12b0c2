import type { AlertStore } from '../alerts/store.ts';
import type { ChatDoor } from '../chat/chat.ts';
import type { Live } from '../feedback/live.ts';
import type { Clock } from '../lib/clock.ts';
import { fleetFacts, type MacroPorts, macroStateOf } from '../macros/ports.ts';
import { roomRecords } from '../macros/room-records.ts';
import type { Outbox } from '../notify/outbox.ts';
import type { Engine } from './engine.ts';
import type { InForce } from './in-force.ts';
import type { SystemDesk } from './systems/desk.ts';

interface Parts {
  readonly engine: Engine;
  readonly inForce: InForce;
  readonly outbox: Outbox;
  readonly live: Live;
  readonly alerts: AlertStore;
  readonly systems: SystemDesk;
  readonly chat: Pick<ChatDoor, 'ask' | 'spaces'>;
  readonly clock: Clock;
}

/** What macros may ask and do, bound to the running parts. */
export function portsOfMacros(parts: Parts): MacroPorts {
  const { engine, inForce, outbox, live, alerts, systems, chat, clock } = parts;
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
      return roomRecords(engine.database, { deviceId: id, desired, now: clock.now() }, { signal });
    },
    fleet: async (signal) => {
      const seen = inForce.standing.fleet.devices.map(({ name }) => {
        const id = engine.devices.row(name)?.id;
        return {
          name,
          session: engine.devices.get(name)?.session().state ?? null,
          state: macroStateOf(id === undefined ? null : live.get(id)),
        };
      });
      return fleetFacts(seen, (await alerts.open({ signal })).length);
    },
    meetings: systems.meetings,
    finesse: systems.finesse,
  };
}
