import { z } from 'zod';
import { isReached } from '../fleet/condition.ts';
import { type DevicePlan, type PlanSummary, summarize } from '../fleet/plan.ts';
import type { Action } from './action.ts';
import { type Ports, SLOT_PROBLEM } from './ports.ts';
import { type ShownPlan, showPlan } from './present.ts';
import { selectInService } from './select-devices.ts';

const Input = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  fresh: z
    .boolean()
    .default(false)
    .describe('Reads every device, also where its session keeps what is known current.'),
});

export interface PlanOutput {
  readonly devices: readonly ShownPlan[];
  readonly summary: PlanSummary;
  /** Of the file that was planned; given to `apply`, it refuses when the file has changed since. */
  readonly fingerprint: string;
  /** Left out because they are retired and the selector does not call them by name. */
  readonly retired: readonly string[];
}

export const plan: Action<z.output<typeof Input>, PlanOutput> = {
  name: 'plan',
  summary: 'Compare devices with the file; writes nothing.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'POST', path: '/plan' },
  input: Input,
  async run({ devices, fresh }, ports, _caller, { signal, onProgress }) {
    const fleet = ports.fleet();
    const { devices: selected, leftOut: retired } = selectInService(ports, devices);
    const { devices: compared } = await ports.plan(selected, {
      signal,
      fresh,
      onDevice: ({ name, state }) => onProgress?.(`${name}: ${state}`),
    });
    const plans = withSlotProblems(compared, ports);
    return {
      devices: plans.map(showPlan),
      summary: summarize(plans),
      fingerprint: fleet.fingerprint,
      retired,
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
