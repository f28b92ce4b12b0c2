import { SLOT_PROBLEM } from '../actions/ports/slots.ts';
import type { DeviceView, Ports } from '../actions/ports.ts';
import { AlertStore } from '../alerts/store.ts';
import type { ListedBooking } from '../feedback/event.ts';
import type { Live, LiveState } from '../feedback/live.ts';
import { UNITS } from '../feedback/sensor.ts';
import { sessionWord } from '../feedback/session-word.ts';
import { readAccount } from '../fleet/account-check.ts';
import { accountOf } from '../fleet/account-role.ts';
import { type DeviceCondition, isReached, UNCHECKED } from '../fleet/condition.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { SessionStatus } from '../xapi/device.ts';
import type { Engine } from './engine.ts';
import { macroLogPort } from './macro-log-port.ts';
import { restorePort } from './restore-port.ts';
import { acceptedSecrets } from './rotations.ts';
import { trustPorts } from './trust-ports.ts';

/** What an operator sees of a device beyond what the database holds; a lone command line knows none of it. */
export interface Observed {
  readonly live: LiveState | null;
  readonly condition: DeviceCondition;
  readonly slot: DeviceView['slot'];
  readonly sensors: ReturnType<Live['sensors']>;
  readonly nextBooking: ListedBooking | null;
  readonly maintenance: DeviceView['maintenance'];
  readonly webSessions?: DeviceView['webSessions'];
  readonly heldBackSince?: number | null;
}

/** A device to which no session is kept. */
export const UNOBSERVED: Observed = {
  live: null,
  condition: UNCHECKED,
  slot: { state: 'off', number: null, reason: 'no daemon runs' },
  sensors: [],
  nextBooking: null,
  maintenance: null,
};

const RETIRED_SLOT: DeviceView['slot'] = { state: 'off', number: null, reason: 'the device is retired' };

export function viewOfDevice(desired: DesiredDevice, engine: Engine, observed: Observed): DeviceView {
  const { live, condition, slot, sensors, nextBooking, maintenance } = observed;
  const row = engine.devices.row(desired.name);
  const session = engine.devices.get(desired.name)?.session();
  const { state, reason, checkedAt, wrongSince, waiting, problems, hints } = condition;
  // What a room was when it was heard last is not what it is.
  const present = isHeard(live, session) ? live : null;
  return {
    name: desired.name,
    host: `${desired.host}:${desired.port}`,
    kind: desired.kind,
    tags: desired.tags,
    timezone: desired.timezone,
    protected: desired.protected,
    product: row?.product ?? null,
    software: row?.software ?? null,
    serial: row?.serial ?? null,
    certificate: engine.devices.certificate(desired.name),
    session: sessionOf(session, maintenance?.reason ?? null),
    webSessions: observed.webSessions ?? null,
    drift: isReached(condition) ? condition.drift : null,
    configuration: { state, reason, checkedAt, wrongSince, waiting, problems, hints },
    slot: engine.devices.retired(desired.name) === null ? withProblem(slot, problems) : RETIRED_SLOT,
    heldBackSince: observed.heldBackSince ?? null,
    fights: row === null ? [] : engine.fights.list(row.id),
    presence: {
      state: present?.presence ?? 'unknown',
      count: present?.peopleCount ?? null,
      since: present?.since ?? null,
    },
    inCall: present?.inCall ?? null,
    inUse: present?.inUse ?? null,
    standby: present?.standby ?? null,
    sensors: sensors.map((shown) => ({ ...shown, unit: UNITS[shown.sensor] })),
    nextBooking: nextBooking === null ? null : { start: nextBooking.startAt, end: nextBooking.endAt },
    held: engine.holds.over(desired),
    retired: engine.devices.retired(desired.name),
    maintenance,
  };
}

/** While its session is down a device is heard where it has posted since. */
function isHeard(live: LiveState | null, session: SessionStatus | undefined): boolean {
  if (live === null || session === undefined) return live !== null;
  if (session.state === 'up' || session.state === 'up-https') return true;
  return live.source === 'webhook' && live.since > session.since;
}

/** What keeps a slot from being had says more than that it is not healthy. */
function withProblem(slot: DeviceView['slot'], problems: DeviceCondition['problems']): DeviceView['slot'] {
  const problem = slot.state === 'failed' ? problems.find(({ path }) => path === SLOT_PROBLEM) : undefined;
  return problem === undefined ? slot : { ...slot, reason: problem.message };
}

function sessionOf(status: SessionStatus | undefined, maintenance: string | null): DeviceView['session'] {
  const { state, since, reason } = status ?? { state: 'idle' as const, since: 0, reason: null };
  const word = sessionWord({ state, reason }, { inMaintenance: maintenance !== null });
  return { state, word, since, reason: word === 'in-maintenance' ? maintenance : reason };
}

/** The verbs' needs that are the same with and without a daemon. */
export function commonPorts(engine: Engine, clock: Clock) {
  return {
    database: engine.database,
    scoped: { database: engine.database, deviceIds: null },
    holds: engine.holds,
    maintenances: engine.maintenances,
    alerts: new AlertStore({ database: engine.database }),
    knowledge: engine.knowledge,
    now: () => clock.now(),
    fleet: () => engine.fleet,
    deviceId: (name) => engine.devices.row(name)?.id ?? null,
    plan: (devices, options) => engine.plan(devices, options),
    trust: trustPorts(engine),
    macroLog: macroLogPort(engine),
    async webSessions({ name }: DesiredDevice, options: AbortOptions) {
      const software = engine.devices.row(name)?.software ?? null;
      return (await engine.devices.get(name)?.countWebSessions({ ...options, software })) ?? null;
    },
    async account(desired: DesiredDevice, options: AbortOptions) {
      const [target] = engine.devices.targets([desired]);
      return target === undefined ? null : readAccount(target.device, accountOf(desired), options);
    },
    restore: restorePort(engine, clock),
    acceptedSecrets: () => acceptedSecrets(engine),
  } satisfies Partial<Ports>;
}
