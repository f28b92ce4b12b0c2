import { type Caller, suffices } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import type { Role } from '../fleet/fleet.ts';
import { RoomdError } from '../lib/errors.ts';
import { actingAs } from './acting-as.ts';
import type { Asker } from './asker.ts';
import { Busy } from './busy.ts';
import { readInputs } from './card.ts';
import type { CardBook, MacroCard, Where } from './card-book.ts';
import type { Chat } from './chat-schema.ts';
import { carryOutDeed } from './commands/acting.ts';
import { carryOut, roleFor } from './commands/registry.ts';
import { Decisions } from './decisions.ts';
import { type Deed, YES } from './deed.ts';
import type { ChatLog } from './log.ts';
import { Misread } from './names.ts';
import { type Command, choiceOf, readCommand, withoutMention } from './parse.ts';
import type { Rates } from './rates.ts';
import type { Talk } from './talk.ts';
import { macrosFor, vocabularyOf } from './vocabulary.ts';
import { actorOf, callerOf, roleOf, type Writer } from './who.ts';

/** A message to the bot. */
export interface Said {
  readonly roomId: string;
  /** In whose thread it is answered. */
  readonly threadId: string;
  readonly writer: Writer;
  readonly text: string;
}

/** A button that somebody pressed. */
export interface Pressed {
  readonly roomId: string;
  readonly messageId: string;
  /** In whose thread a refusal is told; null where the card is gone. */
  readonly threadId: string | null;
  readonly writer: Writer;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Self {
  readonly personId: string;
  readonly name: string;
}

interface Parts {
  readonly ports: Ports;
  readonly self: Self;
  readonly asker: Asker;
  readonly book: CardBook;
  readonly rates: Rates;
  /** How often a stranger is told that the bot is not for him. */
  readonly refusals: Rates;
  readonly log: ChatLog;
  readonly reply: (to: Pick<Said, 'roomId'> & { threadId: string | null }, markdown: string) => Promise<void>;
}

/** How long people may take to agree. */
const CONFIRM_MS = 300_000;

const STRANGER =
  'Sorry, I may only work for people whom the fleet file names. Ask whoever looks after the rooms.';
const USED = 'This card was used already, is too old, or is not mine. Ask me again.';

/** Answers people and does what they may have done. Everything that it does for them is on record first. */
export class Bot {
  readonly #section: Pick<Chat, 'allow'>;
  readonly #parts: Parts;
  readonly #busy = new Busy();
  readonly #decisions: Decisions;

  constructor(section: Pick<Chat, 'allow'>, parts: Parts) {
    this.#section = section;
    this.#parts = parts;
    this.#decisions = new Decisions(section, { ...parts, busy: this.#busy });
  }

  /** Resolves when it is answered; rejects where it could not be, or not be recorded. */
  async hear(said: Said, signal: AbortSignal): Promise<void> {
    const { rates, reply } = this.#parts;
    if (this.#isOurs(said.writer)) return;
    const role = await this.#admitted(said.writer, said);
    if (role === null) return;
    const pace = rates.take(said.writer.personId);
    if (pace !== 'ok') {
      if (pace === 'too-often') await reply(said, 'That is too much at once: I go on in a few seconds.');
      return;
    }
    await this.#obey(said, role, signal);
  }

  async #obey(said: Said, role: Role, signal: AbortSignal): Promise<void> {
    const { reply, self, ports } = this.#parts;
    const command = readCommand(withoutMention(said.text, self.name), vocabularyOf(ports.fleet()));
    if (command instanceof Misread) return await reply(said, command.message);
    const caller = { actor: actorOf(said.writer), role, devices: null };
    const answer = await this.#answerTo(command, said, { caller, signal });
    if (answer !== '') await reply(said, answer);
  }

