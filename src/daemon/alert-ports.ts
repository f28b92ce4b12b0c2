import type { AlertPorts } from '../alerts/ports.ts';
import type { Live } from '../feedback/live.ts';
import type { Recorder } from '../feedback/recorder.ts';
import type { Reconciler } from '../fleet/reconciler.ts';
import { sectionOf } from '../fleet/section.ts';
import type { ApiServer } from '../http/server.ts';
import { macroSection } from '../macros/macro.ts';
import type { Outbox } from '../notify/outbox.ts';
import type { Engine } from './engine.ts';
import type { InForce } from './in-force.ts';
import type { NotifierDesk } from './notifiers.ts';
import type { Pulse } from './pulse.ts';
import { type SlotDesk, slotView } from './slots.ts';
import type { WebexDesk } from './systems/webex-desk.ts';

const DETECTOR = 'RoomAnalytics.PeoplePresenceDetector';

/** What alerts look at and how they tell people, bound to the running parts. */
export function portsOfAlerts(parts: {
  engine: Engine;
  inForce: InForce;
  live: Live;
  notifiers: NotifierDesk;
  outbox: Outbox;
  slots: SlotDesk;
  pulse: Pulse;
  webex: Pick<WebexDesk, 'refusal'>;
  recorder: Recorder;
  reconciler: Reconciler;
  door: () => Pick<ApiServer, 'certificateUntil'>;
}): AlertPorts {
  const { engine, inForce, live, notifiers, outbox, slots, pulse, webex, recorder, reconciler, door } = parts;
  const idOf = (name: string): number | null => engine.devices.row(name)?.id ?? null;
  return {
    fleet: () => engine.fleet,
    devices: () => engine.devices.all(),
    deviceId: idOf,
    slot: (device) => slotView(device, idOf(device.name), { slots, recorder, mode: inForce.mode() }),
    room: (id) => live.get(id),
    fights: (id) => engine.fights.list(id),
    detects: ({ name, configuration }) =>
      configuration.get(DETECTOR)?.value === 'On' && reconciler.condition(name).state === 'in-sync',
    macros: () => new Set((sectionOf(engine.fleet, macroSection) ?? []).map(({ name }) => name)),
    database: () => pulse.trouble(),
    webex: () => webex.refusal(),
    certificates: () => {
      const receiver = slots.certificate();
      const apiUntil = door().certificateUntil();
      return [
        ...certificateOf(
          'the receiver (daemon.feedback.tls)',
          receiver === null ? null : Date.parse(receiver.validTo),
        ),
        ...certificateOf('the API (daemon.tls)', apiUntil),
      ];
    },
    notifiers: () => notifiers.all(),
    enqueue: (notifier, message) => outbox.enqueueStatements(notifier, message).statements,
    wake: () => outbox.wake(),
  };
}

function certificateOf(of: string, expiresAt: number | null) {
  return expiresAt === null ? [] : [{ what: `The certificate of ${of}`, expiresAt }];
}
