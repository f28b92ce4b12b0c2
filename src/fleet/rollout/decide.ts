import { unreachable } from '../../lib/errors.ts';
import { overspent } from './budget.ts';
import type { Rollout, RolloutDevice, RolloutDeviceState } from './rollout.ts';
import { type Closed, closedNow } from './windows.ts';

/** What the runner does next. */
export type RolloutAct =
  | { readonly act: 'begin-ring'; readonly ring: number }
  | { readonly act: 'apply'; readonly device: RolloutDevice }
  | { readonly act: 'check'; readonly device: RolloutDevice }
  | { readonly act: 'ask-to-confirm'; readonly by: number }
  | { readonly act: 'revert'; readonly reason: string }
  | { readonly act: 'record-revert' }
  | { readonly act: 'record-abort' }
  | { readonly act: 'revert-device'; readonly device: RolloutDevice }
  | { readonly act: 'go'; readonly to: 'catching-up' | 'done' | 'reverted' };

export interface Decision {
  readonly acts: readonly RolloutAct[];
  /** Look again then at the latest, UTC milliseconds; null: only when something happens. */
  readonly nextLookAt: number | null;
  /** What single devices wait for, by id. */
  readonly waiting: ReadonlyMap<number, string>;
  /** What the whole waits for, in a sentence; null while it goes on. */
  readonly waitsFor: string | null;
}

export interface Circumstances {
  readonly now: number;
  /** Why nothing may be written now, such as safe mode; null: it may. */
  readonly blocked: string | null;
  readonly timezone: (name: string) => string;
  /** When a device may be begun; by windows and freezes alone where nothing else is said. */
  readonly closed?: typeof closedNow;
}

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
  const failed = devices.filter(({ state }) => state === 'failed');
  const tried = devices.filter(
    ({ state, isTouched }) => isTouched || state === 'failed' || state === 'passed',
  ).length;
  return overspent(failureBudget, { failed, tried });
}

/** What is put on record must not miss a write under way. */
function onceQuiet(devices: readonly RolloutDevice[], act: RolloutAct): Decision {
  const isQuiet = !devices.some(({ state }) => state === 'applying');
  return isQuiet ? { ...resting(null), acts: [act] } : resting('writes under way end first');
}

function decideReverting(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  { blocked }: Circumstances,
): Decision {
  const left = devices.filter(({ state }) => state === 'to-revert');
  const underWay = devices.filter(({ state }) => state === 'reverting');
  if (left.length === 0 && underWay.length === 0)
    return { ...resting(null), acts: [{ act: 'go', to: 'reverted' }] };
  if (blocked !== null) return resting(blocked);
  const acts = withinLimit(left, underWay, rollout.strategy.parallel).map(
    (device) => ({ act: 'revert-device', device }) as const,
  );
  return { ...resting(null), acts };
}

function decideConfirming(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  { now }: Circumstances,
): Decision {
  if (rollout.confirmedBy !== null)
    return { ...resting(null), acts: [{ act: 'go', to: afterLastRing(devices) }] };
  if (rollout.confirmBy !== null && now >= rollout.confirmBy)
    return {
      ...resting(null),
      acts: [{ act: 'revert', reason: 'nobody confirmed it in time' }],
    };
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
  if (spent !== null) return { ...resting(null), acts: [{ act: 'revert', reason: spent }] };
  const watched = devices.filter(({ state, id }) => state === 'soaking' && !busy.has(id));
  const checks = watched
    .filter(({ nextAt }) => nextAt <= now)
    .map((device) => ({ act: 'check', device }) as const);
  const times = watched.filter(({ nextAt }) => nextAt > now).map(({ nextAt }) => nextAt);
  const stopped = rollout.isPaused ? `paused: ${rollout.reason ?? 'no reason given'}` : blocked;
  if (stopped !== null) return { ...resting(stopped), acts: checks, nextLookAt: least(times) };
  const step = nextStep(rollout, devices, now);
  if (typeof step === 'object' && step !== null) return { ...resting(null), acts: [...checks, step] };
  const tries = decideTries(rollout, devices, circumstances);
  const applies = tries.now.map((device) => ({ act: 'apply', device }) as const);
  return {
    acts: [...checks, ...applies],
    nextLookAt: least([...times, ...tries.times]),
    waiting: tries.waiting,
    waitsFor: step,
  };
}

/** The next ring or the end; a sentence where the rollout cannot go on by itself; null while the ring is under way. */
function nextStep(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  now: number,
): RolloutAct | string | null {
  const begun = devices.filter(({ ring }) => ring <= rollout.ring);
  if (begun.some(({ state }) => !SETTLED.has(state))) return null;
  if (rollout.state === 'catching-up')
    return begun.some(({ state }) => isStraggler(state)) ? null : { act: 'go', to: 'done' };
  const first = begun.filter(({ ring, state }) => ring === 0 && state !== 'left-out');
  if (first.length > 0 && !first.some(({ state }) => state === 'passed'))
    return `no device of the first ring (${first.map(({ name }) => name).join(', ')}) has held yet: the others wait until one has`;
  if (rollout.ring + 1 < rollout.rings.length) return { act: 'begin-ring', ring: rollout.ring + 1 };
  const { confirmWithinMs } = rollout.strategy;
  if (confirmWithinMs !== null && rollout.confirmedBy === null)
    return { act: 'ask-to-confirm', by: now + confirmWithinMs };
  return { act: 'go', to: afterLastRing(devices) };
}

/** Whose turn it is: devices of the rings begun that were not tried, or were off, and may be written now. */
function decideTries(rollout: Rollout, devices: readonly RolloutDevice[], circumstances: Circumstances) {
  const { now, timezone, closed: closedAt = closedNow } = circumstances;
  const { strategy } = rollout;
  const waiting = new Map<number, string>();
  const times: number[] = [];
  const due: RolloutDevice[] = [];
  const closedIn = new Map<string, Closed | null>();
  for (const device of devices) {
    const { state, ring, nextAt } = device;
    if (ring > rollout.ring || (state !== 'pending' && !isStraggler(state))) continue;
    const zone = timezone(device.name);
    const closed = closedIn.has(zone) ? (closedIn.get(zone) ?? null) : closedAt(strategy, zone, now);
    closedIn.set(zone, closed);
    if (closed !== null) {
      waiting.set(device.id, closed.reason);
      times.push(closed.until);
    } else if (nextAt > now) times.push(nextAt);
    else due.push(device);
  }
  // Those whose turn has not come yet go before those that did not answer.
  due.sort((one, other) => Number(isStraggler(one.state)) - Number(isStraggler(other.state)));
  const underWay = devices.filter(({ state }) => state === 'applying');
  return { now: withinLimit(due, underWay, strategy.parallel), waiting, times };
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

function isStraggler(state: RolloutDeviceState): boolean {
  return state === 'off' || state === 'needs-bootstrap';
}

function afterLastRing(devices: readonly RolloutDevice[]): 'catching-up' | 'done' {
  return devices.some(({ state }) => isStraggler(state)) ? 'catching-up' : 'done';
}

function resting(waitsFor: string | null): Decision {
  return { acts: [], nextLookAt: null, waiting: new Map(), waitsFor };
}

function least(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}
