import type { Ports } from '../actions/ports.ts';
import { RoomdError } from '../lib/errors.ts';
import { actingAs } from './acting-as.ts';
import type { Asker } from './asker.ts';
import type { Busy } from './busy.ts';
import type { CardBook, Choice, OpenQuestion, Where } from './card-book.ts';
import type { Chat } from './chat-schema.ts';
import { carryOutDeed } from './commands/acting.ts';
import { YES } from './deed.ts';
import type { ChatLog } from './log.ts';
import { actorOf, callerOf, type Writer } from './who.ts';

/** What somebody chose, and where. */
interface Answer {
  readonly choice: number | null;
  readonly writer: Writer;
  readonly where: Where;
  readonly signal: AbortSignal;
}

interface Parts {
  readonly ports: Ports;
  readonly asker: Asker;
  readonly book: CardBook;
  readonly log: ChatLog;
  readonly busy: Busy;
  readonly reply: (to: { roomId: string; threadId: string | null }, markdown: string) => Promise<void>;
}

/** Takes what people choose on cards and in words, each question once. */
export class Decisions {
  readonly #section: Pick<Chat, 'allow'>;
  readonly #parts: Parts;

  constructor(section: Pick<Chat, 'allow'>, parts: Parts) {
    this.#section = section;
    this.#parts = parts;
  }

  /** Used up before it is on record, so that two at once are one; false where there is no such choice, or it was used. */
  async take(
    nonce: string,
    question: OpenQuestion,
    { choice, writer, where, signal }: Answer,
  ): Promise<boolean> {
    const { book, log } = this.#parts;
    const option = choice === null ? undefined : question.options[choice - 1];
    if (choice === null || option === undefined) return false;
    const decide = book.decider(nonce);
    if (!(await book.close(nonce))) return false;
    await log.record('card', { actor: actorOf(writer), choice, option });
    const decided = { choice, by: writer };
    if (decide === null) await this.#carryOutLate(question, decided, { where, signal });
    else decide(decided);
    return true;
  }

  /** Whoever asked is gone with a restart: what was agreed to is done from here. */
  async #carryOutLate(
    question: OpenQuestion,
    decided: Choice,
    { where: { roomId, messageId }, signal }: Pick<Answer, 'where' | 'signal'>,
  ): Promise<void> {
    const { ports, asker, busy, reply } = this.#parts;
    const { deed, thread: threadId } = question;
    await asker.settle(
      question,
      { roomId, id: messageId },
      deed === null ? new Error('nobody waits for it any more: roomd was restarted since') : decided,
    );
    if (deed === null || decided.choice !== YES) return;
    const by = callerOf(this.#section, decided.by);
    const talk = { act: actingAs(by, { ports, signal }) };
    const answer = await busy
      .during(decided.by.personId, () => carryOutDeed(deed, talk, by))
      .catch((error: unknown) => {
        if (error instanceof RoomdError) return error.message;
        throw error;
      });
    if (answer !== '') await reply({ roomId, threadId }, answer);
  }
}
