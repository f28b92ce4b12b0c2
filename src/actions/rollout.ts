import { type ZodType, z } from 'zod';
import { borneOf } from '../fleet/campaign/budget.ts';
import { refusalOf } from '../fleet/rollout/begin.ts';
import { triedOf } from '../fleet/rollout/decide.ts';
import type { Rollout, RolloutDevice, RolloutDeviceState } from '../fleet/rollout/rollout.ts';
import { rolloutStore } from '../fleet/rollout/store.ts';
import { approved, reverted, type Verdict } from '../fleet/rollout/verbs.ts';
import { type Action, ActionError } from './action.ts';
import { components, Time } from './answers.ts';
import {
  abort,
  because,
  type CampaignDoor,
  carriedOut,
  found,
  listOf,
  parallelInput,
  pause,
  ReasonInput,
  resume,
  ringsShape,
  showRings,
  showStand,
  standShape,
  statusOf,
} from './campaign.ts';
import type { RolloutPorts } from './ports/campaigns.ts';
import type { Ports } from './ports.ts';
import { rfc3339, ShownCommit, showCommit } from './present.ts';
import { takeUpNamed } from './retire.ts';
import { selectInService } from './select-devices.ts';
import { requirePlannedFile } from './sound-file.ts';

const StartInput = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  fingerprint: z
    .string()
    .nullable()
    .default(null)
    .describe('The fingerprint of the plan that was approved; refused when the file has changed since.'),
  confirmWithinMs: z.coerce
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Revert unless a person confirms within this time; as the file says where absent.'),
  parallel: parallelInput(16, 'Devices that are written at the same time.'),
});

export const RolloutDeviceStateAnswer = z.enum([
  'off',
  'failed',
  'reverting',
  'reverted',
  'pending',
  'applying',
  'soaking',
  'passed',
  'needs-bootstrap',
  'left-out',
  'to-revert',
  'revert-later',
]) satisfies ZodType<RolloutDeviceState>;

export const ShownRollout = z
  .strictObject({
    ...standShape,
    ...ringsShape({
      name: z.string(),
      state: RolloutDeviceStateAnswer,
      reason: z.string().nullable(),
      writtenAt: Time.nullable(),
      soaksUntil: Time.nullable(),
      alone: z.boolean(),
    }),
    fingerprint: z.string(),
    commit: ShownCommit.nullable(),
    revision: z.string().nullable(),
    revisionBefore: z.string().nullable(),
    confirmedBy: z.string().nullable(),
    confirmBy: Time.nullable().describe('Null also where somebody has confirmed it.'),
    budget: z
      .strictObject({ tried: z.int(), failed: z.int(), borne: z.int() })
      .describe(
        'Devices that were tried, those of them that failed, and how many may before it is reverted.',
      ),
  })
  .register(components, { id: 'Rollout' });
export type ShownRollout = z.output<typeof ShownRollout>;

export const startRollout: Action<z.output<typeof StartInput>, ShownRollout> = {
  name: 'rollout.start',
  summary: "Approve the file's state and carry it out ring by ring, as the file's rollout section says.",
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/rollout' },
  input: StartInput,
  answer: ShownRollout,
  async run({ devices, fingerprint, confirmWithinMs, parallel }, ports, { actor }, { signal }) {
    const rollouts = rolloutsOf(ports);
    requirePlannedFile(ports, fingerprint);
    const section = ports.fleet().rollout;
    if (section === null)
      throw new ActionError(
        'conflict',
        'the file has no section rollout: add one with canary and rings, or use roomd apply',
      );
    const { devices: chosen } = selectInService(ports, devices);
    const written = chosen.filter((device) => !device.protected);
    const [first] = chosen;
    if (first !== undefined && written.length === 0)
      throw new ActionError(
        'conflict',
        `every device of this selector is protected, and a rollout leaves those out: roomd apply -d ${first.name} writes to ${first.name}`,
      );
    const plan = await ports.plan(written, { signal });
    const plans = new Map(plan.devices.map((one) => [one.name, one]));
    const refusal = refusalOf({ plans, section });
    if (refusal !== null) throw new ActionError('conflict', refusal);
    const obstacle = await rollouts.start(chosen, {
      section,
      actor,
      plans: plan.devices,
      parallel,
      confirmWithinMs,
    });
    if (obstacle !== null) throw new ActionError('conflict', obstacle);
    await takeUpNamed(
      ports,
      chosen.map(({ name }) => name),
      actor,
    );
    return show(ports, null);
  },
};

