import type { Ports } from '../actions/ports.ts';
import { applyDevice, type DeviceApplied } from '../fleet/apply.ts';
import type { Revision } from '../fleet/revision.ts';
import type { Clock } from '../lib/clock.ts';
import type { Engine } from './engine.ts';

export interface ApprovedParts {
  readonly clock: Clock;
  /** What counts for a device that a rollout has in hand. */
  readonly inForceOn?: (deviceId: number, latest: Revision | null) => Revision | null;
  readonly onDevice?: (applied: DeviceApplied, actor: string) => Promise<void>;
}

/** `Ports.bringToApproved` over an engine: the same path as any apply, to the state on record; what the file says beyond it stays pending. */
export function approvedPort(engine: Engine, parts: ApprovedParts): Ports['bringToApproved'] {
  const { clock, inForceOn = (_id, latest) => latest, onDevice } = parts;
  return async (name, { actor, force }, { signal }) => {
    const target = engine.devices.target(name);
    if (target === null) return null;
    const { id: deviceId } = target.device.address;
    const revision = inForceOn(deviceId, await engine.revisions.latest());
    const approved = await engine.revisions.approvedState(target, revision);
    if (revision === null || approved === null) return null;
    const { desired, knowsContent } = approved;
    return engine.mutex.run(name, async () => {
      const applied = await applyDevice(
        { ...target, desired },
        {
          resources: knowsContent ? engine.resources : [engine.configuration],
          guards: engine.guards(target, { byMachine: false, force }),
          ledger: engine.writes.ledger({ deviceId, revisionId: revision.id, actor }),
          clock,
        },
        { signal },
      );
      if (applied.identity !== null) await engine.devices.met(target.device, applied.identity);
      await onDevice?.(applied, actor);
      return knowsContent ? applied : { ...applied, hints: [...applied.hints, CONTENT_PENDING] };
    });
  };
}

const CONTENT_PENDING =
  'panels, device macros, branding and certificates as they were approved are not on record in full; `roomd apply` approves and writes what the file says';
