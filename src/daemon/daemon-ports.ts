import { randomBytes } from 'node:crypto';
import type { ApplyHow, FleetApplied } from '../actions/ports/changes.ts';
import type { BackupPlan, Ports, SystemView } from '../actions/ports.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { foremost, formatProblem, type Problem } from '../fleet/problem.ts';
import type { ApiServer } from '../http/server.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { NewId } from '../lib/random.ts';
import { approvedPort } from './approved-port.ts';
import type { Engine } from './engine.ts';
import type { InForce } from './in-force.ts';
import { macroPorts } from './macro-views.ts';
import { patients } from './patient.ts';
import { retirePorts } from './retire-ports.ts';
import { rolloutPorts } from './rollouts.ts';
import { rotationPorts } from './rotations.ts';
import { roundTripPort } from './round-trip.ts';
import type { Running } from './running.ts';
import { rotateSlots, slotPorts } from './slot-ports.ts';
import { slotView } from './slots.ts';
import { WebexGranting } from './systems/webex-granting.ts';
import { upgradePorts, withoutUpgrades } from './upgrades.ts';
import { commonPorts, viewOfDevice } from './views.ts';

export interface DaemonPortsParts {
  readonly engine: Engine;
  readonly running: Running;
  readonly inForce: InForce;
  /** Where the API is served. */
  readonly door: () => Pick<ApiServer, 'trouble'>;
  readonly reload: () => Promise<readonly Problem[]>;
  readonly version: string;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** What the verbs need, of a running daemon. */
export function daemonPorts(parts: DaemonPortsParts): Ports {
  const { engine, running, inForce, reload, version, clock, newId } = parts;
  const startedAt = clock.now();
  return {
    ...commonPorts(engine, clock),
    fileProblems: () => inForce.standing.problems,
    devices: () => engine.fleet.devices.map((desired) => view(desired, parts)),
    devicesVersion: () => devicesVersion(parts),
    apply: (devices, how, options) => apply(devices, how, options, parts),
    bringToApproved: approvedPort(engine, {
      clock,
      inForceOn: (deviceId, latest) => running.rollouts.inForceOn(deviceId, latest),
      onDevice: (applied, actor) => running.reconciler.applied(applied, actor),
    }),
    withPatient: patients(engine, {
      clock,
      daemon: {
        mode: () => inForce.mode(),
        doubt: (deviceId) => running.recorder.track(deviceId)?.slot.doubt ?? null,
      },
    }),
    roundTrip: roundTripPort(engine, { clock, newId }),
    retirement: retirePorts(engine, {
      clock,
      onSlotGone: (deviceId) => running.recorder.slotSeen(deviceId, false),
      onChanged: (name) => running.reconciler.look(name),
    }),
    slots: {
      ...slotPorts(engine, { clock, running: { slots: running.slots, tokens: running.slotTokens } }),
      rotate: rotateSlots(engine, { tokens: running.slotTokens, mode: () => inForce.mode() }),
    },
    macros: macroPorts(running.macros),
    records: running.records,
    access: running.access,
    inventory: running.inventory.desk,
    webexGrants: new WebexGranting({ desk: running.webex.desk, clock }, () =>
      randomBytes(24).toString('base64url'),
    ),
    checkSystems: async (options) => [...(await running.systems.check(options)), ...running.mqtt.check()],
    acknowledgeAlerts: (ids, how, options) => running.alerts.acknowledge(ids, how, options),
    rollouts: withoutUpgrades(rolloutPorts(running.rollouts, { engine, clock, newId }), running.upgrades),
    rotations: rotationPorts(running.rotations, { engine, clock, newId }),
    upgrades: upgradePorts(running, { engine, clock, newId }),
    backups: () => backupPlan(running),
    system: () => system(parts, { version, startedAt }),
    reload,
  };
}

function backupPlan({ backups }: Running): BackupPlan | null {
  const plan = backups.plan();
  if (plan === null) return null;
  const { folder, nextAt, section } = plan;
  return { folder, nextAt, schedule: section.schedule, timezone: section.timezone ?? 'UTC' };
}

/** Parts that cannot do their work now, each in a sentence; readiness and the verb `system` tell of them. */
export function healthOf({ running, inForce, door }: Pick<DaemonPortsParts, 'running' | 'inForce' | 'door'>) {
  const problem = foremost(inForce.standing.problems);
  const receiver = running.receiver.health();
  const database = running.pulse.trouble();
  return [
    { part: 'fleet file', reason: problem === undefined ? null : formatProblem(problem) },
    { part: 'database', reason: database },
    {
      part: 'receiver',
      reason: receiver.state === 'ok' ? null : `posts cannot be stored: ${receiver.reason}`,
    },
    { part: 'backups', reason: running.backups.trouble() },
    { part: 'inventory', reason: running.inventory.desk.trouble() },
    { part: 'notifiers', reason: running.outbox.trouble() },
    { part: 'webex', reason: webexTrouble(running) },
    ...running.systems.health(),
    { part: 'certificate', reason: door().trouble() },
    { part: 'chat', reason: running.chat.trouble() },
    { part: 'mqtt', reason: running.mqtt.trouble() },
  ].map((health) => ({ ...health, ok: health.reason === null }));
}

function webexTrouble({ webex }: Running): string | null {
  const refusal = webex.desk.refusal();
  if (refusal === null) return null;
  return `Webex does not take roomd’s login since ${new Date(refusal.sinceAt).toISOString()}: ${refusal.reason}`;
}

function view(desired: DesiredDevice, { engine, running, inForce, clock }: DaemonPortsParts) {
  const id = engine.devices.row(desired.name)?.id ?? null;
  return viewOfDevice(desired, engine, {
    live: id === null ? null : running.live.get(id),
    sensors: id === null ? [] : running.live.sensors(id),
    nextBooking: id === null ? null : running.bookings.next(id, clock.now()),
    condition: running.reconciler.condition(desired.name),
    webSessions: id === null ? null : running.webSessions.view(id),
    heldBackSince: id === null ? null : running.receiver.heldBackSince(id),
    slot: slotView(desired, id, { ...running, mode: inForce.mode() }),
    maintenance: running.alerts.maintenance(desired.name),
  });
}

/**
 * Counts of all that views are made of. Some of it changes by the clock alone
 * (a booking is the next, a maintenance ends) or is told by nobody (which
 * secret a device accepts): that counts by the minute.
 */
function devicesVersion({ engine, running, inForce, clock }: DaemonPortsParts): string {
  return [
    engine.fleet.fingerprint,
    inForce.mode(),
    engine.database.eventFeed.lastSeq,
    running.live.changes,
    running.reconciler.changes,
    running.webSessions.counts,
    Math.floor(clock.now() / MINUTE_MS),
  ].join(' ');
}

const MINUTE_MS = 60_000;

/** The reconciler learns what an apply came to, so that it finishes what waits. */
function apply(
  devices: readonly DesiredDevice[],
  how: ApplyHow,
  options: AbortOptions,
  { engine, running }: DaemonPortsParts,
): Promise<FleetApplied> {
  return engine.apply(
    devices,
    {
      ...how,
      onDevice: async (applied) => {
        await running.rollouts.applied(applied.name, how.actor);
        await running.reconciler.applied(applied, how.actor);
        how.onDevice?.(applied);
      },
    },
    options,
  );
}

async function system(
  parts: DaemonPortsParts,
  { version, startedAt }: Pick<SystemView, 'version' | 'startedAt'>,
): Promise<SystemView> {
  const { engine, inForce } = parts;
  const { fleet, safeMode } = inForce.standing;
  return {
    version,
    startedAt,
    aliveAt: parts.clock.now(),
    mode: inForce.mode(),
    safeMode,
    fleetFile: fleet.file,
    fingerprint: fleet.fingerprint,
    revision: (await engine.revisions.latest())?.id ?? null,
    pending: await engine.revisions.isPending(fleet),
    holds: engine.holds.list(),
    health: healthOf(parts),
  };
}
