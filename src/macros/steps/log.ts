import type { z } from 'zod';
import { words } from '../../fleet/schema-forms.ts';
import { type Step, stepProblem } from '../step.ts';
import { checkTemplate, expandTemplate } from '../template.ts';

const LogArguments = words({
  description: '{{device.name}} and the like are filled in.',
  examples: ['the projector is {{trigger.value}}'],
});

type LogArguments = z.output<typeof LogArguments>;

/** Puts a line into the run's record, and into roomd's own log. */
export const log: Step<LogArguments> = {
  name: 'log',
  summary: 'Writes a line into the record of the run and into roomd’s log.',
  page: {
    guards: ['It acts on nothing.'],
    errors: [],
    example: `- log: "set off by {{trigger.kind}} at {{localTime}}"
`,
  },
  needsDevice: false,
  schema: LogArguments,
  mayCatchUp: true,
  check: (text, context) => checkTemplate(text, context).map((problem) => stepProblem([], problem)),
  waitMs: () => 0,
  describe: (text, { values }) => `log: ${expandTemplate(text, values)}`,

  run({ runId, macro, deviceName: device, values, ports }, text) {
    const result = expandTemplate(text, values);
    ports.log({ run: runId, macro, device, text: result });
    return Promise.resolve({ result });
  },
};
