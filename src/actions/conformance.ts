import { type ZodType, z } from 'zod';
import type { ProbeResult } from '../xapi/conformance/probe.ts';
import { type ConformanceReport, conformanceReport } from '../xapi/conformance/report.ts';
import { XapiError } from '../xapi/errors.ts';
import { toXapiError } from '../xapi/failure.ts';
import { type Action, ActionError } from './action.ts';
import { viewOf } from './devices.ts';

const Input = z.strictObject({ name: z.string() });

export const ProbeResultAnswer = z.strictObject({
  name: z.string(),
  question: z.string(),
  setting: z.string().nullable(),
  seen: z.string(),
  choice: z
    .union([z.string(), z.int(), z.boolean()])
    .nullable()
    .describe('Null where it is none that the simulator knows, or where nothing could be seen.'),
}) satisfies ZodType<ProbeResult>;

export const ConformanceReportAnswer = z.strictObject({
  product: z.string(),
  software: z.string(),
  probes: z.array(ProbeResultAnswer).readonly(),
  notAsked: z
    .array(
      z.strictObject({
        setting: z.string(),
        because: z.string(),
      }),
    )
    .readonly(),
}) satisfies ZodType<ConformanceReport>;

export const conformance: Action<z.output<typeof Input>, ConformanceReport> = {
  name: 'conformance',
  summary:
    'How a device behaves where its documents leave it open; reads only, and names neither device nor anybody.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/conformance' },
  input: Input,
  answer: ConformanceReportAnswer,
  async run({ name }, ports, _caller, { signal }) {
    viewOf(ports, name);
    try {
      const report = await ports.withPatient(name, async ({ device, link }) =>
        conformanceReport(link, await device.identify({ signal }), { signal }),
      );
      if (report !== null) return report;
    } catch (error) {
      const failure = toXapiError(error, `asking ${name}`, signal);
      if (!(failure instanceof XapiError)) throw failure;
      throw new ActionError('conflict', `${failure.message}; roomd doctor ${name} says what to do`, {
        cause: error,
      });
    }
    throw new ActionError('conflict', `"${name}" is not among the devices that this roomd reaches`);
  },
};
