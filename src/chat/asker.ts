import type { WebexClient } from '../integrations/webex-messaging/client.ts';
import type { WebexTarget } from '../integrations/webex-messaging/resources/messages.ts';
import { DeadlineError, reasonOf, withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { questionCard } from './card.ts';
import type { CardBook, Choice } from './card-book.ts';
import type { Deed } from './deed.ts';

export interface Question {
  readonly to: WebexTarget;
  /** The message in whose thread it is asked; null: by itself. */
  readonly thread: string | null;
  readonly text: string;
  readonly options: readonly string[];
  readonly withinMs: number;
  /** What is done where the answer is yes, also after a restart; null: the question goes with whoever asks. */
  readonly deed: Deed | null;
}

/** Makes what nobody can guess: long for cards, short for people to type. */
export type NewNonce = (kind: 'card' | 'code') => string;

interface Posted {
  /** Null where it is not known any more. */
  readonly id: string | null;
  readonly roomId: string;
}

interface Parts {
  readonly client: Pick<WebexClient, 'messages'>;
  readonly book: CardBook;
  /** Presses are heard; else the question is put in words. */
  readonly hearsCards: boolean;
  readonly newNonce: NewNonce;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Asks people in a space and waits for the first who decides. A card cannot be changed, so it is replaced by what became of it. */
export class Asker {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Null where nobody answered in time.
   * @param signal withdraws the question; people are told its reason. One with a deed stays, and is good after a restart
   * @throws WebexError where it could not be asked; the signal's reason
   */
  async ask(question: Question, signal: AbortSignal): Promise<Choice | null> {
    const { book, clock, hearsCards, newNonce } = this.#parts;
    const { text, options, thread, deed, withinMs } = question;
    const nonce = newNonce(hearsCards ? 'card' : 'code');
    const waiting = { kind: 'question', text, options, thread, deed } as const;
    const expiresAt = clock.now() + withinMs;
    let opened: Promise<void> = Promise.resolve();
    const decided = new Promise<Choice>((decide) => {
      opened = book.open(nonce, waiting, { expiresAt, decide });
    });
    await opened;
    let place: Posted;
    try {
      place = await this.#post(question, nonce, signal);
    } catch (error) {
      await book.close(nonce);
      throw error;
    }
    const end = await this.#endOf(decided, withinMs, signal);
    if (end instanceof Error && deed !== null) {
      book.leave(nonce);
      throw end;
    }
    await book.close(nonce);
    await this.settle(question, place, end);
    if (end instanceof Error) throw end;
    return end;
  }

  /** What was decided; null: nothing in its time; an error: it was withdrawn. */
  async #endOf(
    decided: Promise<Choice>,
    afterMs: number,
    signal: AbortSignal,
  ): Promise<Choice | null | Error> {
    try {
      const what = 'the question in the space';
      return await withDeadline({ what, afterMs, clock: this.#parts.clock, signal }, () => decided);
    } catch (error) {
      if (signal.aborted) return reasonOf(signal);
      if (error instanceof DeadlineError) return null;
      throw error;
    }
  }

  async #post(question: Question, nonce: string, signal: AbortSignal): Promise<Posted> {
    const { client, book, hearsCards } = this.#parts;
    const { to, thread: parentId, text, options } = question;
    const words = { ...to, parentId, ...(hearsCards ? { text } : { markdown: inWords(question, nonce) }) };
    const posted = await client.messages.create(
      hearsCards ? { ...words, text, card: questionCard(text, options, nonce) } : words,
      { signal },
    );
    const roomId = posted.roomId ?? ('roomId' in to ? to.roomId : '');
    await book.place(nonce, { roomId, messageId: hearsCards ? posted.id : null });
    return { id: posted.id, roomId };
  }

  /** Says in the space how a question ended, in place of its card. What cannot be told is logged: the decision stands. */
  async settle(
    { text, thread, options }: Pick<Question, 'text' | 'thread' | 'options'>,
    { id, roomId }: Posted,
    end: Choice | null | Error,
  ): Promise<void> {
    const { client, hearsCards, logger } = this.#parts;
    const markdown = `${text}\n\n→ ${outcomeOf(end, options)}`;
    try {
      if (hearsCards && id !== null) await client.messages.delete(id);
      await client.messages.create({ roomId, markdown, parentId: hearsCards ? thread : (thread ?? id) });
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'A space could not be told how its question ended');
    }
  }
}

function outcomeOf(end: Choice | null | Error, options: readonly string[]): string {
  if (end === null) return 'nobody answered in time';
  if (end instanceof Error) return end.message;
  return `${end.by.email} chose **${options[end.choice - 1] ?? end.choice}**`;
}

function inWords({ text, options }: Question, code: string): string {
  const choices = options.map((option, at) => `${at + 1}. ${option}`);
  return `${text}\n\n${choices.join('\n')}\n\nSay \`answer ${code} NUMBER\` to me.`;
}
