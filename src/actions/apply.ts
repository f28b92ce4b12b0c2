import { z } from 'zod';
import type { ChangeResult } from '../fleet/change.ts';
import { counted } from '../lib/counted.ts';
import { type Action, ActionError } from './action.ts';
import { PlanSummaryAnswer } from './answers.ts';
import { ShownApplied, showApplied } from './present.ts';
import { takeUpNamed } from './retire.ts';
import { leftOutShape, selectToWrite } from './select-devices.ts';
import { requirePlannedFile } from './sound-file.ts';

const Input = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  force: z
    .boolean()
    .default(false)
    .describe('Write also where the room is in use; needs a selector, so that rooms are named.'),
  fingerprint: z
    .string()
    .nullable()
    .default(null)
    .describe('The fingerprint of the plan that was approved; refused when the file has changed since.'),
});

export const ApplyOutput = z.strictObject({
  revision: z.string(),
  devices: z.array(ShownApplied).readonly(),
  summary: z.strictObject({
    ...PlanSummaryAnswer.shape,
    accepted: z.int(),
    refused: z.int(),
    waiting: z.int(),
    notProven: z.int(),
  }),
  ...leftOutShape,
});
export type ApplyOutput = z.output<typeof ApplyOutput>;

export const apply: Action<z.output<typeof Input>, ApplyOutput> = {
  name: 'apply',
  summary: "Approve the file's state of devices, bring them to it and prove it.",
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/apply' },
  input: Input,
  answer: ApplyOutput,
  async run({ devices, force, fingerprint }, ports, { actor }, { signal, onProgress }) {
    requirePlannedFile(ports, fingerprint);
    if (force && devices === null) {
      throw new ActionError(
        'bad-input',
        'to write to rooms in use, name them: "devices" must be given with "force"',
      );
    }
    const { devices: selected, ...leftOut } = selectToWrite(ports, devices);
    await takeUpNamed(
      ports,
      selected.map(({ name }) => name),
      actor,
    );
    const tell = counted(selected.length, onProgress);
    const applied = await ports.apply(
      selected,
      { actor, force, onDevice: ({ name, results }) => tell(`${name}: ${tally(results)}`) },
      { signal },
    );
    return {
      revision: applied.revision,
      devices: applied.devices.map(showApplied),
      summary: applied.summary,
      ...leftOut,
    };
  },
};

/** "2 accepted, 1 waiting", for a person who watches. */
function tally(results: readonly ChangeResult[]): string {
  if (results.length === 0) return 'nothing to write';
  const counts = new Map<string, number>();
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}
