import { pathKey } from '../../xapi/path.ts';
import type { DeviceApplied } from '../apply.ts';
import type { ChangeResult } from '../change.ts';
import type { PlanState } from '../plan.ts';
import type { ResourceProblem } from '../resource.ts';
import { cutOffRefusal } from './cut-off.ts';
import type { Health } from './health.ts';
import type { DeviceStep, RolloutDevice, Strategy } from './rollout.ts';

export interface Pace {
  /** A device that is off, or waits for its room, is asked this often. */
  readonly retryMs: number;
  /** A device that soaks is checked at most this often. */
  readonly checkMs: number;
  /** After a look that was bad the next comes this soon, or with the next check where that is sooner. */
  readonly againMs: number;
  /** For this long after a write, or after roomd's own start, a device may be silent. */
  readonly graceMs: number;
}

/** What an attempt to write makes of a device. */
export function afterApply(
  applied: DeviceApplied,
  {
    device,
    strategy,
    pace,
    now,
  }: {
    device: RolloutDevice;
    strategy: Strategy;
    pace: Pace;
    now: number;
  },
): DeviceStep {
  const { results, state } = applied;
  const sent = results.filter(wasSent);
  const isTouched = device.isTouched || sent.length > 0;
  const retry = { isTouched, nextAt: now + pace.retryMs };
  const refused = results.find(({ outcome }) => outcome === 'refused' || outcome === 'differs');
  if (refused !== undefined)
    return {
      state: 'failed',
      isTouched,
      reason: `${refused.change.path}: ${refused.detail ?? refused.outcome}`,
    };
  if (sent.length === 0 && state !== 'in-sync' && state !== 'drift') {
    // What was written earlier and is silent now has to come back or be called failed.
    if (device.isTouched) return { ...soaking(strategy, pace, now), isTouched };
    return { ...unreached(device.name, applied), ...retry };
  }
  // It fell silent between one kind of thing and the next: what it lacks is written when it is back.
  if (isCutShort(applied)) return { state: 'pending', ...retry, reason: applied.reason };
  const problem = broughtProblem(device, applied.problems);
  if (problem !== undefined)
    return { state: 'failed', isTouched, reason: `${problem.path}: ${problem.message}` };
  const cutOff = results.find(
    ({ outcome, change }) => outcome === 'held' && cutOffRefusal(change.path, strategy.allowCutOff) !== null,
  );
  if (cutOff !== undefined) return { state: 'failed', isTouched, reason: cutOff.detail };
  const waits = results.find(({ outcome }) => outcome === 'waiting' || outcome === 'held');
  if (waits !== undefined) return { state: 'pending', ...retry, reason: waits.detail };
  if (!isTouched) return { state: 'passed', isTouched, reason: null };
  return { ...soaking(strategy, pace, now), isTouched };
}

/**
 * What a look at a device that soaks makes of it: two bad ones in a row fail
 * it, the second soon after the first; a good one at the end of its time lets it pass. Silence is bad only after
 * a while; `listeningSince` is when roomd began to listen.
 */
export function afterCheck(
  health: Health,
  {
    device,
    strategy,
    pace,
    listeningSince,
    now,
  }: { device: RolloutDevice; strategy: Strategy; pace: Pace; listeningSince: number; now: number },
): DeviceStep {
  const writtenAt = device.writtenAt ?? now;
  const again = { state: 'soaking', nextAt: now + pace.checkMs } as const;
  if (health.state === 'healthy') {
    const until = writtenAt + strategy.soakMs;
    if (now >= until) return { state: 'passed', strikes: 0, reason: null };
    return { ...again, strikes: 0, reason: null, nextAt: Math.min(until, again.nextAt) };
  }
  const { reason } = health;
  if (health.state === 'silent' && now < Math.max(writtenAt, listeningSince) + pace.graceMs)
    return { ...again, reason };
  const strikes = device.strikes + 1;
  if (strikes >= MOST_STRIKES) return { state: 'failed', strikes, reason };
  return { ...again, strikes, reason, nextAt: now + Math.min(pace.againMs, pace.checkMs) };
}

/** Whether something was sent, and not everything could be looked at. */
export function isCutShort({ results, state }: DeviceApplied): boolean {
  return results.some(wasSent) && state !== 'in-sync' && state !== 'drift';
}

/** What an attempt to put everything back makes of a device. */
export function afterRevert(applied: DeviceApplied, device: RolloutDevice): DeviceStep {
  const failed = (why: string): DeviceStep => ({ state: 'failed', reason: joined(why, device.reason) });
  const left = applied.results.find(({ outcome }) => outcome === 'refused' || outcome === 'differs');
  if (left !== undefined)
    return failed(`${left.change.path} could not be put back: ${left.detail ?? left.outcome}`);
  if (applied.state !== 'in-sync' && applied.state !== 'drift')
    return failed(`it could not be put back: ${applied.reason ?? applied.state}`);
  const fresh = freshPaths(device);
  const problem = applied.problems.find(({ path }) => fresh.has(pathKey(path)));
  if (problem !== undefined) return failed(`${problem.path} could not be put back: ${problem.message}`);
  return { state: 'reverted', reason: device.reason };
}

/** Two sentences about a device, of which there may be one or none. */
export function joined(one: string | null, other: string | null): string | null {
  return one === null || other === null ? (one ?? other) : `${one}; ${other}`;
}

/** What stands against the device's new state, and not against the old one: the device is another kind, or would refuse what this rollout brings. */
export function broughtProblem(
  device: RolloutDevice,
  problems: readonly ResourceProblem[],
): ResourceProblem | undefined {
  const fresh = freshPaths(device);
  return problems.find(({ path }) => path === 'kind' || fresh.has(pathKey(path)));
}

/** The settings and things that this rollout changes: keys of paths. */
function freshPaths({ before, after }: RolloutDevice): ReadonlySet<string> {
  const old = new Map(Object.entries(before ?? {}).map(([path, value]) => [pathKey(path), value]));
  const fresh = Object.entries(after)
    .filter(([path, value]) => JSON.stringify(old.get(pathKey(path))) !== JSON.stringify(value))
    .map(([path]) => pathKey(path));
  const named = new Set(Object.keys(after).map(pathKey));
  return new Set([...fresh, ...[...old.keys()].filter((path) => !named.has(path))]);
}

function wasSent({ outcome }: ChangeResult): boolean {
  return outcome !== 'waiting' && outcome !== 'held';
}

const MOST_STRIKES = 2;

function soaking(strategy: Strategy, pace: Pace, now: number): DeviceStep {
  return {
    state: 'soaking',
    reason: null,
    writtenAt: now,
    strikes: 0,
    nextAt: now + Math.min(strategy.soakMs, pace.checkMs),
  };
}

/** A device that could not be asked before anything was written to it: it waits for its return, or for a person. */
export function unreached(
  name: string,
  { state, reason }: { readonly state: PlanState; readonly reason: string | null },
): DeviceStep {
  if (state === 'unreachable') return { state: 'off', reason };
  const remedy = REMEDIES[state];
  if (remedy === undefined) return { state: 'failed', reason };
  const told = `${reason ?? state}; ${remedy.replace('DEVICE', name)}; it then gets its turn`;
  return { state: 'needs-bootstrap', reason: told };
}

const REMEDIES: Readonly<Partial<Record<PlanState, string>>> = {
  'login-refused':
    "where it was reset, make roomd's account on its web page again; then roomd trust DEVICE --retry-login",
  'certificate-changed':
    "where it was reset, make roomd's account on its web page again; then roomd trust DEVICE --certificate",
  swapped: 'where the unit was exchanged, roomd trust DEVICE --serial',
};
