import { type ZodType, z } from 'zod';
import type { Fleet } from '../fleet/fleet.ts';
import type { Library } from '../fleet/knowledge/library.ts';
import { deviceFacts, readAssumptions, type SeenDevice } from '../fleet/lint/device-facts.ts';
import type { Finding, LintReport, LintSummary, UpgradeSummary } from '../fleet/lint/finding.ts';
import { lintFleet } from '../fleet/lint/lint.ts';
import { softwareNumbers } from '../schema/software.ts';
import { type Action, ActionError } from './action.ts';
import { PlaceAnswer } from './answers.ts';
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

export const LintFindingAnswer = z.strictObject({
  rule: z.enum([
    'unknown-setting',
    'not-on-product',
    'not-on-device',
    'index-out-of-bounds',
    'wrong-type',
    'out-of-range',
    'wrong-length',
    'not-a-choice',
    'letter-case',
    'role-not-allowed',
    'vanishes',
    'space-changes',
    'default-changes',
    'equals-default',
    'no-effect',
    'says-again',
    'too-many-expressions',
    'not-checked',
    'depends-on-variant',
  ]),
  level: z.enum(['error', 'warning', 'note']),
  path: z.string().nullable().describe('Null where it is about devices, not about a setting.'),
  place: PlaceAnswer,
  layer: z.string().nullable().describe('`profile boardroom`; null where no layer is meant.'),
  message: z.string().describe('A sentence; the text of a secret is never in it.'),
  remedy: z.string().nullable().describe('What to do, a sentence; null where the message says it.'),
  products: z.array(z.string()).readonly().describe('`Cisco Codec Pro 26.4.1`, sorted.'),
  devices: z.array(z.string()).readonly().describe('Names, in the order of the file.'),
}) satisfies ZodType<Finding>;

export const UpgradeSummaryAnswer = z.strictObject({
  vanish: z.int(),
  refused: z.int().describe('Lines that would be refused afterwards, for whatever reason.'),
  spaces: z.int(),
  defaults: z.int(),
  devices: z.int(),
  uncompared: z.int().describe('Devices of which it is not known what changes there.'),
}) satisfies ZodType<UpgradeSummary>;

export const LintSummaryAnswer = z.strictObject({
  devices: z.int(),
  checked: z.int().describe('Devices of which it is known what they accept.'),
  settings: z.int().describe('Settings of all devices together.'),
  errors: z.int(),
  warnings: z.int(),
  notes: z.int(),
  upgrade: UpgradeSummaryAnswer.nullable().describe('What an upgrade does; null where none was asked about.'),
}) satisfies ZodType<LintSummary>;

export const LintReportAnswer = z.strictObject({
  software: z.string().nullable().describe('The software that was asked about; null: what the devices run.'),
  findings: z.array(LintFindingAnswer).readonly().describe('Errors first, then by place.'),
  summary: LintSummaryAnswer,
}) satisfies ZodType<LintReport>;

export const lint: Action<LintInput, LintReport> = {
  name: 'lint',
  summary: 'Judge every setting of the file by what its product accepts; contacts no device.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'POST', path: '/lint' },
  input: Input,
  answer: LintReportAnswer,
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
