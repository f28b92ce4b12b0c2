import type { Ports } from '../actions/ports.ts';
import { applyDevice } from '../fleet/apply.ts';
import type { ChangeResult } from '../fleet/change.ts';
import type { DesiredContent } from '../fleet/fleet.ts';
import { Order } from '../fleet/managed-content.ts';
import { BRANDING_KIND } from '../fleet/resources/branding.ts';
import { DEVICE_MACRO_KIND } from '../fleet/resources/device-macro.ts';
import { PANEL_KIND } from '../fleet/resources/ui-panel.ts';
import type { Clock } from '../lib/clock.ts';
import type { Engine } from './engine.ts';

/** `Ports.restore` over an engine: the same path as any apply, recorded without a revision because nobody approved one. */
export function restorePort(engine: Engine, clock: Clock): Ports['restore'] {
  return async (desired, { actor, force, kinds }, { signal }) => {
    const [target] = engine.devices.targets([desired]);
    if (target === undefined) return null;
    const deviceId = target.device.address.id;
    return engine.mutex.run(desired.name, async () => {
      const ours = await ownedBefore(engine, deviceId, kinds);
      const applied = await applyDevice(
        target,
        {
          resources: engine.resourcesOf(kinds),
          guards: engine.guards(target, { byMachine: false, force }),
          ledger: engine.writes.ledger({ deviceId, revisionId: null, actor }),
          clock,
        },
        { signal },
      );
      if (applied.identity !== null) await engine.devices.met(target.device, applied.identity);
      const inFile = engine.devices.target(desired.name)?.desired.content;
      for (const { kind, key } of foreign(applied.results, ours, inFile))
        await engine.managed.gone(deviceId, kind, [key]);
      return applied;
    });
  };
}

async function ownedBefore(
  { managed }: Engine,
  deviceId: number,
  kinds: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const owned = new Set<string>();
  for (const kind of kinds)
    for (const { key, isOurs } of (await managed.load(deviceId, kind)).values())
      if (isOurs) owned.add(`${kind} ${key}`);
  return owned;
}

/** What was somebody else's stays so: otherwise the next apply would take it off, as the file does not name it. */
function foreign(
  results: readonly ChangeResult[],
  ours: ReadonlySet<string>,
  inFile: DesiredContent | undefined,
): { kind: string; key: string }[] {
  const named = namesIn(inFile);
  return results.flatMap(({ change: { kind, wanted } }) => {
    if (!(wanted instanceof Order)) return [];
    const { key } = wanted.errand;
    return ours.has(`${kind} ${key}`) || named.has(`${kind} ${key}`) ? [] : [{ kind, key }];
  });
}

function namesIn(content: DesiredContent | undefined): ReadonlySet<string> {
  if (content === undefined) return new Set();
  return new Set([
    ...content.panels.map(({ id }) => `${PANEL_KIND} ${id}`),
    ...content.deviceMacros.map(({ name }) => `${DEVICE_MACRO_KIND} ${name}`),
    ...content.branding.map(({ type }) => `${BRANDING_KIND} ${type}`),
  ]);
}
