import { pathKey } from '../../xapi/path.ts';
import type { ApprovedSettings } from '../approved-settings.ts';
import { overspent } from '../campaign/budget.ts';
import { resolveRings } from '../campaign/rings.ts';
import { certificatePath } from '../content-paths.ts';
import type { DesiredDevice } from '../fleet.ts';
import type { FleetCommit } from '../fleet-commit.ts';
import type { DevicePlan } from '../plan.ts';
import { formatPlace, type Place } from '../problem.ts';
import type { Revision } from '../revision.ts';
import type { RolloutSection } from '../rollout-section.ts';
import { cutOffReason, cutOffRefusal } from './cut-off.ts';
import { broughtProblem } from './outcome.ts';
import type { RolloutDevice, RolloutRecord } from './rollout.ts';

export interface Beginning {
  readonly id: string;
  readonly actor: string;
  readonly now: number;
  readonly fingerprint: string;
  readonly commit: FleetCommit | null;
  readonly section: RolloutSection;
  readonly parallel: number;
  /** Null: as the section says. */
  readonly confirmWithinMs: number | null;
  readonly devices: readonly DesiredDevice[];
  readonly plans: ReadonlyMap<string, DevicePlan>;
  readonly before: Revision | null;
  readonly idOf: (name: string) => number | null;
  readonly stateOf: (device: DesiredDevice) => ApprovedSettings;
}

/** Why these changes may not be rolled out: a line for each setting that can cut roomd off, with the first device of it; null: they may. */
export function refusalOf({ plans, section }: Pick<Beginning, 'plans' | 'section'>): string | null {
  const refusals = new Map<string, string>();
  for (const { name, changes } of plans.values()) {
    for (const { path, place } of changes) {
      const refusal = cutOffRefusal(path, section.allowCutOff);
      if (refusal !== null && !refusals.has(pathKey(path)))
        refusals.set(pathKey(path), `${placed(place)}${name}: ${refusal}`);
    }
  }
  return refusals.size === 0 ? null : [...refusals.values()].join('\n');
}

/** What the plan knows already: that more devices would fail than may, in a sentence; null where it does not say so. */
export function foreseenFailure(
  { campaign, devices }: RolloutRecord,
  plans: Beginning['plans'],
): string | null {
  const tried = devices.filter(({ state }) => state !== 'left-out');
  const failed = tried.flatMap((device) => {
    const problem = broughtProblem(device, plans.get(device.name)?.problems ?? []);
    if (problem === undefined) return [];
    return [{ name: device.name, reason: `${placed(problem.place)}${problem.path}: ${problem.message}` }];
  });
  const overspending = overspent(
    campaign.strategy.failureBudget,
    { failed, tried: tried.length },
    'devices would fail',
  );
  if (overspending === null) return null;
  return `${overspending}; mend the lines, or leave these devices out with --devices`;
}

function placed(place: Place | undefined): string {
  return place === undefined ? '' : `${formatPlace(place)}: `;
}

/** A new rollout with every device in its ring. */
export function newRollout(beginning: Beginning): RolloutRecord {
  const { id, actor, now, fingerprint, commit, section, before, parallel } = beginning;
  const rings = resolveRings(section, beginning.devices);
  const { soakMs, failureBudget, windows, freezes, allowCutOff } = section;
  return {
    campaign: {
      id,
      actor,
      state: 'running',
      isPaused: false,
      reason: null,
      fingerprint,
      commit,
      strategy: {
        soakMs,
        failureBudget,
        confirmWithinMs: beginning.confirmWithinMs ?? section.confirmWithinMs,
        windows,
        freezes,
        allowCutOff,
        parallel,
      },
      rings: rings.map(({ label }) => label),
      ring: -1,
      revisionBefore: before?.id ?? null,
      revision: null,
      confirmedBy: null,
      confirmBy: null,
      startedAt: now,
      endedAt: null,
    },
    devices: rings.flatMap(({ devices }, ring) =>
      devices.flatMap((desired) => newDevice(desired, ring, beginning)),
    ),
  };
}

function newDevice(desired: DesiredDevice, ring: number, beginning: Beginning): RolloutDevice[] {
  const { name } = desired;
  const id = beginning.idOf(name);
  if (id === null) return [];
  const plan = beginning.plans.get(name);
  return [
    {
      id,
      name,
      ring,
      state: desired.protected ? 'left-out' : 'pending',
      reason: desired.protected ? 'it is protected: machines never write to it; apply it by name' : null,
      isTouched: false,
      cutsOff: pathsOf(desired, plan).some((path) => cutOffReason(path) !== null),
      before: beginning.before?.desired.get(id) ?? null,
      after: beginning.stateOf(desired),
      knownErrors: [],
      writtenAt: null,
      strikes: 0,
      nextAt: 0,
    },
  ];
}

/** What would be written; of a device that did not answer, whatever the file says of it. */
function pathsOf(desired: DesiredDevice, plan: DevicePlan | undefined): string[] {
  return plan?.state === 'in-sync' || plan?.state === 'drift'
    ? plan.changes.map(({ path }) => path)
    : [
        ...desired.configuration.keys(),
        ...(desired.content?.certificates ?? []).map(({ kind, fingerprint256 }) =>
          certificatePath(kind, fingerprint256),
        ),
      ];
}
