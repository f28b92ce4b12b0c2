import { z } from 'zod';
import { type Step, stepProblem } from '../step.ts';
import { hangUp, readCalls } from './calls.ts';

const DisconnectArguments = z.strictObject({
  onlyOwn: z.boolean().default(false).meta({
    description: 'true: only calls that this run began; false: every call of the device, whoever began it.',
  }),
});

/** The steps that begin calls. */
const BEGIN_CALLS = ['dial', 'join', 'answer'];

type DisconnectArguments = z.output<typeof DisconnectArguments>;

/** Hangs up calls and sees them gone. */
export const disconnect: Step<DisconnectArguments> = {
  name: 'disconnect',
  summary: 'Hangs up.',
  page: {
    guards: [
      'It hangs up every call, whoever began it, so give it a condition; `onlyOwn: true` leaves others alone.',
    ],
    errors: ['failed: the device still shows a call after it was hung up'],
    example: `- disconnect: {}
  if: inCall && presence == 'no'
`,
  },
  needsDevice: true,
  schema: DisconnectArguments,
  mayCatchUp: false,

  check({ onlyOwn }, { earlier }) {
    if (!onlyOwn || BEGIN_CALLS.some((name) => earlier.includes(name))) return [];
    return [
      stepProblem(
        ['onlyOwn'],
        `no ${BEGIN_CALLS.join(', ')} step comes before, so there is never a call of this run to hang up: put one before it, or leave out onlyOwn`,
      ),
    ];
  },

  waitMs: () => 0,

  describe: ({ onlyOwn }) => (onlyOwn ? 'hang up the call that it began' : 'hang up every call'),

  async run(context, { onlyOwn }) {
    const calls = await readCalls(context, context.signal);
    const meant = onlyOwn ? calls.filter(({ id }) => context.ownCalls.includes(id)) : calls;
    for (const { id } of meant) {
      context.signal.throwIfAborted();
      context.assertMayAct();
      await hangUp(context, id);
    }
    if (meant.length === 0) return { result: 'there was no call to hang up' };
    return { result: `hung up ${meant.map(({ id }) => `call ${id}`).join(' and ')}` };
  },
};
