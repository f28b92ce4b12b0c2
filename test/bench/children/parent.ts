import { messageOf } from '../../../src/lib/errors.ts';

interface Question {
  readonly id: number;
  readonly verb: string;
  readonly input: unknown;
}

/** Answers what the parent asks over the channel of `fork`, and ends when the parent lets go. */
export function answerParent(verbs: Readonly<Record<string, (input: never) => unknown>>): void {
  process.on('message', (question) => {
    const { id, verb, input } = question as Question;
    Promise.resolve()
      .then(() => verbs[verb]?.(input as never))
      .then(
        (output) => process.send?.({ id, output }),
        (error: unknown) => process.send?.({ id, error: messageOf(error) }),
      );
  });
  process.on('disconnect', () => {
    // oxlint-disable-next-line no-process-exit -- a child ends with its parent, whatever it still holds open
    process.exit();
  });
}
