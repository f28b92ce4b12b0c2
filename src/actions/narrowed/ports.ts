import { ActionError } from '../action-error.ts';
import type { RecordSpan } from '../ports/records.ts';
import type { Ports } from '../ports.ts';
import { narrowedAcknowledge, narrowedAlerts } from './alerts.ts';
import { narrowedHolds, narrowedMaintenances } from './holds.ts';
import { narrowedMacros } from './macros.ts';
import { Scope } from './scope.ts';

/**
 * What a verb is handed for a caller who is limited to some devices: ports in
 * which there are no others. Every port stands here by name, so that a new one
 * does not compile until somebody has said what becomes of it; what is about
 * the fleet as a whole refuses.
 */
export function narrowed(ports: Ports, selector: string): Ports {
  const scope = new Scope(ports, selector);
  const { acknowledgeAlerts, roundTrip } = ports;
  return {
    ...devicesOf(ports, scope),
    ...actsOf(ports, scope),
    // Getters, so that who reaches for one of these is refused, and not who is handed the ports.
    get database() {
      return refuse();
    },
    get inventory() {
      return refuse();
    },
    get access() {
      return refuse();
    },
    checkSystems: refuse,
    reload: refuse,
    holds: narrowedHolds(ports.holds, scope),
    maintenances: narrowedMaintenances(ports.maintenances, scope),
    alerts: narrowedAlerts(ports.alerts, scope),
    ...(acknowledgeAlerts === undefined
      ? {}
      : { acknowledgeAlerts: narrowedAcknowledge(acknowledgeAlerts, ports.alerts, scope) }),
    macros: narrowedMacros(ports.macros, scope),
    ...(roundTrip === undefined
      ? {}
      : { roundTrip: (name, how, options) => roundTrip(scope.require(name), how, options) }),
    system: () => narrowedSystem(ports, scope),
    // Fleet-wide campaigns and backups are not reached from here at all: these stay absent.
  };
}

type Fixed = 'holds' | 'maintenances' | 'alerts' | 'macros' | 'system';
type Optional = 'acknowledgeAlerts' | 'roundTrip' | 'rollouts' | 'rotations' | 'upgrades' | 'backups';
type Refused = 'database' | 'inventory' | 'access' | 'checkSystems' | 'reload';
type Read =
  | 'scoped'
  | 'knowledge'
  | 'now'
  | 'fleet'
  | 'fileProblems'
  | 'devices'
  | 'deviceId'
  | 'acceptedSecrets'
  | 'webSessions'
  | 'account'
  | 'macroLog';

/** What is read of devices. */
function devicesOf(ports: Ports, scope: Scope): Pick<Ports, Read> {
  return {
    scoped: {
      database: ports.scoped.database,
      get deviceIds() {
        return scope.ids;
      },
    },
    knowledge: narrowedKnowledge(ports, scope),
    now: () => ports.now(),
    fleet: () => scope.fleet,
    // What is wrong with the file may be said of other devices.
    fileProblems: () =>
      ports.fileProblems().length === 0
        ? []
        : [{ severity: 'error', place: null, path: '', message: 'an administrator has to mend it' }],
    devices: () => ports.devices().filter(({ name }) => scope.has(name)),
    deviceId: (name) => (scope.has(name) ? ports.deviceId(name) : null),
    acceptedSecrets: async () => (await ports.acceptedSecrets()).filter(({ name }) => scope.has(name)),
    webSessions: (desired, options) => ports.webSessions(own(desired, scope), options),
    account: (desired, options) => ports.account(own(desired, scope), options),
    macroLog: (name, options) => ports.macroLog(scope.require(name), options),
  };
}

/** What is done to devices. */
function actsOf(ports: Ports, scope: Scope): Omit<Ports, Fixed | Optional | Refused | Read> {
  const { trust, retirement, slots, records } = ports;
  const { rotate } = slots;
  return {
    plan: (devices, how) => ports.plan(scope.requireAll(devices), how),
    apply: (devices, how, options) => ports.apply(scope.requireAll(devices), how, options),
    restore: (desired, how, options) => ports.restore(own(desired, scope), how, options),
    trust: {
      certificate: (name, options) => trust.certificate(scope.require(name), options),
      async unit(name, fingerprint, options) {
        const look = await trust.unit(scope.require(name), fingerprint, options);
        return look.belongsTo === null || scope.has(look.belongsTo)
          ? look
          : { ...look, belongsTo: 'another device' };
      },
      pin: (name, certificate, actor) => trust.pin(scope.require(name), certificate, actor),
      bind: (name, unit, actor) => trust.bind(scope.require(name), unit, actor),
      retryLogin: (name) => trust.retryLogin(scope.require(name)),
    },
    slots: {
      list: (devices, how, options) => slots.list(scope.requireAll(devices), how, options),
      ...(rotate === undefined
        ? {}
        : { rotate: (devices, actor) => rotate(scope.requireAll(devices), actor) }),
    },
    withPatient: (name, work) => ports.withPatient(scope.require(name), work),
    bringToApproved: (name, how, options) => ports.bringToApproved(scope.require(name), how, options),
    retirement: {
      of: (name) => retirement.of(scope.require(name)),
      plan: (name, options) => retirement.plan(scope.require(name), options),
      onRecord: (name) => retirement.onRecord(scope.require(name)),
      retire: (name, how, options) => retirement.retire(scope.require(name), how, options),
      takeUp: (name, actor) => retirement.takeUp(scope.require(name), actor),
    },
    records: {
      count: (span, options) => records.count(ownSpan(span, scope), options),
      erase: (span, actor, options) => records.erase(ownSpan(span, scope), actor, options),
      rebuild: refuse,
    },
  };
}

/** What products accept is everybody's to know, and not from which unit it came. */
function narrowedKnowledge(ports: Ports, scope: Scope): Ports['knowledge'] {
  const { knowledge } = ports;
  return {
    library: (more, options) => knowledge.library(more, options),
    importVendor: refuse,
    async list(options) {
      const serials = new Set(
        ports.devices().flatMap(({ name, serial }) => (scope.has(name) ? [serial] : [])),
      );
      return (await knowledge.list(options)).map((stored) =>
        stored.source === 'vendor' || serials.has(stored.origin)
          ? stored
          : { ...stored, origin: 'another device' },
      );
    },
  };
}

function own<Named extends { readonly name: string }>(device: Named, scope: Scope): Named {
  scope.require(device.name);
  return device;
}

function ownSpan(span: RecordSpan, scope: Scope): RecordSpan {
  return scope.ids.has(span.deviceId) ? span : refuse();
}

function refuse(): never {
  throw new ActionError(
    'forbidden',
    'this concerns the fleet as a whole, and you are limited to some devices',
  );
}

/** What is wrong with roomd's parts may be said of other devices. */
async function narrowedSystem(ports: Ports, scope: Scope): ReturnType<Ports['system']> {
  const system = await ports.system();
  return {
    ...system,
    holds: narrowedHolds(ports.holds, scope).list(),
    health: system.health.map((part) => ({ ...part, reason: part.ok ? null : 'not well' })),
  };
}
