import type { Fleet } from '../fleet/fleet.ts';
import { nearest } from '../lib/suggest.ts';
import type { Macro } from './macro-schema.ts';
import type { StepProblem } from './step.ts';

/**
 * Warns of a trigger whose panel no device of the fleet has while one is nearly
 * called so. Others are left alone: devices have panels that roomd does not
 * manage.
 */
export function checkPanels({ when = [] }: Macro, { devices }: Fleet): StepProblem[] {
  const ids = new Set(devices.flatMap(({ content }) => content?.panels.map(({ id }) => id) ?? []));
  return when.flatMap((trigger, at) => {
    if (trigger.kind !== 'panel' || ids.has(trigger.id)) return [];
    const [meant] = nearest(trigger.id, ids, 1);
    if (meant === undefined) return [];
    return [
      {
        path: when.length === 1 ? ['when', 'panel'] : ['when', at, 'panel'],
        severity: 'warning',
        message: `the file puts no panel "${trigger.id}" onto a device. Did you mean "${meant}"?`,
      },
    ];
  });
}
