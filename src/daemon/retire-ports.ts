import { ActionError } from '../actions/action.ts';
import type { RetirePorts } from '../actions/ports/retirement.ts';
import { readOwnTokens, slotRemoval } from '../feedback/slot-removal.ts';
import { applyDevice } from '../fleet/apply.ts';
import { planDevice, type Target } from '../fleet/plan.ts';
import type { AnyResource } from '../fleet/resource.ts';
import { SHOWN_CERTIFICATE_KIND } from '../fleet/resources/shown-certificate.ts';
import { SOFTWARE_KIND } from '../fleet/resources/software.ts';
import { onRecordText, stripped } from '../fleet/retire.ts';
import type { Clock } from '../lib/clock.ts';
import type { Engine } from './engine.ts';

/** What is, besides settings, no thing that roomd put there. */
const STAYS: ReadonlySet<string> = new Set([SOFTWARE_KIND, SHOWN_CERTIFICATE_KIND]);

export interface RetireParts {
  readonly clock: Clock;
  /** Told when a device was found without a slot of ours. */
  readonly onSlotGone?: (deviceId: number) => void;
  /** Told when a device was retired or taken up again. */
  readonly onChanged?: (name: string) => void;
}

/** What the verbs that retire devices need, over an engine. */
export function retirePorts(engine: Engine, { clock, onSlotGone, onChanged }: RetireParts): RetirePorts {
  const { devices, database } = engine;
  const slots = slotRemoval({
    ownOf: async ({ address }) => ({
      publicUrl: engine.fleet.daemon.feedback.publicUrl,
      tokens: await readOwnTokens(database, address.id),
    }),
    onGone: ({ address }) => onSlotGone?.(address.id),
  });
  const resources: readonly AnyResource[] = [
    slots,
    ...engine.resources.filter(({ kind }) => kind !== engine.configuration.kind && !STAYS.has(kind)),
  ];
  const targetOf = (name: string): Target => {
    const target = devices.target(name);
    if (target === null) throw new ActionError('not-found', `no device is called "${name}"`);
    return { ...target, desired: stripped(target.desired) };
  };
  return {
    of: (name) => devices.retired(name),
    plan: (name, { signal }) => planDevice(targetOf(name), { resources, signal }),
    async onRecord(name) {
      const things = await engine.managed.of(targetOf(name).device.address.id);
      return things.map(onRecordText);
    },
    async retire(name, { actor, force }, { signal }) {
      const target = targetOf(name);
      const { id: deviceId } = target.device.address;
      // First of all, so that no machine puts back what is taken off.
      await devices.retire(name, actor);
      await engine.revisions.finished(deviceId);
      const applied = await engine.mutex.run(name, () =>
        applyDevice(
          target,
          {
            resources,
            guards: engine.guards(target, { byMachine: false, force }),
            ledger: engine.writes.ledger({ deviceId, revisionId: null, actor: `retire:${actor}` }),
            clock,
          },
          { signal },
        ),
      );
      onChanged?.(name);
      return applied;
    },
    async takeUp(name, actor) {
      if (devices.retired(name) === null) return;
      await devices.takeUp(name, actor);
      onChanged?.(name);
    },
  };
}