  async press(pressed: Pressed, signal: AbortSignal): Promise<void> {
    const { writer } = pressed;
    if (this.#isOurs(writer)) return;
    const role = await this.#admitted(writer, pressed);
    if (role === null || this.#parts.rates.take(writer.personId) !== 'ok') return;
    signal.throwIfAborted();
    const { nonce, choice, word, value } = readInputs(pressed.inputs);
    const where = { roomId: pressed.roomId, messageId: pressed.messageId };
    const waiting = nonce === null ? null : await this.#parts.book.find(nonce, where);
    const caller = { actor: actorOf(writer), role, devices: null };
    if (nonce === null || waiting === null) return await this.#refusePress(caller, pressed, USED);
    if (!suffices(role, 'operator')) {
      await this.#refusePress(caller, pressed, `That takes an operator, and you are ${role} here.`);
      return;
    }
    const isTaken =
      waiting.kind === 'question'
        ? await this.#decisions.take(nonce, waiting, { choice, writer, where, signal })
        : await this.#pressMacro(nonce, waiting, { word, value, actor: caller.actor });
    if (!isTaken) await this.#refusePress(caller, pressed, USED);
  }

  #isOurs({ personId, isBot }: Writer): boolean {
    return isBot || personId === this.#parts.self.personId;
  }

  /** What somebody may do; a stranger is told once in a while, and on record. */
  async #admitted(
    writer: Writer,
    at: Pick<Said, 'roomId'> & { threadId: string | null },
  ): Promise<Role | null> {
    const role = roleOf(this.#section, writer);
    if (role !== null) return role;
    const { refusals, log, reply } = this.#parts;
    if (refusals.take(writer.personId) !== 'ok') return null;
    await log.record('refused', { actor: actorOf(writer), why: 'not on the list' });
    await reply(at, STRANGER);
    return null;
  }

  async #answerTo(
    command: Command,
    said: Said,
    { caller, signal }: { caller: Caller; signal: AbortSignal },
  ): Promise<string> {
    const { log, ports } = this.#parts;
    const device = 'device' in command ? command.device : null;
    const deviceId = device === null ? null : ports.deviceId(device);
    const wanted = roleFor(command);
    if (!suffices(caller.role, wanted)) {
      const { kind } = command;
      await log.record('refused', { actor: caller.actor, command: kind, why: `needs ${wanted}` }, deviceId);
      return `"${kind}" takes an ${wanted}, and you are ${caller.role} here.`;
    }
    try {
      if (command.kind === 'word') return await this.#word(command, caller, deviceId);
      if (command.kind === 'answer') return await this.#answerInWords(command, said, signal);
      await log.record('command', { actor: caller.actor, ...recorded(command) }, deviceId);
      const talk = this.#talk(said, { caller, signal });
      // A hold waits for nothing.
      if (command.kind === 'hold') return await carryOut(command, talk);
      return await this.#busy.during(said.writer.personId, () => carryOut(command, talk));
    } catch (error) {
      if (error instanceof RoomdError) return error.message;
      throw error;
    }
  }

  /** The macros hear of it from the record. */
  async #word(
    { word, device, rest }: Extract<Command, { kind: 'word' }>,
    { actor }: Caller,
    deviceId: number | null,
  ): Promise<string> {
    const macros = macrosFor(word, this.#parts.ports.fleet());
    const meant = macros.filter(({ scope }) => scope === 'fleet' || device !== null);
    if (macros.length === 0) return `The macro for "${word}" is put to rest.`;
    if (meant.length === 0) return `Say on which device: "${word} DEVICE".`;
    await this.#parts.log.record('chat', { actor, word, rest }, deviceId);
    return `On it: ${meant.map(({ name }) => name).join(', ')}${device === null ? '' : ` on ${device}`}.`;
  }

  async #answerInWords(
    { code, choice: text }: Extract<Command, { kind: 'answer' }>,
    { roomId, writer }: Said,
    signal: AbortSignal,
  ): Promise<string> {
    const where: Where = { roomId, messageId: null };
    const waiting = await this.#parts.book.find(code, where);
    if (waiting?.kind !== 'question') {
      await this.#parts.log.record('refused', {
        actor: actorOf(writer),
        command: 'answer',
        why: 'no such code',
      });
      return `Nothing waits for the code ${code} here: it was answered, or its time is over.`;
    }
    const choice = choiceOf(text, waiting.options);
    if (choice === null) return `Choose one of ${waiting.options.join(', ')}, or its number.`;
    const isFirst = await this.#decisions.take(code, waiting, { choice, writer, where, signal });
    return isFirst ? '' : `Nothing waits for the code ${code} here any more.`;
  }

  async #pressMacro(
    nonce: string,
    { words, deviceId }: MacroCard,
    { word, value, actor }: { word: string | null; value: string; actor: string },
  ): Promise<boolean> {
    if (word === null || !words.includes(word)) return false;
    if (!(await this.#parts.book.close(nonce))) return false;
    await this.#parts.log.record('card', { actor, word, rest: value }, deviceId);
    return true;
  }

  async #refusePress({ actor }: Caller, pressed: Pressed, message: string): Promise<void> {
    const { log, reply } = this.#parts;
    const why = message === USED ? 'card used, too old or forged' : 'needs operator';
    await log.record('refused', { actor, command: 'card', why });
    await reply(pressed, message);
  }

  #talk(said: Said, { caller, signal }: { caller: Caller; signal: AbortSignal }): Talk {
    const { ports, reply } = this.#parts;
    return {
      fleet: ports.fleet(),
      caller,
      signal,
      act: actingAs(caller, { ports, signal }),
      say: (markdown) => reply(said, markdown),
      agreed: (text, yes, deed) => this.#agreed(said, { text, yes, deed }, signal),
    };
  }

  async #agreed(
    { roomId, threadId }: Said,
    { text, yes, deed }: { text: string; yes: string; deed: Deed },
    signal: AbortSignal,
  ): Promise<string> {
    const question = {
      to: { roomId },
      thread: threadId,
      text,
      options: [yes, 'Leave it'],
      withinMs: CONFIRM_MS,
      deed,
    };
    const decided = await this.#parts.asker.ask(question, signal);
    if (decided?.choice !== YES) return '';
    const by = callerOf(this.#section, decided.by);
    return await carryOutDeed(deed, { act: actingAs(by, { ports: this.#parts.ports, signal }) }, by);
  }
}

/** What the record keeps of a command. */
function recorded({ kind, ...rest }: Command): Readonly<Record<string, string | number | null>> {
  return { command: kind, ...rest };
}
