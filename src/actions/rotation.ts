import { z } from 'zod';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { adviceOn } from '../fleet/rotation/advice.ts';
import type { RotationDecision } from '../fleet/rotation/decide.ts';
import type { Rotation, RotationDevice, RotationRecord } from '../fleet/rotation/rotation.ts';
import { RotationStore } from '../fleet/rotation/store.ts';
import {
  abortedRotation,
  pausedRotation,
  type RotationVerdict,
  resumedRotation,
} from '../fleet/rotation/verbs.ts';
import { type Action, ActionError } from './action.ts';
import type { Ports, RotationPorts } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const StartInput = z.strictObject({
  credential: z
    .string()
    .nullable()
    .default(null)
    .describe('The entry under credentials; the only one that has next where absent.'),
  devices: z
    .string()
    .nullable()
    .default(null)
    .describe('Selector; all devices with that login where absent.'),
  probe: z
    .string()
    .nullable()
    .default(null)
    .describe('The device that comes first; the first that answers where absent.'),
  parallel: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(16)
    .describe('Devices that are in hand at the same time.'),
});
type StartInput = z.output<typeof StartInput>;

export type ShownRotation = Awaited<ReturnType<typeof show>>;

export const startRotation: Action<StartInput, ShownRotation> = {
  name: 'rotation.start',
  summary: 'Set the next passphrase of a login on its devices: one probe first, then ring by ring.',
  role: 'admin',
  http: { method: 'POST', path: '/rotation' },
  input: StartInput,
  async run(input, ports, { actor }) {
    const rotations = rotationsOf(ports);
    const { credential, devices } = meant(input, ports);
    const { probe, parallel } = input;
    const obstacle = await rotations.start(devices, { actor, credential, probe, parallel });
    if (obstacle !== null) throw new ActionError('conflict', obstacle);
    return show(ports, recordNow(rotations));
  },
};

export const previewRotation: Action<StartInput, ShownRotation> = {
  name: 'rotation.preview',
  summary: 'What a rotation would do: the probe, then which devices in which ring. Begins nothing.',
  role: 'viewer',
  http: { method: 'GET', path: '/rotation/preview' },
  input: StartInput,
  async run(input, ports, { actor }) {
    const { credential, devices } = meant(input, ports);
    const { probe, parallel } = input;
    const prepared = await rotationsOf(ports).prepare(devices, { actor, credential, probe, parallel });
    if (typeof prepared === 'string') throw new ActionError('conflict', prepared);
    return show(ports, { record: prepared, decision: null });
  },
};

const StatusInput = z.strictObject({
  id: z.string().nullable().default(null).describe('The last rotation where absent.'),
});

export const rotationStatus: Action<z.output<typeof StatusInput>, ShownRotation> = {
  name: 'rotation',
  summary: 'A rotation: which passphrase every device accepts, what it waits for, and what to do next.',
  role: 'viewer',
  http: { method: 'GET', path: '/rotation' },
  input: StatusInput,
  async run({ id }, ports) {
    const current = ports.rotations?.current() ?? null;
    if (current !== null && (id === null || current.record.rotation.id === id)) return show(ports, current);
    const record = await new RotationStore(ports).find(id);
    if (record === null)
      throw new ActionError(
        'not-found',
        id === null ? 'no passphrase was rotated yet' : `there is no rotation ${id}`,
      );
    return show(ports, { record, decision: null });
  },
};

const NoInput = z.strictObject({});
const ReasonInput = z.strictObject({
  reason: z.string().min(1).max(500).nullable().default(null).describe('What people read who wonder why.'),
});

export const pauseRotation: Action<z.output<typeof ReasonInput>, ShownRotation> = {
  name: 'rotation.pause',
  summary: 'Let no further device begin; what is in hand is brought to its end.',
  role: 'operator',
  http: { method: 'POST', path: '/rotation/pause' },
  input: ReasonInput,
  run: ({ reason }, ports, { actor }) =>
    change(ports, (rotation) => pausedRotation(rotation, reason ?? `by ${actor}`)),
};

