import { z } from 'zod';
import type { AbortOptions } from '../lib/abort.ts';
import { RoomdError } from '../lib/errors.ts';

/** The facts of an alert within a message, for services that take them apart. Times are UTC milliseconds. */
export const AlertNote = z.object({
  id: z.string(),
  rule: z.string(),
  /** What it is about, within the rule; the same as long as the trouble lasts, and when it comes again. */
  key: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  state: z.enum(['open', 'acknowledged', 'resolved']),
  about: z.string(),
  devices: z.array(z.string()),
  title: z.string(),
  detail: z.string(),
  remedy: z.string(),
  openedAt: z.number(),
  resolvedAt: z.number().nullable(),
  acknowledgedBy: z.string().nullable(),
  comment: z.string().nullable(),
});
export type AlertNote = Readonly<z.infer<typeof AlertNote>>;

/** What is told to people, whatever the service. It is kept as JSON until it is delivered. */
export const Message = z.object({
  /** One line for services that have such; derived from `text` or `markdown` by the service when left out. */
  subject: z.string().optional(),
  /** CommonMark; a service without it shows the marks or, where given, `text`. */
  markdown: z.string(),
  /** The same for clients without rich text; derived from `markdown` by the service when left out. */
  text: z.string().optional(),
  /** The receipt of an earlier message by the same notifier, itself no answer: this one is shown as an answer to it. */
  thread: z.string().nullable().optional(),
  /**
   * Messages of one conversation stand together. The outbox fills in `thread`
   * with the receipt of its first delivered message at the time of sending.
   */
  conversation: z.string().optional(),
  alert: AlertNote.optional(),
});
export type Message = Readonly<z.infer<typeof Message>>;

/** The message for a service without rich text. */
export function plainText({ text, markdown }: Message): string {
  return text ?? markdown;
}

const SUBJECT_LENGTH = 150;

/** One line that stands above the message. */
export function subjectOf(message: Message): string {
  const [line = ''] = (message.subject ?? plainText(message)).split('\n');
  const plain = line.replaceAll(/[*_`#]+/g, '').trim();
  return (message.subject === undefined ? plain : line).slice(0, SUBJECT_LENGTH);
}

export interface SendOptions extends AbortOptions {
  /** The same at every attempt to send the same message. */
  readonly key: string;
}

/**
 * One way of telling people: a Webex space, a mailbox, a webhook. This is the
 * place to add another. The outbox calls it, one message at a time, in order.
 *
 * - `send` resolves once the service has taken the whole message; `receipt` is
 *   the service's own id of it, and what a later `thread` refers to.
 * - It gives up when the signal aborts and then leaves nothing running.
 * - It throws a RoomdError (NotifierError where nothing closer fits) whose
 *   `retryable` says whether the same message may get through later. Anything
 *   else that is thrown counts as a fault of the notifier and is not tried
 *   again, so that one message cannot block those behind it for ever.
 * - The same message may come twice: after a crash or a lost answer nobody
 *   knows whether the service took it.
 *
 * @example
 * const lobby: Notifier = {
 *   name: 'lobby',
 *   async send(message, { signal }) {
 *     return { receipt: await printer.print(message.text ?? message.markdown, signal) };
 *   },
 * };
 */
export interface Notifier {
  /** As in `notifiers:` of the fleet file. */
  readonly name: string;
  send(message: Message, options: SendOptions): Promise<{ readonly receipt: string }>;
  /**
   * Only of a service that holds state instead of messages and forgets what is
   * not repeated: takes every alert that is not over. Called about once a
   * minute and not kept when it fails, because the next call says it all again.
   */
  repeat?(alerts: readonly AlertNote[], options: AbortOptions): Promise<void>;
}

/**
 * | code | meaning | retryable |
 * |---|---|---|
 * | refused | the service will not take this message from this sender | no |
 * | unavailable | the service cannot be reached or cannot take it now | yes |
 */
export type NotifierErrorCode = 'refused' | 'unavailable';

export class NotifierError extends RoomdError<NotifierErrorCode> {
  /** How long the service asks to be left alone; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    code: NotifierErrorCode,
    message: string,
    options: { retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    const { retryAfterMs = null, cause } = options;
    super(code, message, { retryable: code === 'unavailable', details: { retryAfterMs }, cause });
    this.retryAfterMs = retryAfterMs;
  }
}
