import { type Campaign, type CampaignDevice, type CampaignRecord, isOver } from '../campaign/campaign.ts';

/**
 * - `running`: ring by ring, the probe first
 * - `catching-up`: every ring was tried; some devices were off, held, or need a person
 * - `stopping`, `aborting`: nothing begins any more, what is in hand is settled first
 * - `done`, `stopped`, `aborted`: over
 */
export type RotationState =
  | 'running'
  | 'catching-up'
  | 'stopping'
  | 'aborting'
  | 'done'
  | 'stopped'
  | 'aborted';

/** One passphrase on its way over the devices that share it. The first ring is `probe`, the others are as in a rollout. */
export interface Rotation extends Campaign {
  readonly state: RotationState;
  /** The entry under `credentials:`. */
  readonly credential: string;
  /** Keyed fingerprint of the secret that is being set. */
  readonly nextFingerprint: string;
}

/**
 * - `pending`: its turn has not come, or it waits for its window
 * - `setting`: it is in hand; from now on it may accept either secret
 * - `accepted`: it let roomd in with the new one, in a session of its own
 * - `failed`: it keeps the old one, for the reason that it gave
 * - `waiting`: it is off, held or protected; it gets its turn later
 * - `unknown`: it accepts neither; a person must act, then it gets its turn
 * - `left-out`: the file has another login for it, or names it no more
 */
export type RotationDeviceState =
  | 'pending'
  | 'setting'
  | 'accepted'
  | 'failed'
  | 'waiting'
  | 'unknown'
  | 'left-out';

export interface RotationDevice extends CampaignDevice {
  readonly state: RotationDeviceState;
  /** It may have been told of the new secret, and which one it accepts is not known. */
  readonly isDoubtful: boolean;
  readonly acceptedAt: number | null;
}

export type RotationRecord = CampaignRecord<Rotation, RotationDevice>;

/** What a step learned of one device. */
export type RotationStep = Partial<Omit<RotationDevice, 'id' | 'name' | 'ring'>>;

/** The actor of everything that a rotation writes. */
export function rotationActor({ id }: Pick<Rotation, 'id'>): string {
  return `rotation:${id}`;
}

/** Why a rotation of this credential may not begin beside the last one; null: it may, and takes the place of one that only waits for stragglers. */
export function obstacleTo(credential: string, last: Rotation): string | null {
  if (isOver(last) || (last.state === 'catching-up' && last.credential === credential)) return null;
  return `the rotation of ${last.credential} is ${last.isPaused ? 'paused' : last.state}: let it end, or abort it first`;
}
