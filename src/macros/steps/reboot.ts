import { z } from 'zod';
import { duration, formatDuration } from '../../fleet/duration.ts';
import { sleep } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import { XapiError } from '../../xapi/errors.ts';
import { type Step, type StepContext, StepError } from '../step.ts';
import { readLeaf, type StatusLeaf } from './seen.ts';

const RebootArguments = z.strictObject({
  whenInUse: z.boolean().default(false).meta({
    description: 'true: also where somebody uses the room, or nobody knows whether.',
  }),
  within: duration('How long the device may take to come back.').prefault('10m'),
});

type RebootArguments = z.output<typeof RebootArguments>;

/** xStatus SystemUnit Uptime, in seconds. */
const UPTIME: StatusLeaf = { below: 'SystemUnit', leaf: 'SystemUnit.Uptime' };
/** A device restarts in minutes; it is asked this many polls apart. */
const POLLS_APART = 10;
/** An uptime that lags behind by less is no restart, only a slow answer. */
const SLACK_SECONDS = 5;

/** What an order to boot may come to although the device took it: the connection goes before the answer. */
const CUT_OFF = new Set(['closed', 'deadline', 'unreachable', 'malformed']);

/** Restarts the device where its room is free at that moment, and waits until it has. */
export const reboot: Step<RebootArguments> = {
  name: 'reboot',
  summary: 'Restarts the device where the room is free, and waits until it is back.',
  page: {
    guards: [
      'Only where the room is surely free, asked of the device at that moment; `whenInUse: true` gives that up.',
      'It is done when the uptime says that the device restarted.',
    ],
    errors: [
      'refused: somebody is there, nobody knows, or the device does not say how long it has been up',
      'failed: it was not back within `within`',
    ],
    example: `- reboot: { within: 8m }
`,
  },
  needsDevice: true,
  schema: RebootArguments,
  mayCatchUp: true,
  check: () => [],
  waitMs: ({ within }) => within,

  describe: ({ whenInUse }) =>
    whenInUse ? 'restart the device, whoever uses the room' : 'restart the device where the room is free',

  async run(context, { whenInUse, within }) {
    const before = await uptimeOf(context);
    if (before === null)
      throw new StepError('refused', 'did not restart: the device does not say how long it has been up');
    if (!whenInUse) await refuseInUse(context);
    context.assertMayAct();
    const sentAt = context.clock.monotonic();
    await sendBoot(context);
    const tookMs = await untilRestarted(context, { before, sentAt, within });
    return { result: `restarted; it answered again after ${formatDuration(tookMs)}` };
  },
};

async function refuseInUse({ ports, desired, signal }: StepContext): Promise<void> {
  const { state, reason } = await ports.occupancy(desired.name, signal);
  if (state === 'free') return;
  const what = state === 'busy' ? 'the room is in use' : 'the room is perhaps in use';
  throw new StepError('refused', `did not restart: ${what} (${reason})`);
}

/** Whether it took the order is seen from its uptime, so that an answer that is cut off is no failure. */
async function sendBoot({ device, signal }: StepContext): Promise<void> {
  try {
    await device.command('SystemUnit.Boot', { Action: 'Restart' }, { signal });
  } catch (error) {
    if (!(error instanceof XapiError) || !CUT_OFF.has(error.code)) throw error;
  }
}

/** Resolves with how long it took, in whole seconds as milliseconds. */
async function untilRestarted(
  context: StepContext,
  { before, sentAt, within }: { before: number; sentAt: number; within: number },
): Promise<number> {
  const { clock, timing, signal } = context;
  let last = 'it went on as if nothing had been said';
  for (;;) {
    await sleep(timing.pollMs * POLLS_APART, clock, { signal });
    const elapsed = Math.round((clock.monotonic() - sentAt) / 1_000);
    try {
      const uptime = await uptimeOf(context);
      if (uptime !== null && uptime < before + elapsed - SLACK_SECONDS) return elapsed * 1_000;
      last = 'it went on as if nothing had been said';
    } catch (error) {
      if (!(error instanceof XapiError)) throw error;
      last = messageOf(error);
    }
    if (clock.monotonic() - sentAt >= within)
      throw new StepError('failed', `it did not restart within ${formatDuration(within)}: ${last}`);
  }
}

async function uptimeOf(context: StepContext): Promise<number | null> {
  const shown = await readLeaf(context, UPTIME);
  return shown === null || !/^\d+$/.test(shown) ? null : Number(shown);
}
