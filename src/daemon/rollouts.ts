import type { RolloutPorts } from '../actions/ports/campaigns.ts';
import { applyDevice } from '../fleet/apply.ts';
import { fleetCommit } from '../fleet/fleet-commit.ts';
import type { Reconciler } from '../fleet/reconciler.ts';
import { foreseenFailure, newRollout } from '../fleet/rollout/begin.ts';
import { readCallsAgainst } from '../fleet/rollout/call-health.ts';
import { RolloutRunner } from '../fleet/rollout/runner.ts';
import { rolloutStore } from '../fleet/rollout/store.ts';
import { RolloutWrites } from '../fleet/rollout/writes.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import { campaignPace } from './campaign-pace.ts';
import type { Engine } from './engine.ts';
import type { InForce } from './in-force.ts';
import { onReturn } from './returns.ts';

export interface RolloutParts {
  readonly engine: Engine;
  readonly inForce: InForce;
  /** Made after the rollouts, as it asks them. */
  readonly reconciler: () => Reconciler;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Rollouts over the engine: the same path as any apply, under the guards of a machine. */
export function makeRollouts({ engine, inForce, reconciler, clock, logger }: RolloutParts): RolloutRunner {
  const runner = new RolloutRunner(campaignPace(engine.fleet.daemon.timing.driftMs), {
    store: rolloutStore(engine),
    writes: new RolloutWrites(engine),
    target: (name) => engine.devices.target(name),
    configuration: engine.configuration,
    content: engine.resources.filter((resource) => resource !== engine.configuration),
    revisions: engine.revisions,
    mutex: engine.mutex,
    async apply(target, { resources, revisionId, actor, leavesAlone }, { signal }) {
      const guards = engine.guards(target, { byMachine: true, force: false });
      const applied = await applyDevice(
        target,
        {
          resources,
          guards: leavesAlone === undefined ? guards : { ...guards, leavesAlone },
          ledger: engine.writes.ledger({
            deviceId: target.device.address.id,
            revisionId,
            actor,
            keepsReplaced: true,
          }),
          clock,
        },
        { signal },
      );
      if (applied.identity !== null) await engine.devices.met(target.device, applied.identity);
      return applied;
    },
    callsAgainst: (written, options) => readCallsAgainst(engine.database, written, options),
    handOver: (applied, actor) => reconciler().applied(applied, actor),
    blocked: () => inForce.blocked(),
    timezone: (name) => engine.devices.target(name)?.desired.timezone ?? 'UTC',
    onDevice: (name) => reconciler().look(name),
    clock,
    logger,
  });
  onReturn(engine.devices, (name) => runner.returned(name));
  return runner;
}

/** What the verbs need of rollouts. */
export function rolloutPorts(
  runner: RolloutRunner,
  { engine, clock, newId }: { engine: Engine; clock: Clock; newId: NewId },
): RolloutPorts {
  return {
    current: () => runner.current(),
    latestRevision: () => engine.revisions.latest(),
    change: (change) => runner.change(change),
    async start(devices, { section, actor, plans, parallel, confirmWithinMs }) {
      // What the rollout names is kept before it does.
      await engine.revisions.keepContent(devices);
      const planned = new Map(plans.map((plan) => [plan.name, plan]));
      const record = newRollout({
        id: newId(),
        actor,
        now: clock.now(),
        fingerprint: engine.fleet.fingerprint,
        commit: await fleetCommit(engine.fleet),
        section,
        parallel,
        confirmWithinMs,
        devices,
        plans: planned,
        before: await engine.revisions.latest(),
        idOf: (name) => engine.devices.row(name)?.id ?? null,
        stateOf: (desired) => engine.revisions.stateOf(desired),
      });
      return foreseenFailure(record, planned) ?? runner.begin(record);
    },
  };
}
