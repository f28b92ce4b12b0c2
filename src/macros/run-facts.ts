import type { DesiredDevice } from '../fleet/fleet.ts';
import type { ConditionFacts, Needs, OutputValues } from './condition.ts';
import type { MacroPorts } from './ports.ts';
import { namesFleet, type TemplateValues, templateValues } from './template.ts';
import type { TriggerFacts } from './trigger.ts';

/** Whom and what a condition or a text is about. */
export interface Circumstances {
  readonly macro: string;
  readonly desired: DesiredDevice | null;
  readonly wall: number;
  readonly trigger: TriggerFacts;
  readonly outputs: ReadonlyMap<string, OutputValues>;
}

/** Fetches what a condition looks at. */
export async function factsFor(
  needs: Needs,
  { desired, wall, trigger, outputs }: Circumstances,
  { ports, signal }: { ports: MacroPorts; signal: AbortSignal },
): Promise<ConditionFacts> {
  return {
    room:
      desired === null
        ? null
        : {
            device: desired,
            state: ports.state(desired.name),
            occupancy: needs.occupancy ? (await ports.occupancy(desired.name, signal)).state : null,
            records: needs.records ? await ports.records(desired.name, signal) : null,
          },
    fleet: needs.fleet ? await ports.fleet(signal) : null,
    wall,
    trigger,
    outputs,
  };
}

/** What the texts of a step have filled in. */
export async function valuesFor(
  args: unknown,
  { macro, desired, wall, trigger, outputs }: Circumstances,
  { ports, signal }: { ports: MacroPorts; signal: AbortSignal },
): Promise<TemplateValues> {
  const fleet = namesFleet(args) ? await ports.fleet(signal) : null;
  return templateValues({ device: desired, macro, wall, trigger, outputs, fleet });
}
