import { z } from 'zod';
import { isReached } from '../fleet/condition.ts';
import { type DevicePlan, summarize } from '../fleet/plan.ts';
import { cutOffHints } from '../fleet/rollout/cut-off.ts';
import { counted } from '../lib/counted.ts';
import type { Action } from './action.ts';
import { PlanSummaryAnswer } from './answers.ts';
import { SLOT_PROBLEM } from './ports/slots.ts';
import type { Ports } from './ports.ts';
import { ShownPlan, showPlan } from './present.ts';
import { leftOutShape, selectToWrite } from './select-devices.ts';

const Input = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  fresh: z
    .boolean()
    .default(false)
    .describe('Reads every device, also where its session keeps what is known current.'),
});

export const PlanOutput = z.strictObject({
  devices: z.array(ShownPlan).readonly(),
  summary: PlanSummaryAnswer,
  fingerprint: z
    .string()
    .describe('Of the file that was planned; given to `apply`, it refuses when the file has changed since.'),
  ...leftOutShape,
});
export type PlanOutput = z.output<typeof PlanOutput>;

export const plan: Action<z.output<typeof Input>, PlanOutput> = {
  name: 'plan',
  summary: 'Compare devices with the file; writes nothing.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'POST', path: '/plan' },
  input: Input,
  answer: PlanOutput,
  async run({ devices, fresh }, ports, _caller, { signal, onProgress }) {
    const fleet = ports.fleet();
    const { devices: selected, ...leftOut } = selectToWrite(ports, devices);
    const tell = counted(selected.length, onProgress);
    const { devices: compared } = await ports.plan(selected, {
      signal,
      fresh,
      onDevice: ({ name, state }) => tell(`${name}: ${state}`),
    });
    const plans = withSlotProblems(compared, ports);
    return {
      devices: plans.map(showWithCutOffs),
      summary: summarize(plans),
      fingerprint: fleet.fingerprint,
      ...leftOut,
    };
  },
};

/** Slots are kept by the daemon and not compared here; that a device has none to give is what it found at its last look. */
function withSlotProblems(plans: readonly DevicePlan[], ports: Ports): readonly DevicePlan[] {
  const views = new Map(ports.devices().map((view) => [view.name, view]));
  return plans.map((plan) => {
    const known = views.get(plan.name)?.configuration.problems ?? [];
    const problems = known.filter(({ path }) => path === SLOT_PROBLEM);
    if (problems.length === 0 || !isReached(plan)) return plan;
    return { ...plan, state: 'drift', problems: [...plan.problems, ...problems] };
  });
}

function showWithCutOffs(plan: DevicePlan): ShownPlan {
  const shown = showPlan(plan);
  return { ...shown, hints: [...shown.hints, ...cutOffHints(plan.changes.map(({ path }) => path))] };
}
