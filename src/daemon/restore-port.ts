import type { Ports } from '../actions/ports.ts';
import { applyDevice } from '../fleet/apply.ts';
import type { Clock } from '../lib/clock.ts';
import type { Engine } from './engine.ts';

/** `Ports.restore` over an engine: the same path as any apply, recorded without a revision because nobody approved one. */
export function restorePort(engine: Engine, clock: Clock): Ports['restore'] {
  return async (desired, { actor, force }, { signal }) => {
    const [target] = engine.devices.targets([desired]);
    if (target === undefined) return null;
    return engine.mutex.run(desired.name, async () => {
      const applied = await applyDevice(
        target,
        {
          resources: [engine.configuration],
          guards: engine.guards(target, { byMachine: false, force }),
          ledger: engine.writes.ledger({ deviceId: target.device.address.id, revisionId: null, actor }),
          clock,
        },
        { signal },
      );
      if (applied.identity !== null) await engine.devices.met(target.device, applied.identity);
      return applied;
    });
  };
}
