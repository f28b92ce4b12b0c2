import { WebexError } from '../integrations/webex-messaging/errors.ts';
import type { Messages, WebexTarget } from '../integrations/webex-messaging/resources/messages.ts';
import { MARKDOWN_LIMIT_BYTES, splitMarkdown } from '../integrations/webex-messaging/split-markdown.ts';
import { type Message, type Notifier, NotifierError, type SendOptions } from './notifier.ts';

/** For one post. Longer waits that the service asks for are the outbox's. */
const DEFAULT_DEADLINE_MS = 10_000;

/** What is already posted of a message that needs several posts. */
interface Progress {
  readonly key: string;
  readonly receipt: string;
  readonly posted: number;
}

/**
 * Tells a Webex room or person. A message beyond the service's limit becomes
 * several, the later ones in the thread of the first, whose id is the receipt;
 * another attempt goes on behind the last one that was posted.
 */
export class WebexNotifier implements Notifier {
  readonly name: string;
  readonly #target: WebexTarget;
  readonly #deadlineMs: number;
  readonly #messages: Pick<Messages, 'create'>;
  #progress: Progress | null = null;

  constructor(
    options: { name: string; target: WebexTarget; deadlineMs?: number },
    { messages }: { messages: Pick<Messages, 'create'> },
  ) {
    this.name = options.name;
    this.#target = options.target;
    this.#deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
    this.#messages = messages;
  }

  async send(message: Message, { key, signal }: SendOptions): Promise<{ receipt: string }> {
    const parts = splitMarkdown(message.markdown);
    if (parts.length === 0) {
      throw new NotifierError('refused', `the message to ${this.name} is blank, which Webex does not take`);
    }
    let progress = this.#progress?.key === key ? this.#progress : null;
    for (const markdown of parts.slice(progress?.posted ?? 0)) {
      const content = {
        markdown,
        text: parts.length === 1 ? fallbackOf(message) : undefined,
        parentId: message.thread ?? progress?.receipt,
      };
      const posted = await this.#post(content, signal);
      progress = { key, receipt: progress?.receipt ?? posted, posted: (progress?.posted ?? 0) + 1 };
      this.#progress = progress;
    }
    this.#progress = null;
    return { receipt: progress?.receipt ?? '' };
  }

  async #post(
    content: { markdown: string; text: string | undefined; parentId: string | undefined },
    signal: AbortSignal | undefined,
  ): Promise<string> {
    try {
      const options = { signal, deadlineMs: this.#deadlineMs };
      return (await this.#messages.create({ ...this.#target, ...content }, options)).id;
    } catch (error) {
      if (!(error instanceof WebexError)) throw error;
      throw new NotifierError(error.retryable ? 'unavailable' : 'refused', error.message, {
        retryAfterMs: error.retryAfterMs,
        cause: error,
      });
    }
  }
}

/** The given text, unless it is itself beyond the limit: the service then derives one. */
function fallbackOf(message: Message): string | undefined {
  const { text } = message;
  return text !== undefined && Buffer.byteLength(text) <= MARKDOWN_LIMIT_BYTES ? text : undefined;
}
