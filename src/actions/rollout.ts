import { z } from 'zod';
import { refusalOf } from '../fleet/rollout/begin.ts';
import type { Rollout, RolloutDevice } from '../fleet/rollout/rollout.ts';
import { RolloutStore } from '../fleet/rollout/store.ts';
import { aborted, approved, paused, resumed, reverted, type Verdict } from '../fleet/rollout/verbs.ts';
import { type Action, ActionError } from './action.ts';
import type { Ports, RolloutPorts } from './ports.ts';
import { rfc3339, showCommit } from './present.ts';
import { takeUpNamed } from './retire.ts';
import { selectInService } from './select-devices.ts';

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
  parallel: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(16)
    .describe('Devices that are written at the same time.'),
});

export type ShownRollout = Awaited<ReturnType<typeof show>>;

export const startRollout: Action<z.output<typeof StartInput>, ShownRollout> = {
  name: 'rollout.start',
  summary: "Approve the file's state and carry it out ring by ring, as the file's rollout section says.",
  role: 'operator',
  http: { method: 'POST', path: '/rollout' },
  input: StartInput,
  async run({ devices, fingerprint, confirmWithinMs, parallel }, ports, { actor }, { signal }) {
    const rollouts = rolloutsOf(ports);
    const fleet = ports.fleet();
    const [problem] = ports.fileProblems();
    if (problem !== undefined)
      throw new ActionError(
        'conflict',
        `the file on the disk is broken and not in force: ${problem.message}; mend it first`,
      );
    if (fingerprint !== null && fingerprint !== fleet.fingerprint)
      throw new ActionError(
        'conflict',
        'the file has changed since that plan was made; look at a new plan first',
      );
    const section = fleet.rollout;
    if (section === null)
      throw new ActionError(
        'conflict',
        'the file has no section rollout: add one with canary and rings, or use roomd apply',
      );
    const { devices: chosen } = selectInService(ports, devices);
    const plan = await ports.plan(chosen, { signal });
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

const StatusInput = z.strictObject({
  id: z.string().nullable().default(null).describe('The last rollout where absent.'),
});

export const rolloutStatus: Action<z.output<typeof StatusInput>, ShownRollout> = {
  name: 'rollout',
  summary: 'A rollout: its ring, and every device with its state and what it waits for.',
  role: 'viewer',
  http: { method: 'GET', path: '/rollout' },
  input: StatusInput,
  run: ({ id }, ports) => show(ports, id),
};

const NoInput = z.strictObject({});
const ReasonInput = z.strictObject({
  reason: z.string().min(1).max(500).nullable().default(null).describe('What people read who wonder why.'),
});

export const approveRollout: Action<z.output<typeof NoInput>, ShownRollout> = {
  name: 'rollout.approve',
  summary: 'Confirm a rollout that would otherwise be reverted.',
  role: 'operator',
  http: { method: 'POST', path: '/rollout/approve' },
  input: NoInput,
  run: (_input, ports, { actor }) => change(ports, (rollout) => approved(rollout, actor)),
};

export const pauseRollout: Action<z.output<typeof ReasonInput>, ShownRollout> = {
  name: 'rollout.pause',
  summary: 'Let no further device begin; what was written is still watched.',
  role: 'operator',
  http: { method: 'POST', path: '/rollout/pause' },
  input: ReasonInput,
  run: ({ reason }, ports, { actor }) => change(ports, (rollout) => paused(rollout, reason ?? `by ${actor}`)),
};

export const resumeRollout: Action<z.output<typeof NoInput>, ShownRollout> = {
  name: 'rollout.resume',
  summary: 'Go on with a paused rollout.',
  role: 'operator',
  http: { method: 'POST', path: '/rollout/resume' },
  input: NoInput,
  run: (_input, ports) => change(ports, resumed),
};

export const abortRollout: Action<z.output<typeof ReasonInput>, ShownRollout> = {
  name: 'rollout.abort',
  summary: 'End a rollout and leave what it has written as it is.',
  role: 'operator',
  http: { method: 'POST', path: '/rollout/abort' },
  input: ReasonInput,
  run: ({ reason }, ports, { actor }) =>
    change(ports, (rollout) => aborted(rollout, reason ?? `aborted by ${actor}`)),
};

export const revertRollout: Action<z.output<typeof ReasonInput>, ShownRollout> = {
  name: 'rollout.revert',
  summary: 'Put back what the last rollout has written, as a new revision.',
  role: 'operator',
  http: { method: 'POST', path: '/rollout/revert' },
  input: ReasonInput,
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
  if (rollouts === undefined)
    throw new ActionError(
      'conflict',
      'a rollout takes longer than one command: it needs a running daemon, start it with `roomd run`',
    );
  return rollouts;
}

async function show(ports: Ports, id: string | null) {
  const current = ports.rollouts?.current() ?? null;
  const isCurrent = current !== null && (id === null || current.record.rollout.id === id);
  const record = isCurrent ? current.record : await new RolloutStore(ports).find(id);
  if (record === null)
    throw new ActionError(
      'not-found',
      id === null ? 'nothing was rolled out yet' : `there is no rollout ${id}`,
    );
  const decision = isCurrent ? current.decision : null;
  const { rollout, devices } = record;
  const { strategy, rings, startedAt, endedAt, confirmBy, revisionBefore, ...rest } = rollout;
  return {
    id: rest.id,
    state: rest.state,
    paused: rest.isPaused,
    reason: rest.reason,
    waitsFor: decision?.waitsFor ?? null,
    actor: rest.actor,
    fingerprint: rest.fingerprint,
    commit: showCommit(rest.commit),
    revision: rest.revision,
    revisionBefore,
    confirmedBy: rest.confirmedBy,
    confirmBy: rfc3339(confirmBy),
    startedAt: rfc3339(startedAt),
    endedAt: rfc3339(endedAt),
    parallel: strategy.parallel,
    rings: rings.map((name, at) => ({
      name,
      begun: at <= rollout.ring,
      devices: devices
        .filter(({ ring }) => ring === at)
        .map((device) => showDevice(device, decision?.waiting.get(device.id) ?? null)),
    })),
  };
}

function showDevice({ name, state, reason, writtenAt, cutsOff }: RolloutDevice, waiting: string | null) {
  return { name, state, reason: waiting ?? reason, writtenAt: rfc3339(writtenAt), alone: cutsOff };
}
