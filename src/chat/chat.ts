import { randomBytes } from 'node:crypto';
import type { Ports } from '../actions/ports.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { WebexClient } from '../integrations/webex-messaging/client.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { Secret } from '../lib/secret.ts';
import type { SpaceAnswer, SpacePorts, SpaceQuestion } from '../macros/ports.ts';
import type { Database } from '../storage/database.ts';
import { chatHookKey } from '../storage/facts.ts';
import type { NewNonce } from './asker.ts';
import { CardBook } from './card-book.ts';
import { chatOf } from './chat-section.ts';
import { ChatError } from './errors.ts';
import { ChatLog } from './log.ts';
import { Rates } from './rates.ts';
import { ChatSession } from './session.ts';
import { spacesOf } from './spaces.ts';

export interface ChatParts {
  readonly webex: {
    /** Of `systems.webex` of the fleet in force. @throws RoomdError where the file names none */
    readonly client: () => Promise<WebexClient>;
    /** Another number with every other connection. */
    readonly generation: () => number;
  };
  readonly ports: () => Ports;
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Commands of one person: so many at once, then one in three seconds. */
const COMMAND_RATE = { burst: 10, everyMs: 3_000 };
/** A stranger is told once in an hour. */
const REFUSAL_RATE = { burst: 1, everyMs: 3_600_000 };

/** The chat door: a bot that people ask and that acts for them, and what macros do in spaces. It follows the fleet in force. */
export class ChatDoor implements Part {
  readonly name = 'chat';
  readonly spaces: SpacePorts;
  readonly #parts: ChatParts;
  readonly #book: CardBook;
  readonly #rates: Rates;
  readonly #refusals: Rates;
  readonly #log: ChatLog;
  #fleet: Fleet | null = null;
  #key = '';
  #isStarted = false;
  #session: ChatSession | null = null;
  #trouble: string | null = null;

  constructor(parts: ChatParts) {
    this.#parts = parts;
    this.#book = new CardBook(parts);
    this.#rates = new Rates(COMMAND_RATE, parts);
    this.#refusals = new Rates(REFUSAL_RATE, parts);
    this.#log = new ChatLog(parts);
    this.spaces = spacesOf({
      client: parts.webex.client,
      hearsCards: () => this.#session !== null && this.#section()?.webhook !== undefined,
      book: this.#book,
      newNonce,
      clock: parts.clock,
    });
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#renew();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    await this.#session?.stop();
    this.#session = null;
  }

  /** Takes on a fleet; the bot goes on where nothing that it rests on has changed. */
  async reload(fleet: Fleet): Promise<void> {
    this.#fleet = fleet;
    await this.#renew();
  }

  /** Why the bot does not work; null while it does, and where the file has none. */
  trouble(): string | null {
    return this.#trouble ?? this.#session?.trouble() ?? null;
  }

  /**
   * Asks the space or person of a notifier and waits for the first who may decide.
   * @param options its reason is told where the question is withdrawn
   * @throws ChatError; WebexError where it could not be asked; the signal's reason
   */
  async ask(
    notifier: string,
    { text, options, withinMs }: SpaceQuestion,
    { signal }: AbortOptions,
  ): Promise<SpaceAnswer> {
    const section = this.#fleet?.notifiers[notifier];
    if (section === undefined || !('webex' in section))
      throw new ChatError('no-space', `"${notifier}" is no Webex space, so nobody there can be asked`);
    if (this.#session === null)
      throw new ChatError('no-bot', 'nobody can be asked: the bot is not at work; see `chat` of the file');
    const { to } = section.webex;
    const target = 'roomId' in to ? to : { toPersonEmail: to.personEmail };
    const choice = await this.#session.asker.ask(
      { to: target, thread: null, text, options, withinMs, deed: null },
      signal ?? new AbortController().signal,
    );
    if (choice === null) return { answered: false, choice: 0, by: '' };
    return { answered: true, choice: choice.choice, by: choice.by.email };
  }

  #section() {
    return this.#fleet === null ? null : chatOf(this.#fleet);
  }

  async #renew(): Promise<void> {
    if (!this.#isStarted) return;
    const section = this.#section();
    const key = section === null ? '' : `${this.#parts.webex.generation()} ${JSON.stringify(section)}`;
    if (key === this.#key) return;
    this.#key = key;
    await this.#session?.stop();
    this.#session = null;
    this.#trouble = null;
    if (section === null) return;
    try {
      this.#session = new ChatSession(section, {
        ...this.#parts,
        client: await this.#parts.webex.client(),
        ports: this.#parts.ports(),
        book: this.#book,
        rates: this.#rates,
        refusals: this.#refusals,
        log: this.#log,
        secret: async () => new Secret(await chatHookKey(this.#parts.database)),
        newNonce,
      });
      this.#session.start();
    } catch (error) {
      this.#trouble = `the bot cannot begin: ${messageOf(error)}`;
      this.#parts.logger.error(
        { error: messageOf(error) },
        'The Webex bot cannot begin; everything else goes on',
      );
    }
  }
}

/** 256 bits for a card; eight letters that one can type, in a space where few may answer and none often. */
const newNonce: NewNonce = (kind) =>
  kind === 'card'
    ? randomBytes(32).toString('hex')
    : [...randomBytes(8)].map((byte) => CODE_LETTERS[byte % CODE_LETTERS.length]).join('');

/** 32 of them, none like another. */
const CODE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
