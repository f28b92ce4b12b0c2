import type { RolloutPorts, UpgradePorts } from '../actions/ports/campaigns.ts';
import type { Reconciler } from '../fleet/reconciler.ts';
import type { RolloutRunner } from '../fleet/rollout/runner.ts';
import { standsInTheWay } from '../fleet/rollout/verbs.ts';
import { newUpgrade } from '../fleet/upgrade/begin.ts';
import { UpgradeRunner } from '../fleet/upgrade/course.ts';
import { upgradeStore } from '../fleet/upgrade/store.ts';
import { upgradeInTheWay } from '../fleet/upgrade/upgrade.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import { campaignPace } from './campaign-pace.ts';
import type { Engine } from './engine.ts';
import type { InForce } from './in-force.ts';
import { onReturn } from './returns.ts';

export interface UpgradeParts {
  readonly engine: Engine;
  readonly inForce: InForce;
  /** Made after the upgrades. */
  readonly reconciler: () => Reconciler;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** After this long a device that tells of upgrades and of none under way has not had its order. */
const UNHEARD_MS = 120_000;

/** Upgrades over the engine, under the guards of a machine. */
export function makeUpgrades({ engine, inForce, reconciler, clock, logger }: UpgradeParts): UpgradeRunner {
  const { driftMs, upgradeMs } = engine.fleet.daemon.timing;
  const runner = new UpgradeRunner(
    {
      pace: campaignPace(driftMs),
      times: {
        pollMs: Math.min(driftMs, 10_000),
        withinMs: upgradeMs,
        unheardMs: Math.min(UNHEARD_MS, 3 * driftMs),
      },
    },
    {
      store: upgradeStore(engine),
      target: (name) => engine.devices.target(name),
      resources: engine.resources,
      guards: (target) => engine.guards(target, { byMachine: true, force: false }),
      ledger: (deviceId, actor) => engine.writes.ledger({ deviceId, revisionId: null, actor }),
      met: (device, identity) => engine.devices.met(device, identity),
      mutex: engine.mutex,
      blocked: () => inForce.blocked(),
      timezone: (name) => engine.devices.target(name)?.desired.timezone ?? 'UTC',
      onDevice: (name) => reconciler().look(name),
      clock,
      logger,
    },
  );
  onReturn(engine.devices, (name) => runner.returned(name));
  return runner;
}

/** What the verbs need of upgrades. A rollout watches its devices, so neither begins beside the other. */
export function upgradePorts(
  { upgrades, rollouts }: { upgrades: UpgradeRunner; rollouts: RolloutRunner },
  { engine, clock, newId }: { engine: Engine; clock: Clock; newId: NewId },
): UpgradePorts {
  return {
    current: () => upgrades.current(),
    change: (change) => upgrades.change(change),
    async start(wish, how) {
      const rollout = rollouts.current()?.record.campaign ?? null;
      const obstacle = rollout === null ? null : standsInTheWay(rollout);
      if (obstacle !== null) return obstacle;
      return upgrades.begin(
        newUpgrade(
          { ...wish, now: clock.now() },
          { ...how, id: newId(), idOf: (name) => engine.devices.row(name)?.id ?? null },
        ),
      );
    },
  };
}

/** Rollouts that do not begin while an upgrade is under way. */
export function withoutUpgrades(rollouts: RolloutPorts, upgrades: UpgradeRunner): RolloutPorts {
  return {
    ...rollouts,
    async start(devices, how) {
      const upgrade = upgrades.current()?.record.campaign ?? null;
      const obstacle = upgrade === null ? null : upgradeInTheWay(upgrade);
      return obstacle ?? rollouts.start(devices, how);
    },
  };
}
