import { type ZodType, z } from 'zod';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { adviceOn } from '../fleet/rotation/advice.ts';
import type { Rotation, RotationDevice, RotationDeviceState } from '../fleet/rotation/rotation.ts';
import { rotationStore } from '../fleet/rotation/store.ts';
import { type Action, ActionError } from './action.ts';
import { components, Time } from './answers.ts';
import {
  abort,
  type CampaignDoor,
  carriedOut,
  found,
  listOf,
  parallelInput,
  pause,
  resume,
  ringsShape,
  showRings,
  showStand,
  standShape,
  statusOf,
} from './campaign.ts';
import type { CurrentCampaign, RotationPorts } from './ports/campaigns.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';
import { requireSoundFile } from './sound-file.ts';

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
  parallel: parallelInput(16, 'Devices that are in hand at the same time.'),
});
type StartInput = z.output<typeof StartInput>;

export const RotationDeviceStateAnswer = z.enum([
  'accepted',
  'waiting',
  'unknown',
  'failed',
  'pending',
  'left-out',
  'setting',
]) satisfies ZodType<RotationDeviceState>;

export const ShownRotation = z
  .strictObject({
    ...standShape,
    ...ringsShape({
      name: z.string(),
      state: RotationDeviceStateAnswer,
      reason: z.string().nullable(),
      acceptedAt: Time.nullable(),
    }),
    credential: z.string(),
    username: z.string().nullable(),
    advice: z.string().nullable().describe('What to do next, in a sentence; null while there is nothing.'),
  })
  .register(components, { id: 'Rotation' });
export type ShownRotation = z.output<typeof ShownRotation>;

export const startRotation: Action<StartInput, ShownRotation> = {
  name: 'rotation.start',
  summary: 'Set the next passphrase of a login on its devices: one probe first, then ring by ring.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/rotation' },
  input: StartInput,
  answer: ShownRotation,
  async run(input, ports, { actor }) {
    const rotations = rotationsOf(ports);
    const { credential, devices } = meant(input, ports);
    const { probe, parallel } = input;
    const obstacle = await rotations.start(devices, { actor, credential, probe, parallel });
    if (obstacle !== null) throw new ActionError('conflict', obstacle);
    return show(ports, null);
  },
};

export const previewRotation: Action<StartInput, ShownRotation> = {
  name: 'rotation.preview',
  summary: 'What a rotation would do: the probe, then which devices in which ring. Begins nothing.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/rotation/preview' },
  input: StartInput,
  answer: ShownRotation,
  async run(input, ports, { actor }) {
    const { credential, devices } = meant(input, ports);
    const { probe, parallel } = input;
    const prepared = await rotationsOf(ports).prepare(devices, { actor, credential, probe, parallel });
    if (typeof prepared === 'string') throw new ActionError('conflict', prepared);
    return present(ports, { record: prepared, decision: null });
  },
};

const door: CampaignDoor<ShownRotation> = {
  kind: 'rotation',
  answer: ShownRotation,
  list: (ports, page) => rotationStore(ports).list(page),
  change: (ports, change) => rotationsOf(ports).change(change),
  show,
};

export const rotationStatus = statusOf(
  door,
  'A rotation: which passphrase every device accepts, what it waits for, and what to do next.',
);
export const listRotations = listOf(door);
export const pauseRotation = pause(
  door,
  'Let no further device begin; what is in hand is brought to its end.',
);
export const resumeRotation = resume(door);
export const abortRotation = abort(door, 'End a rotation; each device keeps the passphrase that it accepts.');

/** The login and the devices that a person means. */
function meant(
  { credential, devices }: StartInput,
  ports: Ports,
): { credential: string; devices: readonly DesiredDevice[] } {
  requireSoundFile(ports);
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

function rotationsOf({ rotations }: Ports): RotationPorts {
  return carriedOut(rotations, 'a rotation');
}

async function show(ports: Ports, id: string | null): Promise<ShownRotation> {
  const current = await found(id, {
    kind: 'rotation',
    runs: ports.rotations,
    store: rotationStore(ports),
    none: 'no passphrase was rotated yet',
  });
  return present(ports, current);
}

async function present(ports: Ports, current: CurrentCampaign<Rotation, RotationDevice>) {
  const { campaign: rotation } = current.record;
  const { credential } = rotation;
  const accepted = (await ports.acceptedSecrets()).filter((one) => one.credential === credential);
  const login = ports.fleet().devices.find((device) => device.credential === credential);
  return {
    ...showStand(rotation, current.decision),
    credential,
    username: login?.username ?? null,
    /** What to do next, in a sentence; null while there is nothing. */
    advice: adviceOn(rotation, { accepted, hasNext: login?.next !== undefined }),
    ...showRings(current, {
      now: ports.now(),
      actedAt: ({ acceptedAt }: RotationDevice) => acceptedAt,
      showDevice: ({ name, state, acceptedAt }: RotationDevice, reason) => ({
        name,
        state,
        reason,
        acceptedAt: rfc3339(acceptedAt),
      }),
    }),
  };
}
