import type { YamlFile } from './file/yaml-file.ts';
import type { DesiredDevice, Fleet } from './fleet.ts';
import type { Moment } from './local-time.ts';
import type { Problem } from './problem.ts';
import type { RolloutGroup, RolloutSection } from './rollout-section.ts';
import { gravityOfMiss, meantInstead, select, unknownNames } from './selector.ts';

/** The wall clock that is farthest behind shows a time this long after UTC does. */
const LAST_ZONE_MS = 12 * 3_600_000;

/** What takes the devices, or the time, to judge about `rollout`. */
export function checkRollout(yaml: YamlFile, fleet: Fleet, now: number): Problem[] {
  const { rollout, devices } = fleet;
  if (rollout === null) return [];
  // A fleet that has no devices yet may have its rings all the same.
  const ofGroups = devices.length === 0 ? [] : checkGroups(yaml, rollout, fleet);
  return [...ofGroups, ...pastFreezes(yaml, rollout, now)];
}

function checkGroups(yaml: YamlFile, { canary, rings }: RolloutSection, fleet: Fleet): Problem[] {
  const { devices } = fleet;
  const problems: Problem[] = [];
  const taken = new Set<DesiredDevice>();
  if (canary?.kind === 'number' && canary.devices >= devices.length)
    problems.push(
      yaml.warning(
        ['rollout', 'canary'],
        `the fleet has ${devices.length} ${devices.length === 1 ? 'device' : 'devices'}, so all of them would go first; write a smaller number.`,
      ),
    );
  if (canary?.kind === 'selector') {
    problems.push(...wrongInGroup(yaml, ['rollout', 'canary'], canary, fleet));
    for (const device of select(canary.selector, devices)) taken.add(device);
  }
  for (const [index, ring] of rings.entries()) {
    const path = ['rollout', 'rings', index];
    problems.push(...wrongInGroup(yaml, path, ring, fleet));
    const members = select(ring.selector, devices);
    if (members.length > 0 && members.every((device) => taken.has(device)))
      problems.push(
        yaml.warning(
          path,
          `every device of "${ring.text}" comes earlier, so this ring has nothing to do; take it out.`,
        ),
      );
    for (const device of members) taken.add(device);
  }
  return problems;
}

function wrongInGroup(
  yaml: YamlFile,
  path: (string | number)[],
  { text, selector }: RolloutGroup,
  fleet: Fleet,
): Problem[] {
  const { devices } = fleet;
  const told = (message: string): Problem => ({
    ...yaml.error(path, message),
    severity: gravityOfMiss(fleet),
  });
  const unknown = unknownNames(selector, devices);
  if (unknown.length > 0) return unknown.map(({ message }) => told(message));
  if (select(selector, devices).length > 0) return [];
  return [
    told(
      `no device fits "${text}", so nothing would be tried there; mend the selector, or take it out.${meantInstead(selector, devices)}`,
    ),
  ];
}

function pastFreezes(yaml: YamlFile, { freezes }: RolloutSection, now: number): Problem[] {
  return freezes.flatMap(({ to, reason }, index) =>
    lastInstant(to) <= now
      ? [
          yaml.warning(
            ['rollout', 'freezes', index, 'to'],
            `this freeze (${reason}) is over everywhere; take it out.`,
          ),
        ]
      : [],
  );
}

function lastInstant(moment: Moment): number {
  return moment.kind === 'instant' ? moment.at : moment.wall + LAST_ZONE_MS;
}
