import type { DesiredDevice } from '../fleet.ts';
import type { RolloutSection } from '../rollout-section.ts';
import { select } from '../selector.ts';

export interface Ring {
  readonly label: string;
  readonly devices: readonly DesiredDevice[];
}

/**
 * Which device comes when: canaries, then the rings in order, then whoever is
 * left. Each device is in the first that takes it; what is empty is dropped. A
 * number of canaries means the first of the file that machines may write.
 */
export function resolveRings(
  { canary, rings }: Pick<RolloutSection, 'canary' | 'rings'>,
  devices: readonly DesiredDevice[],
): Ring[] {
  let left = devices;
  const resolved: Ring[] = [];
  const take = (label: string, members: readonly DesiredDevice[]): void => {
    const taken = new Set(members);
    left = left.filter((device) => !taken.has(device));
    if (members.length > 0) resolved.push({ label, devices: members });
  };
  if (canary?.kind === 'number')
    take('canary', left.filter((device) => !device.protected).slice(0, canary.devices));
  if (canary?.kind === 'selector') take(`canary ${canary.text}`, select(canary.selector, left));
  for (const { text, selector } of rings) take(text, select(selector, left));
  take('all others', left);
  return resolved;
}
