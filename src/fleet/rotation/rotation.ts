import type { RolloutSection } from '../rollout-section.ts';

/** How a rotation goes about it, kept as data from its start on: a later edit of the file does not change it. */
export interface Strategy extends Pick<RolloutSection, 'failureBudget' | 'windows' | 'freezes'> {
  /** Devices that are in hand at the same time. */
  readonly parallel: number;
}

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

/** One passphrase on its way over the devices that share it. Times are UTC milliseconds. */
export interface Rotation {
  readonly id: string;
  readonly actor: string;
  /** The entry under `credentials:`. */
  readonly credential: string;
  /** Keyed fingerprint of the secret that is being set. */
  readonly nextFingerprint: string;
  readonly state: RotationState;
  /** No new device begins while it is paused. */
  readonly isPaused: boolean;
  /** Why it is paused, stopped or aborted, in a sentence. */
  readonly reason: string | null;
  readonly strategy: Strategy;
  /** How each ring is called: `probe`, then as in a rollout. */
  readonly rings: readonly string[];
  /** The ring under way; -1 before the first. */
  readonly ring: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
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

export interface RotationDevice {
  readonly id: number;
  readonly name: string;
  readonly ring: number;
  readonly state: RotationDeviceState;
  /** What it waits for or why it failed, in a sentence. */
  readonly reason: string | null;
  /** It may have been told of the new secret, and which one it accepts is not known. */
  readonly isDoubtful: boolean;
  readonly acceptedAt: number | null;
  /** No try before. */
  readonly nextAt: number;
}

export interface RotationRecord {
  readonly rotation: Rotation;
  readonly devices: readonly RotationDevice[];
}

/** What a step learned of one device. */
export type RotationStep = Partial<Omit<RotationDevice, 'id' | 'name' | 'ring'>>;

const OVER: ReadonlySet<RotationState> = new Set(['done', 'stopped', 'aborted']);

export function isOver({ state }: Pick<Rotation, 'state'>): boolean {
  return OVER.has(state);
}

/** The actor of everything that a rotation writes. */
export function rotationActor({ id }: Pick<Rotation, 'id'>): string {
  return `rotation:${id}`;
}