const door: CampaignDoor<ShownRollout> = {
  kind: 'rollout',
  answer: ShownRollout,
  list: (ports, page) => rolloutStore(ports).list(page),
  change: (ports, change) => rolloutsOf(ports).change(change),
  show,
};

export const rolloutStatus = statusOf(
  door,
  'A rollout: its ring, and every device with its state and what it waits for.',
);
export const listRollouts = listOf(door);
export const pauseRollout = pause(door, 'Let no further device begin; what was written is still watched.');
export const resumeRollout = resume(door);
export const abortRollout = abort(door, 'End a rollout and leave what it has written as it is.');

const ApproveInput = z.strictObject({
  fingerprint: z
    .string()
    .nullable()
    .default(null)
    .describe('Of the rollout that was looked at; refused when another is under way by now.'),
});

export const approveRollout: Action<z.output<typeof ApproveInput>, ShownRollout> = {
  name: 'rollout.approve',
  summary: 'Confirm a rollout that would otherwise be reverted.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/rollout/approve' },
  input: ApproveInput,
  answer: ShownRollout,
  deed: () => 'approved what the rollout wrote',
  run: ({ fingerprint }, ports, { actor }) =>
    change(ports, (rollout) => {
      if (fingerprint !== null && fingerprint !== rollout.fingerprint)
        throw new ActionError('stale', 'another rollout is under way by now; look at it first');
      return approved(rollout, actor);
    }),
};

export const revertRollout: Action<ReasonInput, ShownRollout> = {
  name: 'rollout.revert',
  summary: 'Put back what the last rollout has written, as a new revision.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/rollout/revert' },
  input: ReasonInput,
  answer: ShownRollout,
  deed: ({ reason }) => `had the rollout put back what it wrote${because(reason)}`,
  async run({ reason }, ports, { actor }) {
    const latest = await rolloutsOf(ports).latestRevision();
    return change(ports, (rollout) => reverted(rollout, reason ?? `reverted by ${actor}`, latest));
  },
};

async function change(ports: Ports, verdict: (rollout: Rollout) => Verdict): Promise<ShownRollout> {
  const refusal = await rolloutsOf(ports).change(verdict);
  if (refusal !== null) throw new ActionError('conflict', refusal);
  return show(ports, null);
}

function rolloutsOf({ rollouts }: Ports): RolloutPorts {
  return carriedOut(rollouts, 'a rollout');
}

async function show(ports: Ports, id: string | null) {
  const current = await found(id, {
    kind: 'rollout',
    runs: ports.rollouts,
    store: rolloutStore(ports),
    none: 'nothing was rolled out yet',
  });
  const { campaign: rollout, devices } = current.record;
  const { failed, tried } = triedOf(devices);
  return {
    ...showStand(rollout, current.decision),
    fingerprint: rollout.fingerprint,
    commit: showCommit(rollout.commit),
    revision: rollout.revision,
    revisionBefore: rollout.revisionBefore,
    confirmedBy: rollout.confirmedBy,
    /** Null also where somebody has confirmed it. */
    confirmBy: rollout.confirmedBy === null ? rfc3339(rollout.confirmBy) : null,
    budget: {
      tried,
      failed: failed.length,
      borne: borneOf(rollout.strategy.failureBudget, tried),
    },
    ...showRings(current, {
      now: ports.now(),
      actedAt: ({ writtenAt }: RolloutDevice) => writtenAt,
      showDevice: ({ name, state, writtenAt, cutsOff }: RolloutDevice, reason) => ({
        name,
        state,
        reason,
        writtenAt: rfc3339(writtenAt),
        soaksUntil:
          state === 'soaking' && writtenAt !== null ? rfc3339(writtenAt + rollout.strategy.soakMs) : null,
        alone: cutsOff,
      }),
    }),
  };
}
