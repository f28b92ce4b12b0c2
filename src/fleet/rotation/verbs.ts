import { isOver, type Rotation, type RotationState } from './rotation.ts';

/** What a person's word makes of a rotation; a text says why it cannot be done now. */
export type RotationVerdict = Partial<Rotation> | string;

export function pausedRotation(rotation: Rotation, reason: string): RotationVerdict {
  return GOING.has(rotation.state) ? { isPaused: true, reason } : inState(rotation);
}

export function resumedRotation(rotation: Rotation): RotationVerdict {
  return rotation.isPaused ? { isPaused: false, reason: null } : 'it is not paused';
}

/** Ends it; each device keeps the passphrase that it accepts now. */
export function abortedRotation(rotation: Rotation, reason: string): RotationVerdict {
  return GOING.has(rotation.state) ? { state: 'aborting', isPaused: false, reason } : inState(rotation);
}

/** Why a rotation of this credential may not begin beside the last one; null: it may, and takes the place of one that only waits for stragglers. */
export function obstacleTo(credential: string, last: Rotation): string | null {
  if (isOver(last) || (last.state === 'catching-up' && last.credential === credential)) return null;
  return `the rotation of ${last.credential} is ${last.isPaused ? 'paused' : last.state}: let it end, or abort it first`;
}

const GOING: ReadonlySet<RotationState> = new Set(['running', 'catching-up']);

function inState({ state }: Rotation): string {
  return `the rotation is ${state}, so there is nothing to do`;
}
