import { z } from 'zod';
import type { Step } from '../step.ts';
import { wakeUp } from './standby.ts';

const WakeArguments = z.strictObject({});

/** Wakes the device and sees that it is awake. */
export const wake: Step<z.output<typeof WakeArguments>> = {
  name: 'wake',
  summary: 'Wakes the device.',
  page: {
    guards: ['It changes nothing where the device is awake.'],
    errors: ['failed: the status did not show it in time'],
    example: `- wake: {}
- message: { text: Good morning }
`,
  },
  needsDevice: true,
  schema: WakeArguments,
  mayCatchUp: true,
  check: () => [],
  waitMs: () => 0,
  describe: () => 'wake the device',

  async run(context) {
    return { result: (await wakeUp(context)) ? 'the device is awake' : 'the device was awake already' };
  },
};
