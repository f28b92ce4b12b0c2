import type { z } from 'zod';
import { duration, formatDuration } from '../../fleet/duration.ts';
import { sleep } from '../../lib/abort.ts';
import type { Step } from '../step.ts';

const WaitArguments = duration('How long to wait.');

type WaitArguments = z.output<typeof WaitArguments>;

/** Does nothing for a while; it ends at once when the run is cancelled. */
export const wait: Step<WaitArguments> = {
  name: 'wait',
  summary: 'Does nothing for a while.',
  page: {
    guards: ['The deadline of the macro must be longer than all its waits, which `roomd validate` checks.'],
    errors: ['the run is cancelled, or its deadline comes, while it waits'],
    example: `- message: { text: This device restarts in one minute, duration: 1m }
- wait: 1m
- reboot: {}
`,
  },
  needsDevice: false,
  schema: WaitArguments,
  mayCatchUp: true,
  check: () => [],
  waitMs: (ms) => ms,
  describe: (ms) => `wait ${formatDuration(ms)}`,

  async run({ clock, signal }, ms) {
    await sleep(ms, clock, { signal });
    return { result: `waited ${formatDuration(ms)}` };
  },
};
