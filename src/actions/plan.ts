import { z } from 'zod';
import type { PlanSummary } from '../fleet/plan.ts';
import type { Action } from './action.ts';
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
  http: { method: 'POST', path: '/plan' },
  input: Input,
  async run({ devices, fresh }, ports, _caller, { signal, onProgress }) {
    const fleet = ports.fleet();
    const { devices: selected, leftOut: retired } = selectInService(ports, devices);
    const { devices: plans, summary } = await ports.plan(selected, {
      signal,
      fresh,
      onDevice: ({ name, state }) => onProgress?.(`${name}: ${state}`),
    });
    return { devices: plans.map(showPlan), summary, fingerprint: fleet.fingerprint, retired };
  },
};
