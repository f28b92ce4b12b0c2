import { unreachable } from '../../lib/errors.ts';
import { overspent } from '../campaign/budget.ts';
import {
  acting,
  type CampaignDecision,
  type Circumstances,
  least,
  resting,
  whoseTurn,
} from '../campaign/decision.ts';
import type { Rotation, RotationDevice, RotationDeviceState } from './rotation.ts';

/** What the runner does next to a device. `ask` finds out which secret it accepts, and sets none. */
export interface RotationDeviceAct {
  readonly act: 'set' | 'ask';
  readonly device: RotationDevice;
}

/** What it does next to the whole. */
export type RotationWholeAct =
  | { readonly act: 'begin-ring'; readonly ring: number }
  | { readonly act: 'stop'; readonly reason: string }
  | { readonly act: 'go'; readonly to: 'catching-up' | 'done' | 'stopped' | 'aborted' };

export type RotationAct = RotationDeviceAct | RotationWholeAct;
export type RotationDecision = CampaignDecision<RotationAct>;

/** The next step of a rotation, from what is on record and the time alone. A device in hand is `setting` and gets no second order. */
export function decideRotation(
  rotation: Rotation,
  devices: readonly RotationDevice[],
  circumstances: Circumstances,
): RotationDecision {
  switch (rotation.state) {
    case 'stopping':
      return onceSettled(devices, circumstances, 'stopped');
    case 'aborting':
      return onceSettled(devices, circumstances, 'aborted');
    case 'running':
    case 'catching-up':
      return decideForward(rotation, devices, circumstances);
    case 'done':
    case 'stopped':
    case 'aborted':
      return resting(null);
    default:
      return unreachable(rotation.state);
  }
}

/** It ends when of no device that answers it is unknown which secret it accepts. */
function onceSettled(
  devices: readonly RotationDevice[],
  { now }: Circumstances,
  to: 'stopped' | 'aborted',
): RotationDecision {
  const acts = devices
    .filter(({ state, isDoubtful, nextAt }) => state === 'pending' && isDoubtful && nextAt <= now)
    .map((device) => ({ act: 'ask', device }) as const);
  if (acts.length > 0) return acting(...acts);
  if (devices.some(({ state }) => state === 'setting')) return resting('devices in hand are settled first');
  return acting({ act: 'go', to });
}

function decideForward(
  rotation: Rotation,
  devices: readonly RotationDevice[],
  circumstances: Circumstances,
): RotationDecision {
  // A straggler that fails long after the rings were done is its own affair.
  const spent = rotation.state === 'running' ? whyStop(rotation, devices) : null;
  if (spent !== null) return acting({ act: 'stop', reason: spent });
  if (rotation.isPaused) return resting(`paused: ${rotation.reason ?? 'no reason given'}`);
  if (circumstances.blocked !== null) return resting(circumstances.blocked);
  const step = nextStep(rotation, devices);
  if (typeof step === 'object' && step !== null) return acting(step);
  const { due, waiting, times } = whoseTurn(rotation, devices, { ...circumstances, isStraggler });
  const underWay = devices.filter(({ state }) => state === 'setting').length;
  const acts = due
    .slice(0, Math.max(0, rotation.strategy.parallel - underWay))
    .map((device) => ({ act: 'set', device }) as const);
  return {
    acts,
    nextLookAt: least(times),
    waiting,
    waitsFor: step,
  };
}

/** The probe may not fail at all; of the others as many as the budget bears. */
function whyStop(
  { strategy: { failureBudget } }: Rotation,
  devices: readonly RotationDevice[],
): string | null {
  const failed = devices.filter(({ state }) => FAILED.has(state));
  const probe = failed.find(({ ring }) => ring === 0);
  if (probe !== undefined)
    return `the probe ${probe.name} failed, so no other device was touched: ${probe.reason ?? 'no reason known'}`;
  const tried = devices.filter(({ state }) => FAILED.has(state) || state === 'accepted').length;
  return overspent(failureBudget, { failed, tried });
}

/** The next ring or the end; a sentence where it cannot go on by itself; null while the ring is under way. */
function nextStep(rotation: Rotation, devices: readonly RotationDevice[]): RotationWholeAct | string | null {
  const begun = devices.filter(({ ring }) => ring <= rotation.ring);
  if (begun.some(({ state }) => state === 'pending' || state === 'setting')) return null;
  const isLate = devices.some(isStraggler);
  if (rotation.state === 'catching-up') return isLate ? null : { act: 'go', to: 'done' };
  const probe = begun.find(({ ring, state }) => ring === 0 && state !== 'accepted');
  if (probe !== undefined)
    return `the probe ${probe.name} does not accept the new passphrase yet (${probe.reason ?? probe.state}); the others wait for it`;
  if (rotation.ring + 1 < rotation.rings.length) return { act: 'begin-ring', ring: rotation.ring + 1 };
  return { act: 'go', to: isLate ? 'catching-up' : 'done' };
}

const FAILED: ReadonlySet<RotationDeviceState> = new Set(['failed', 'unknown']);

function isStraggler({ state }: RotationDevice): boolean {
  return state === 'waiting' || state === 'unknown';
}
