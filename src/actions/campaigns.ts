import { z } from 'zod';
import type { RolloutSection } from '../fleet/rollout-section.ts';
import { type Action, ActionError } from './action.ts';
import { NoInput, type StatusInput } from './campaign.ts';
import { rolloutStatus, ShownRollout } from './rollout.ts';
import { rotationStatus, ShownRotation } from './rotation.ts';
import { ShownUpgrade, upgradeStatus } from './upgrade.ts';

const Campaigns = z.strictObject({
  rollout: ShownRollout.nullable(),
  upgrade: ShownUpgrade.nullable(),
  rotation: ShownRotation.nullable(),
  next: z
    .strictObject({
      rings: z.array(z.string()).readonly().describe('In order; devices that none names come last.'),
      soakMs: z.int(),
      confirmWithinMs: z.int().nullable(),
    })
    .nullable()
    .describe('How the file would have a rollout go; null where it has no section rollout.'),
});
export type Campaigns = z.output<typeof Campaigns>;

/** Everything that goes over the fleet ring by ring, for whoever watches. */
export const campaigns: Action<NoInput, Campaigns> = {
  name: 'campaigns',
  summary:
    'The rollout, the upgrade and the rotation that are under way or were the last; null where there was none.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/campaigns' },
  input: NoInput,
  answer: Campaigns,
  async run(_input, ports, caller, options) {
    const lastOf = <Shown>(status: Action<StatusInput, Shown>): Promise<Shown | null> =>
      status.run({ id: null }, ports, caller, options).catch(nullWhereNone);
    const [rollout, upgrade, rotation] = await Promise.all([
      lastOf(rolloutStatus),
      lastOf(upgradeStatus),
      lastOf(rotationStatus),
    ]);
    return { rollout, upgrade, rotation, next: nextOf(ports.fleet().rollout) };
  },
};

function nullWhereNone(error: unknown): null {
  if (error instanceof ActionError && error.code === 'not-found') return null;
  throw error;
}

function nextOf(section: RolloutSection | null): Campaigns['next'] {
  if (section === null) return null;
  const { canary, rings, soakMs, confirmWithinMs } = section;
  const first =
    canary === null
      ? []
      : [canary.kind === 'number' ? `canary (${canary.devices})` : `canary ${canary.text}`];
  return { rings: [...first, ...rings.map(({ text }) => text)], soakMs, confirmWithinMs };
}
