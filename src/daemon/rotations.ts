import type { AcceptedSecret, RotationPorts } from '../actions/ports/campaigns.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Target } from '../fleet/plan.ts';
import { chooseProbe, newRotation } from '../fleet/rotation/begin.ts';
import { RotationRunner } from '../fleet/rotation/course.ts';
import type { RotationHand, RotationLogins } from '../fleet/rotation/hand.ts';
import { type Rotation, rotationActor } from '../fleet/rotation/rotation.ts';
import { rotationStore } from '../fleet/rotation/store.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import type { Secret } from '../lib/secret.ts';
import { loginWith } from '../xapi/address.ts';
import { campaignPace } from './campaign-pace.ts';
import type { Engine } from './engine.ts';
import type { FleetDevices } from './fleet-devices.ts';
import type { InForce } from './in-force.ts';
import { onReturn } from './returns.ts';

export interface RotationParts {
  readonly engine: Engine;
  readonly inForce: InForce;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETIRED = 'a rotation replaced it';

/** Rotations of passphrases over the engine. */
export function makeRotations({ engine, inForce, clock, logger }: RotationParts): RotationRunner {
  const { devices } = engine;
  const runner = new RotationRunner(campaignPace(engine.fleet.daemon.timing.driftMs), {
    store: rotationStore(engine),
    target: (name) => devices.target(name),
    forbids: (target) => engine.guards(target, { byMachine: true, force: false }).forbids(),
    logins: loginsOf(engine),
    ledger: (deviceId, rotation) =>
      engine.writes.ledger({ deviceId, revisionId: null, actor: rotationActor(rotation) }),
    fingerprint: (secret) => engine.writes.fingerprint(secret),
    mutex: engine.mutex,
    blocked: (rotation) => inForce.blocked() ?? whyNotTheFiles(rotation, engine),
    timezone: (name) => devices.target(name)?.desired.timezone ?? 'UTC',
    async moveOver(name) {
      const id = devices.row(name)?.id;
      if (id !== undefined) await devices.pool.renew(id);
    },
    clock,
    logger,
  });
  onReturn(devices, (name) => runner.returned(name));
  return runner;
}

/** What the verbs need of rotations. */
export function rotationPorts(
  runner: RotationRunner,
  { engine, clock, newId }: { engine: Engine; clock: Clock; newId: NewId },
): RotationPorts {
  const { devices } = engine;
  const prepare: RotationPorts['prepare'] = async (chosen, { credential, probe, actor, parallel }) => {
    const candidates = await Promise.all(
      devices.targets(chosen).map(async (target) => {
        const { state } = target.device.session();
        const { desired } = target;
        return {
          desired,
          isUp: state === 'up' || state === 'up-https',
          forbidden: engine.guards(target, { byMachine: true, force: false }).forbids(),
          isDone: (await acceptedOf(target, devices)) === 'next',
        };
      }),
    );
    const first = chooseProbe(candidates, probe);
    if (typeof first === 'string') return first;
    const { next } = first;
    if (next === undefined) return `credentials.${credential} has no next in the file`;
    return newRotation({
      id: newId(),
      actor,
      now: clock.now(),
      credential,
      nextFingerprint: engine.writes.fingerprint(next),
      probe: first,
      devices: chosen,
      section: engine.fleet.rollout,
      parallel,
      idOf: (name) => devices.row(name)?.id ?? null,
    });
  };
  return {
    current: () => runner.current(),
    change: (change) => runner.change(change),
    prepare,
    async start(chosen, how) {
      const prepared = await prepare(chosen, how);
      if (typeof prepared === 'string') return prepared;
      const [target] = devices.targets(chosen);
      const next = target?.desired.next;
      if (target !== undefined && next !== undefined) await devices.reopenFleetWide(target.device, next);
      return runner.begin(prepared);
    },
  };
}

/** Which of the two secrets each device is on record to accept, where the file names two. */
export function acceptedSecrets({ devices, fleet }: Engine): Promise<AcceptedSecret[]> {
  const rotating = devices.targets(fleet.devices.filter(({ next }) => next !== undefined));
  return Promise.all(
    rotating.map(async (target) => {
      const { name, credential } = target.desired;
      return { name, credential, accepts: await acceptedOf(target, devices) };
    }),
  );
}

async function acceptedOf(
  { desired, device }: Target,
  devices: FleetDevices,
): Promise<AcceptedSecret['accepts']> {
  const password = await devices.loginRecord(device, desired.password);
  const next = desired.next === undefined ? null : await devices.loginRecord(device, desired.next);
  if (next?.state === 'accepted' && (password.state !== 'accepted' || next.at > password.at)) return 'next';
  return password.state === 'accepted' ? 'password' : null;
}

/** Null while the file asks for what the rotation sets, also once it was moved to password. */
function whyNotTheFiles({ credential, nextFingerprint }: Rotation, { fleet, writes }: Engine): string | null {
  const named = secretsIn(fleet, credential);
  if (named.some((secret) => writes.fingerprint(secret) === nextFingerprint)) return null;
  return `the file's next of ${credential} is not what this rotation sets: put it back, or abort the rotation`;
}

function secretsIn({ devices }: Fleet, credential: string): Secret[] {
  const device = devices.find((one) => one.credential === credential);
  return device === undefined ? [] : [device.password, ...(device.next === undefined ? [] : [device.next])];
}

function loginsOf({ devices }: Engine): RotationLogins {
  return {
    standing: async (device, secret) => (await devices.loginRecord(device, secret)).state,
    async inHand(device, work, options) {
      const taken = await devices.takeInHand(device, options);
      const { address } = device;
      const hand: RotationHand = {
        logIn: (secret, inside) =>
          devices.pool.once(
            loginWith(address, secret),
            async (session) => {
              await devices.met(device, await session.identify(options));
              return inside(session);
            },
            taken,
          ),
        doubt: (secret) => taken.doubt(loginWith(address, secret)),
        retire: (secret) => taken.retire(loginWith(address, secret), RETIRED),
      };
      try {
        return await work(hand);
      } finally {
        taken.release();
      }
    },
  };
}
