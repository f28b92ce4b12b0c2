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
import type { Rollout, RolloutDevice, RolloutDeviceState } from './rollout.ts';

/** What the runner does next to a device. */
export interface RolloutDeviceAct {
  readonly act: 'apply' | 'check' | 'revert-device';
  readonly device: RolloutDevice;
}

/** What it does next to the whole. */
export type RolloutWholeAct =
  | { readonly act: 'begin-ring'; readonly ring: number }
  | { readonly act: 'ask-to-confirm'; readonly by: number }
  | { readonly act: 'revert'; readonly reason: string }
  | { readonly act: 'record-revert' }
  | { readonly act: 'record-abort' }
  | { readonly act: 'go'; readonly to: 'catching-up' | 'done' | 'reverted' };

export type RolloutAct = RolloutDeviceAct | RolloutWholeAct;
export type Decision = CampaignDecision<RolloutAct>;

/**
 * The next step of a rollout, from what is on record and the time alone. A
 * device on which something is under way is `applying`, `reverting`, or in
 * `busy`, and gets no second order.
 */
export function decide(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  circumstances: Circumstances,
  busy: ReadonlySet<number> = new Set(),
): Decision {
  switch (rollout.state) {
    case 'stopping':
      return onceQuiet(devices, { act: 'record-revert' });
    case 'aborting':
      return onceQuiet(devices, { act: 'record-abort' });
    case 'reverting':
      return decideReverting(rollout, devices, circumstances);
    case 'confirming':
      return decideConfirming(rollout, devices, circumstances);
    case 'running':
    case 'catching-up':
      return decideForward(rollout, devices, circumstances, busy);
    case 'done':
    case 'reverted':
    case 'aborted':
      return resting(null);
    default:
      return unreachable(rollout.state);
  }
}

/** Null within the budget; else why the rollout stops. */
export function overBudget(
  { strategy: { failureBudget } }: Pick<Rollout, 'strategy'>,
  devices: readonly RolloutDevice[],
): string | null {
  return overspent(failureBudget, triedOf(devices));
}

/** How many were tried, and those of them that failed. */
export function triedOf(devices: readonly RolloutDevice[]): { failed: RolloutDevice[]; tried: number } {
  const failed = devices.filter(({ state }) => state === 'failed');
  const tried = devices.filter(
    ({ state, isTouched }) => isTouched || state === 'failed' || state === 'passed',
  ).length;
  return { failed, tried };
}

/** What is put on record must not miss a write under way. */
function onceQuiet(devices: readonly RolloutDevice[], act: RolloutWholeAct): Decision {
  const isQuiet = !devices.some(({ state }) => state === 'applying');
  return isQuiet ? acting(act) : resting('writes under way end first');
}

function decideReverting(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  { blocked }: Circumstances,
): Decision {
  const left = devices.filter(({ state }) => state === 'to-revert');
  const underWay = devices.filter(({ state }) => state === 'reverting');
  if (left.length === 0 && underWay.length === 0) return acting({ act: 'go', to: 'reverted' });
  if (blocked !== null) return resting(blocked);
  return acting(
    ...withinLimit(left, underWay, rollout.strategy.parallel).map(
      (device) => ({ act: 'revert-device', device }) as const,
    ),
  );
}

function decideConfirming(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  { now }: Circumstances,
): Decision {
  if (rollout.confirmedBy !== null) return acting({ act: 'go', to: afterLastRing(devices) });
  if (rollout.confirmBy !== null && now >= rollout.confirmBy)
    return acting({ act: 'revert', reason: 'nobody confirmed it in time' });
  return { ...resting('a person must confirm it: roomd rollout approve'), nextLookAt: rollout.confirmBy };
}

function decideForward(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  circumstances: Circumstances,
  busy: ReadonlySet<number>,
): Decision {
  const { now, blocked } = circumstances;
  // A straggler that fails long after the rings were done is its own affair.
  const spent = rollout.state === 'running' ? overBudget(rollout, devices) : null;
  if (spent !== null) return acting({ act: 'revert', reason: spent });
  const watched = devices.filter(({ state, id }) => state === 'soaking' && !busy.has(id));
  const checks = watched
    .filter(({ nextAt }) => nextAt <= now)
    .map((device) => ({ act: 'check', device }) as const);
  const times = watched.filter(({ nextAt }) => nextAt > now).map(({ nextAt }) => nextAt);
  const stopped = rollout.isPaused ? `paused: ${rollout.reason ?? 'no reason given'}` : blocked;
  if (stopped !== null) return { ...resting(stopped), acts: checks, nextLookAt: least(times) };
  const step = nextStep(rollout, devices, now);
  if (typeof step === 'object' && step !== null) return acting<RolloutAct>(...checks, step);
  const turn = whoseTurn(rollout, devices, { ...circumstances, isStraggler });
  const underWay = devices.filter(({ state }) => state === 'applying');
  const applies = withinLimit(turn.due, underWay, rollout.strategy.parallel).map(
    (device) => ({ act: 'apply', device }) as const,
  );
  return {
    acts: [...checks, ...applies],
    nextLookAt: least([...times, ...turn.times]),
    waiting: turn.waiting,
    waitsFor: step,
  };
}

/** The next ring or the end; a sentence where the rollout cannot go on by itself; null while the ring is under way. */
function nextStep(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  now: number,
): RolloutWholeAct | string | null {
  const begun = devices.filter(({ ring }) => ring <= rollout.ring);
  if (begun.some(({ state }) => !SETTLED.has(state))) return null;
  if (rollout.state === 'catching-up') return begun.some(isStraggler) ? null : { act: 'go', to: 'done' };
  const first = begun.filter(({ ring, state }) => ring === 0 && state !== 'left-out');
  if (first.length > 0 && !first.some(({ state }) => state === 'passed'))
    return `no device of the first ring (${first.map(({ name }) => name).join(', ')}) has held yet: the others wait until one has`;
  if (rollout.ring + 1 < rollout.rings.length) return { act: 'begin-ring', ring: rollout.ring + 1 };
  const { confirmWithinMs } = rollout.strategy;
  if (confirmWithinMs !== null && rollout.confirmedBy === null)
    return { act: 'ask-to-confirm', by: now + confirmWithinMs };
  return { act: 'go', to: afterLastRing(devices) };
}

/** As many as may begin beside those under way; one that can cut roomd off goes alone. */
function withinLimit(
  due: readonly RolloutDevice[],
  underWay: readonly RolloutDevice[],
  parallel: number,
): readonly RolloutDevice[] {
  if (underWay.some(({ cutsOff }) => cutsOff)) return [];
  const together = due.filter(({ cutsOff }) => !cutsOff);
  if (together.length > 0) return together.slice(0, Math.max(0, parallel - underWay.length));
  return underWay.length === 0 ? due.slice(0, 1) : [];
}

/** With these a ring does not wait for a device any more. */
const SETTLED: ReadonlySet<RolloutDeviceState> = new Set([
  'passed',
  'failed',
  'off',
  'needs-bootstrap',
  'left-out',
]);

function isStraggler({ state }: RolloutDevice): boolean {
  return state === 'off' || state === 'needs-bootstrap';
}

function afterLastRing(devices: readonly RolloutDevice[]): 'catching-up' | 'done' {
  return devices.some(isStraggler) ? 'catching-up' : 'done';
}
