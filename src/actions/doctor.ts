import { z } from 'zod';
import { type Action, ActionError } from './action.ts';
import { DoctorFindingAnswer } from './answers.ts';
import { viewOf } from './devices.ts';
import { CHECKS } from './doctor/all.ts';
import { examine } from './doctor/check.ts';

const Input = z.strictObject({ name: z.string() });

export const Examination = z.strictObject({
  name: z.string(),
  findings: z
    .array(DoctorFindingAnswer)
    .readonly()
    .describe('In the order in which they were tried; the first wrong one is what to mend first.'),
});
export type Examination = z.output<typeof Examination>;

export const doctor: Action<z.output<typeof Input>, Examination> = {
  name: 'doctor',
  summary: 'Everything that a person would try on a device, in order, each with how to mend it.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/doctor' },
  input: Input,
  answer: Examination,
  async run({ name }, ports, _caller, { signal, onProgress }) {
    viewOf(ports, name);
    const findings = await ports.withPatient(name, (patient) =>
      examine(CHECKS, patient, {
        signal,
        onFinding: ({ check, found }) => onProgress?.(`${check}: ${found}`),
      }),
    );
    if (findings === null)
      throw new ActionError('conflict', `"${name}" is not among the devices that this roomd reaches`);
    return { name, findings };
  },
};
