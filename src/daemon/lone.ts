import { dirname } from 'node:path';
import { ActionError } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import { alertsOf } from '../alerts/alerts-section.ts';
import { maintenanceOf } from '../alerts/gather.ts';
import { QuietTimes } from '../alerts/silence.ts';
import { Projector } from '../feedback/projector.ts';
import { Access } from '../fleet/access/access.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { newRegistry } from '../lib/metrics.ts';
import type { NewId, Random } from '../lib/random.ts';
import { acquireOwnership } from '../storage/lock.ts';
import { approvedPort } from './approved-port.ts';
import { Engine } from './engine.ts';
import { InventoryDesk } from './inventory/desk.ts';
import { recordedMacros } from './macro-views.ts';
import { patients } from './patient.ts';
import { lastAliveAt } from './pulse.ts';
import { RecordDesk } from './record-desk.ts';
import { retirePorts } from './retire-ports.ts';
import { slotPorts, unseen } from './slot-ports.ts';
import { SystemDesk } from './systems/desk.ts';
import { WebexDesk } from './systems/webex-desk.ts';
import { commonPorts, type Observed, UNOBSERVED, viewOfDevice } from './views.ts';
import { xapiSettings } from './xapi-settings.ts';

/** The engine in a process of its own, for one command while no daemon runs. */
export interface Lone {
  readonly ports: Ports;
  close(): Promise<void>;
}

/** `standsIn`: the fleet is not the file's, so nothing may be concluded from it, and no device is contacted. */
export async function openLone(
  fleet: Fleet,
  { besideDaemon, standsIn = false }: { besideDaemon: boolean; standsIn?: boolean },
  modules: { clock: Clock; random: Random; newId: NewId; logger: Logger; version: string },
  signal?: AbortSignal,
): Promise<Lone> {
  // Beside a daemon only looking is allowed; SQLite itself keeps two readers apart.
  const ownership = besideDaemon
    ? null
    : await acquireOwnership(dirname(fleet.daemon.databaseFile), { signal });
  try {
    const engine = await Engine.open(
      fleet,
      { keepSessions: false, looksOnly: besideDaemon || standsIn, xapi: xapiSettings(fleet.daemon.timing) },
      { ...modules, registry: newRegistry() },
      signal,
    );
    const { database, fingerprintKey } = engine;
    const fleetNow = () => engine.fleet;
    const webex = new WebexDesk({ fleet: fleetNow }, { ...modules, database });
    const inventory = new InventoryDesk({ fleet: fleetNow, fingerprintKey }, { ...modules, database, webex });
    const systems = new SystemDesk({ fleet: fleetNow }, { ...modules, webex });
    return {
      ports: lonePorts(engine, { ...modules, standsIn, inventory, systems }),
      async close() {
        await inventory.close();
        await systems.close();
        await webex.close();
        await engine.close();
        ownership?.release();
      },
    };
  } catch (error) {
    ownership?.release();
    throw error;
  }
}

function lonePorts(
  engine: Engine,
  {
    clock,
    version,
    newId,
    logger,
    standsIn,
    inventory,
    systems,
  }: {
    clock: Clock;
    version: string;
    newId: NewId;
    logger: Logger;
    standsIn: boolean;
    inventory: InventoryDesk;
    systems: SystemDesk;
  },
): Ports {
  const { database } = engine;
  const projector = new Projector({}, { database, clock, logger });
  return {
    ...commonPorts(engine, clock),
    fileProblems: () => [],
    devices: () =>
      engine.fleet.devices.map((desired) =>
        viewOfDevice(desired, engine, unobserved(desired, engine, clock)),
      ),
    apply: (devices, how, options) => engine.apply(devices, how, options),
    access: new Access(
      { tokens: () => engine.fleet.daemon.tokens, life: () => engine.fleet.daemon.signIn },
      { database, clock, logger },
    ),
    records: new RecordDesk({ database, projector, clock, newId }),
    bringToApproved: approvedPort(engine, { clock }),
    withPatient: patients(engine, { clock, daemon: null }),
    retirement: retirePorts(engine, { clock }),
    inventory,
    checkSystems: (options) => systems.check(options),
    slots: standsIn ? NO_SLOTS : slotPorts(engine, { clock }),
    macros: recordedMacros(engine, { clock, refuse }),
    reload: refuse,
    system: async () => {
      const { fleet } = engine;
      return {
        version,
        startedAt: clock.now(),
        aliveAt: await lastAliveAt(database),
        mode: fleet.daemon.mode,
        safeMode: false,
        fleetFile: fleet.file,
        fingerprint: fleet.fingerprint,
        revision: (await engine.revisions.latest())?.id ?? null,
        pending: standsIn ? null : await engine.revisions.isPending(fleet),
        holds: engine.holds.list(),
        health: [],
      };
    },
  };
}

/** Slots are on no record: they are known from the device or not at all. */
const NO_SLOTS: Ports['slots'] = {
  list: async (devices) =>
    devices.map(({ name }) =>
      unseen(name, 'no daemon runs, and the secrets or the file by which the device is asked are not here'),
    ),
};

/** What is known of a device without a session to it. */
function unobserved(desired: DesiredDevice, engine: Engine, clock: Clock): Observed {
  const { fleet, maintenances } = engine;
  const quiet = new QuietTimes(alertsOf(fleet));
  return { ...UNOBSERVED, maintenance: maintenanceOf(desired, { maintenances, quiet }, clock.now()) };
}

function refuse(): never {
  throw new ActionError('conflict', 'this needs a running daemon: start it with `roomd run`');
}
