import type { FeedbackSlots } from '../feedback-slots.ts';
import { type CommandTable, done, failed } from './command.ts';

/** HttpFeedback Register, Deregister, Enable (SC). */
export function feedbackCommands(slots: FeedbackSlots): CommandTable {
  return {
    'HttpFeedback/Register': ({ args }) => {
      const bad = slots.register({
        slot: args.number('FeedbackSlot', 0),
        url: args.text('ServerUrl'),
        format: args.text('Format', 'XML') === 'JSON' ? 'JSON' : 'XML',
        expressions: args.list('Expression'),
      });
      return bad === null ? done : { kind: 'bad-argument', argument: 'Expression' };
    },
    'HttpFeedback/Deregister': ({ args }) => {
      slots.deregister(args.number('FeedbackSlot', 0));
      return done;
    },
    'HttpFeedback/Enable': ({ args }) =>
      slots.enable(args.number('FeedbackSlot', 0)) ? done : failed('Feedback slot is not registered'),
  };
}
