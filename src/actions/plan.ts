import { z } from 'zod';
import type { PlanSummary } from '../fleet/plan.ts';
import type { Action } from './action.ts';
import { type ShownPlan, showPlan } from './present.ts';
import { selectDevices } from './select-devices.ts';

const Input = z.object({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
});

export interface PlanOutput {
  readonly devices: readonly ShownPlan[];
  readonly summary: PlanSummary;
}

export const plan: Action<z.output<typeof Input>, PlanOutput> = {
  name: 'plan',
  summary: 'Compare devices with the file; writes nothing.',
  role: 'viewer',
  http: { method: 'POST', path: '/plan' },
  input: Input,
  async run({ devices }, ports, _caller, { signal, onProgress }) {
    const { devices: plans, summary } = await ports.plan(selectDevices(ports.fleet(), devices), {
      signal,
      onDevice: ({ name, state }) => onProgress?.(`${name}: ${state}`),
    });
    return { devices: plans.map(showPlan), summary };
  },
};
