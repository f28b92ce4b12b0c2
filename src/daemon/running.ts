import type { Ports } from '../actions/ports.ts';
import { AlertStore } from '../alerts/store.ts';
import { ALERT_DEFAULTS, AlertWatch } from '../alerts/watch.ts';
import { ChatDoor } from '../chat/chat.ts';
import type { BookingReader } from '../feedback/booking-reader.ts';
import { Live } from '../feedback/live.ts';
import { Projector } from '../feedback/projector.ts';
import type { Receiver } from '../feedback/receiver.ts';
import type { Recorder } from '../feedback/recorder.ts';
import type { Sweeper } from '../feedback/sweeper.ts';
import { Utilisation } from '../feedback/utilisation/utilisation.ts';
import { Access } from '../fleet/access/access.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { SOURCES } from '../fleet/inventory/inventory-section.ts';
import { Reconciler } from '../fleet/reconciler.ts';
import { stripped } from '../fleet/retire.ts';
import type { RolloutRunner } from '../fleet/rollout/runner.ts';
import type { RotationRunner } from '../fleet/rotation/course.ts';
import type { UpgradeRunner } from '../fleet/upgrade/course.ts';
import type { ApiServer } from '../http/server.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import type { NewId, Random } from '../lib/random.ts';
import { MACRO_DEFAULTS, MacroEngine } from '../macros/engine.ts';
import { lentSentences } from '../macros/setting-store.ts';
import { MqttDoor } from '../mqtt/mqtt.ts';
import { Outbox } from '../notify/outbox.ts';
import type { StorageError } from '../storage/errors.ts';
import { portsOfAlerts } from './alert-ports.ts';
import { Backups } from './backups/backups.ts';
import { makeEars } from './ears.ts';
import type { Engine } from './engine.ts';
import type { InForce } from './in-force.ts';
import { InventoryDesk } from './inventory/desk.ts';
import { InventoryWatch } from './inventory/watch.ts';
import { portsOfMacros } from './macro-ports.ts';
import { NotifierDesk } from './notifiers.ts';
import { Pulse } from './pulse.ts';
import { RecordDesk } from './record-desk.ts';
import { Retention } from './retention.ts';
import { makeRollouts } from './rollouts.ts';
import { makeRotations } from './rotations.ts';
import { whyNot } from './slot-ports.ts';
import { SlotTokens } from './slot-tokens.ts';
import { SlotDesk } from './slots.ts';
import { SystemDesk } from './systems/desk.ts';
import { WebexDesk } from './systems/webex-desk.ts';
import { WebexWatch } from './systems/webex-watch.ts';
import { makeUpgrades } from './upgrades.ts';
import { WebSessionWatch } from './web-session-watch.ts';