export const resumeRotation: Action<z.output<typeof NoInput>, ShownRotation> = {
  name: 'rotation.resume',
  summary: 'Go on with a paused rotation.',
  role: 'operator',
  http: { method: 'POST', path: '/rotation/resume' },
  input: NoInput,
  run: (_input, ports) => change(ports, resumedRotation),
};

export const abortRotation: Action<z.output<typeof ReasonInput>, ShownRotation> = {
  name: 'rotation.abort',
  summary: 'End a rotation; each device keeps the passphrase that it accepts.',
  role: 'operator',
  http: { method: 'POST', path: '/rotation/abort' },
  input: ReasonInput,
  run: ({ reason }, ports, { actor }) =>
    change(ports, (rotation) => abortedRotation(rotation, reason ?? `aborted by ${actor}`)),
};

/** The login and the devices that a person means. */
function meant(
  { credential, devices }: StartInput,
  ports: Ports,
): { credential: string; devices: readonly DesiredDevice[] } {
  const [problem] = ports.fileProblems();
  if (problem !== undefined)
    throw new ActionError(
      'conflict',
      `the file on the disk is broken and not in force: ${problem.message}; mend it first`,
    );
  const fleet = ports.fleet();
  const rotating = [
    ...new Set(fleet.devices.flatMap((one) => (one.next === undefined ? [] : [one.credential]))),
  ];
  const [only, ...more] = rotating;
  if (credential === null && more.length > 0)
    throw new ActionError(
      'bad-input',
      `several logins have next: say which credential (${rotating.join(', ')})`,
    );
  const name = credential ?? only;
  if (name === undefined || !rotating.includes(name))
    throw new ActionError(
      'conflict',
      `${name === undefined ? 'no login' : `credentials.${name}`} has next in the file that is in force: add the new passphrase as next beside password, then start again`,
    );
  const chosen = selectDevices(fleet, devices).filter((device) => device.credential === name);
  if (chosen.length === 0)
    throw new ActionError('conflict', `none of the devices named logs in with credentials.${name}`);
  return { credential: name, devices: chosen };
}

async function change(
  ports: Ports,
  verdict: (rotation: Rotation) => RotationVerdict,
): Promise<ShownRotation> {
  const rotations = rotationsOf(ports);
  const refusal = await rotations.change(verdict);
  if (refusal !== null) throw new ActionError('conflict', refusal);
  return show(ports, recordNow(rotations));
}

function rotationsOf({ rotations }: Ports): RotationPorts {
  if (rotations === undefined)
    throw new ActionError(
      'conflict',
      'a rotation takes longer than one command: it needs a running daemon, start it with `roomd run`',
    );
  return rotations;
}

interface Current {
  readonly record: RotationRecord;
  readonly decision: RotationDecision | null;
}

function recordNow(rotations: RotationPorts): Current {
  const current = rotations.current();
  if (current === null) throw new ActionError('not-found', 'no passphrase was rotated yet');
  return current;
}

async function show(ports: Ports, { record, decision }: Current) {
  const { rotation, devices } = record;
  const accepted = (await ports.acceptedSecrets()).filter(
    ({ credential }) => credential === rotation.credential,
  );
  const login = ports.fleet().devices.find(({ credential }) => credential === rotation.credential);
  return {
    id: rotation.id,
    credential: rotation.credential,
    username: login?.username ?? null,
    state: rotation.state,
    paused: rotation.isPaused,
    reason: rotation.reason,
    waitsFor: decision?.waitsFor ?? null,
    /** What to do next, in a sentence; null while there is nothing. */
    advice: adviceOn(rotation, { accepted, hasNext: login?.next !== undefined }),
    actor: rotation.actor,
    startedAt: rfc3339(rotation.startedAt),
    endedAt: rfc3339(rotation.endedAt),
    parallel: rotation.strategy.parallel,
    rings: rotation.rings.map((name, at) => ({
      name,
      begun: at <= rotation.ring,
      devices: devices
        .filter(({ ring }) => ring === at)
        .map((device) => showDevice(device, decision?.waiting.get(device.id) ?? null)),
    })),
  };
}

function showDevice({ name, state, reason, acceptedAt }: RotationDevice, waiting: string | null) {
  return { name, state, reason: waiting ?? reason, acceptedAt: rfc3339(acceptedAt) };
}
