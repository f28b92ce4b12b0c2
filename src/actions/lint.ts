import { z } from 'zod';
import type { Fleet } from '../fleet/fleet.ts';
import type { Library } from '../fleet/knowledge/library.ts';
import { deviceFacts, readAssumptions, type SeenDevice } from '../fleet/lint/device-facts.ts';
import type { LintReport } from '../fleet/lint/finding.ts';
import { lintFleet } from '../fleet/lint/lint.ts';
import { softwareNumbers } from '../schema/software.ts';
import { type Action, ActionError } from './action.ts';
import { selectDevices } from './select-devices.ts';

const Input = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  software: z
    .string()
    .refine((text) => softwareNumbers(text).length >= 3, { error: 'a version such as 26.4.1' })
    .nullable()
    .default(null)
    .describe('Judge by this software instead of what devices run; tells what an upgrade to it changes.'),
  assume: z
    .array(z.string())
    .default([])
    .describe('What devices are: "product=Codec Pro", "kind=desk:software=26.4.1", "role=Integrator".'),
});
export type LintInput = z.output<typeof Input>;

export const lint: Action<LintInput, LintReport> = {
  name: 'lint',
  summary: 'Judge every setting of the file by what its product accepts; contacts no device.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'POST', path: '/lint' },
  input: Input,
  async run(input, ports, _caller, { signal }) {
    return lintWith(ports.fleet(), input, {
      seen: ports.devices(),
      library: await ports.knowledge.library([], { signal }),
    });
  },
};

/**
 * The same over whatever is at hand: a command line without a database has nothing seen.
 * @throws ActionError `bad-input`, `not-found`
 */
export async function lintWith(
  fleet: Fleet,
  { devices, software, assume }: LintInput,
  { seen, library }: { seen: readonly SeenDevice[]; library: Library },
): Promise<LintReport> {
  const { assumptions, problems } = readAssumptions(assume, fleet.devices);
  if (problems.length > 0) throw new ActionError('bad-input', problems.join('; '));
  return lintFleet({
    devices: selectDevices(fleet, devices),
    all: fleet.devices,
    facts: deviceFacts(fleet.devices, seen, assumptions),
    library,
    software,
  });
}
