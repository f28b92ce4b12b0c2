import type { Rollout, RolloutDevice, Strategy } from '../../../src/fleet/rollout/rollout.ts';

export const strategy: Strategy = {
  soakMs: 1_000,
  failureBudget: { kind: 'number', devices: 0 },
  confirmWithinMs: null,
  windows: [],
  freezes: [],
  allowCutOff: [],
  parallel: 2,
};

export function rolloutOf(changes: Partial<Rollout> = {}, how: Partial<Strategy> = {}): Rollout {
  return {
    id: 'r1',
    actor: 'cli:anna',
    state: 'running',
    isPaused: false,
    reason: null,
    fingerprint: 'f',
    commit: null,
    strategy: { ...strategy, ...how },
    rings: ['canary', 'all others'],
    ring: 0,
    revisionBefore: null,
    revision: null,
    confirmedBy: null,
    confirmBy: null,
    startedAt: 0,
    endedAt: null,
    ...changes,
  };
}

export function deviceOf(id: number, changes: Partial<RolloutDevice> = {}): RolloutDevice {
  return {
    id,
    name: `room-${id}`,
    ring: 0,
    state: 'pending',
    reason: null,
    isTouched: false,
    cutsOff: false,
    before: null,
    after: {},
    knownErrors: [],
    writtenAt: null,
    strikes: 0,
    nextAt: 0,
    ...changes,
  };
}