export interface RunningModules {
  readonly engine: Engine;
  readonly inForce: InForce;
  readonly onDeath: (error: StorageError) => void;
  /** What the verbs need, once all parts are made. */
  readonly ports: () => Ports;
  /** Where the API is served. */
  readonly door: () => Pick<ApiServer, 'certificateUntil'>;
  /** Of roomd. */
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** The parts that work on the fleet; the doors and the file watch come on top of them. */
export interface Running {
  readonly live: Live;
  readonly notifiers: NotifierDesk;
  readonly outbox: Outbox;
  readonly projector: Projector;
  readonly records: RecordDesk;
  readonly recorder: Recorder;
  readonly sweeper: Sweeper;
  readonly webSessions: WebSessionWatch;
  readonly bookings: BookingReader;
  readonly receiver: Receiver;
  readonly slots: SlotDesk;
  readonly alerts: AlertWatch;
  readonly slotTokens: SlotTokens;
  readonly macros: MacroEngine;
  readonly systems: SystemDesk;
  readonly webex: { readonly desk: WebexDesk; readonly watch: WebexWatch };
  readonly chat: ChatDoor;
  readonly mqtt: MqttDoor;
  readonly rollouts: RolloutRunner;
  readonly rotations: RotationRunner;
  readonly upgrades: UpgradeRunner;
  readonly reconciler: Reconciler;
  readonly utilisation: Utilisation;
  readonly retention: Retention;
  readonly backups: Backups;
  readonly inventory: { readonly desk: InventoryDesk; readonly watches: readonly InventoryWatch[] };
  readonly access: Access;
  readonly pulse: Pulse;
}

/** How often the database is asked whether it works, and how long it may take to say so. */
const PULSE = { everyMs: 5_000, deadlineMs: 10_000 };

/** Makes every part and binds them to one another; nothing begins. */
export function makeRunning(modules: RunningModules): Running {
  const { engine, inForce, onDeath, clock, random, newId, logger, registry } = modules;
  const { database, fleet } = engine;
  const live = new Live();
  const slotTokens: SlotTokens = new SlotTokens(
    {
      lifeMs: () => engine.fleet.daemon.feedback.tokenLifeMs,
      eligible: () => slotDevices(modules),
      onReplaced: (deviceId) => lookAt(deviceId),
      onProven: (deviceId) => ears.sweeper.doubt(deviceId),
      onChanged: (accepted) => ears.receiver.reload(accepted),
    },
    { database, clock, logger },
  );
  const slots = new SlotDesk({ engine, clock, tokens: slotTokens });
  const inForceNow = () => inForce.standing.fleet;
  const webex = new WebexDesk({ fleet: inForceNow }, { database, clock, logger });
  const chat = new ChatDoor({ webex, ports: modules.ports, database, clock, random, logger });
  const mqtt = new MqttDoor({
    ports: modules.ports,
    version: modules.version,
    clock,
    random,
    logger,
    registry,
  });
  const notifiers = new NotifierDesk({ webex, clock, logger });
  const outbox = new Outbox(
    {},
    { database, notifiers: notifiers.adopt(fleet), clock, random, newId, logger, registry },
  );
  const alertStore = new AlertStore({ database });
  const systems = new SystemDesk({ fleet: inForceNow }, { webex, clock, random, newId, logger });
  const ports = portsOfMacros({ engine, inForce, outbox, live, alerts: alertStore, systems, chat, clock });
  const rollouts: RolloutRunner = makeRollouts({ ...modules, reconciler: () => reconciler });
  const reconciler = makeReconciler(slots, rollouts, modules);
  const projector = new Projector({}, { database, clock, logger });
  const lookAt = (deviceId: number): void => {
    const name = engine.devices.byId(deviceId)?.address.name;
    if (name !== undefined) reconciler.look(name);
  };
  const ears = makeEars(live, { ...modules, slots, lookAt });
  const pulse = new Pulse(PULSE, { database, onDeath, clock, logger });
  const heard = { live, notifiers, outbox, slots, pulse, webex, recorder: ears.recorder, reconciler };
  return {
    live,
    webex: { desk: webex, watch: new WebexWatch({ desk: webex, clock, logger }) },
    chat,
    mqtt,
    notifiers,
    outbox,
    slots,
    slotTokens,
    ...ears,
    projector,
    records: new RecordDesk({ database, projector, ears, clock, newId }),
    systems,
    macros: new MacroEngine(MACRO_DEFAULTS, { database, ports, clock, newId, logger }),
    webSessions: new WebSessionWatch(
      { everyMs: fleet.daemon.timing.sweepMs, leaveFree: () => engine.fleet.daemon.sessions.leaveFree },
      { devices: engine.devices, clock, logger },
    ),
    rollouts,
    rotations: makeRotations(modules),
    upgrades: makeUpgrades({ ...modules, reconciler: () => reconciler }),
    reconciler,
    utilisation: new Utilisation(
      { recordsKeptMs: () => recordsKeptMs(engine.fleet) },
      { database, projectAll: () => projector.projectAll(), clock, logger },
    ),
    retention: new Retention(
      { retentionMs: () => engine.fleet.daemon.retentionMs },
      { database, projector, collect: () => engine.collectContent(), clock, logger },
    ),
    backups: makeBackups(outbox, modules),
    inventory: makeInventory(webex, modules),
    access: makeAccess(modules),
    pulse,
    alerts: new AlertWatch(ALERT_DEFAULTS, {
      ports: portsOfAlerts({ ...modules, ...heard }),
      maintenances: engine.maintenances,
      database,
      clock,
      newId,
      logger,
      registry,
    }),
  };
}

function makeInventory(
  webex: WebexDesk,
  { engine, clock, random, logger }: RunningModules,
): Running['inventory'] {
  const { database, fingerprintKey } = engine;
  const desk = new InventoryDesk(
    { fleet: () => engine.fleet, fingerprintKey },
    { database, webex, clock, random, logger },
  );
  const { retryFirstMs } = engine.fleet.daemon.timing;
  const watches = SOURCES.map(
    (source) => new InventoryWatch({ source, retryFirstMs }, { desk, clock, random, logger }),
  );
  return { desk, watches };
}

function makeAccess({ engine, inForce, clock, logger }: RunningModules): Access {
  const daemon = () => inForce.standing.fleet.daemon;
  return new Access(
    { tokens: () => daemon().tokens, life: () => daemon().signIn },
    { database: engine.database, clock, logger },
  );
}

function makeBackups(outbox: Outbox, { engine, inForce, clock, logger }: RunningModules): Backups {
  return new Backups({
    fleet: () => inForce.standing.fleet,
    targets: ({ devices }, names) => engine.devices.targets(devices.filter(({ name }) => names.has(name))),
    accepts: engine.accepts,
    enqueue: (notifier, message) => outbox.enqueue(notifier, message),
    database: engine.database,
    clock,
    logger,
  });
}

/** Figures whose records go by age stand as they are: whichever kind goes first. */
function recordsKeptMs({ daemon: { retentionMs } }: Fleet): number {
  return Math.min(retentionMs.presence, retentionMs.calls, retentionMs.bookings);
}

/** Devices that answer and on which slots may be registered. */
function slotDevices({ engine, inForce }: RunningModules): number[] {
  return engine.fleet.devices.flatMap((desired) => {
    const device = engine.devices.get(desired.name);
    const isUp = device !== null && ['up', 'up-https'].includes(device.session().state);
    return isUp && whyNot(desired, engine, inForce.mode()) === null ? [device.address.id] : [];
  });
}

function makeReconciler(
  slots: SlotDesk,
  rollouts: RolloutRunner,
  { engine, inForce, clock, random, logger }: RunningModules,
): Reconciler {
  const { driftMs, slotCheckMs, retryFirstMs, retryMostMs } = engine.fleet.daemon.timing;
  return new Reconciler(
    {
      concurrency: 16,
      // One look sees to settings and slot alike.
      driftMs: Math.min(driftMs, slotCheckMs),
      waitingMs: Math.min(driftMs, 60_000),
      backoff: { firstMs: retryFirstMs, mostMs: retryMostMs },
    },
    {
      mode: () => inForce.mode(),
      target: (name) => {
        const target = engine.devices.target(name);
        // Of a retired device it is compared whether what was put there is gone.
        return target === null || engine.devices.retired(name) === null
          ? target
          : { ...target, desired: stripped(target.desired) };
      },
      guards: (target) => engine.guards(target, { byMachine: true, force: false }),
      configuration: engine.configuration,
      content: engine.resources.filter((resource) => resource !== engine.configuration),
      alsoInEnforce: ({ desired }) =>
        desired.protected || engine.devices.retired(desired.name) !== null ? [] : slots.resources(),
      revisions: engine.revisions,
      inForceOn: ({ desired: { name }, device }, latest) =>
        engine.devices.retired(name) === null ? rollouts.inForceOn(device.address.id, latest) : null,
      lent: (deviceId) => lentSentences(engine.database, deviceId),
      writes: engine.writes,
      fights: engine.fights,
      live: engine.live,
      mutex: engine.mutex,
      clock,
      random,
      logger,
    },
  );
}
