import type { Live } from '../feedback/live.ts';
import { type MacroPorts, macroStateOf } from '../macros/ports.ts';
import type { Outbox } from '../notify/outbox.ts';
import type { Engine } from './engine.ts';
import type { InForce } from './in-force.ts';

/** What macros may ask and do, bound to the running parts. */
export function portsOfMacros({
  engine,
  inForce,
  outbox,
  live,
}: {
  engine: Engine;
  inForce: InForce;
  outbox: Outbox;
  live: Live;
}): MacroPorts {
  return {
    device: (name) => engine.devices.get(name),
    state: (name) => {
      const id = engine.devices.row(name)?.id;
      return macroStateOf(id === undefined ? null : live.get(id));
    },
    mode: () => inForce.mode(),
    mayAct: (desired) => {
      const reason = engine.leftAlone(desired);
      return reason === null ? { ok: true } : { ok: false, reason };
    },
    enqueue: (notifier, message) => outbox.enqueue(notifier, message),
    occupancy: async (name, signal) => {
      const device = engine.devices.get(name);
      if (device === null) return { state: 'unknown', reason: 'roomd keeps no session to it' };
      return engine.occupancy(device, { signal });
    },
  };
}
