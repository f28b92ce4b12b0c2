import type { Ports } from '../actions/ports.ts';
import type { WebexClient } from '../integrations/webex-messaging/client.ts';
import { WebexError } from '../integrations/webex-messaging/errors.ts';
import type { WebhookPost } from '../integrations/webex-messaging/incoming.ts';
import type { PostedMessage } from '../integrations/webex-messaging/resources/messages.ts';
import { splitMarkdown } from '../integrations/webex-messaging/split-markdown.ts';
import { sleep } from '../lib/abort.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import type { Secret } from '../lib/secret.ts';
import { untilAborted } from '../lib/until-aborted.ts';
import { Asker, type NewNonce } from './asker.ts';
import { Bot, type Self } from './bot.ts';
import type { CardBook } from './card-book.ts';
import type { Chat } from './chat-schema.ts';
import { HookListener } from './hook-listener.ts';
import { keepHooks } from './hooks.ts';
import type { ChatLog } from './log.ts';
import { People } from './people.ts';
import { Poller } from './poller.ts';
import type { Rates } from './rates.ts';

export interface SessionParts {
  readonly client: WebexClient;
  readonly ports: Ports;
  readonly book: CardBook;
  readonly rates: Rates;
  readonly refusals: Rates;
  readonly log: ChatLog;
  readonly secret: () => Promise<Secret>;
  readonly newNonce: NewNonce;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** After a failure it is tried again. */
const RETRY = { firstMs: 2_000, mostMs: 120_000 };
/** Webhooks that the service gave up on are looked for this often. */
const KEEP_HOOKS_MS = 300_000;
/** A forged post is on record once in this time, however many come. */
const FORGED_MS = 60_000;
/** So many posts make one answer; nobody reads more. */
const MOST_PARTS = 5;
/** Work for people that goes on at one time; more is turned away. */
const MOST_WORK = 50;

/** The bot at work with one connection and one section of the file, until it is stopped. */
export class ChatSession {
  readonly asker: Asker;
  readonly #section: Chat;
  readonly #parts: SessionParts;
  readonly #people: People;
  readonly #stopping = new AbortController();
  readonly #work = new Set<Promise<void>>();
  #running: Promise<void> = Promise.resolve();
  #trouble: string | null = null;
  #listener: HookListener | null = null;
  #bot: { readonly bot: Bot; readonly self: Self } | null = null;
  #forgedAt = Number.NEGATIVE_INFINITY;

  constructor(section: Chat, parts: SessionParts) {
    this.#section = section;
    this.#parts = parts;
    this.#people = new People(parts);
    this.asker = new Asker({ ...parts, hearsCards: section.webhook !== undefined });
  }

  start(): void {
    this.#running = this.#run();
  }

  /** What is under way is broken off; questions that are open are withdrawn. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    await this.#running;
    await Promise.all(this.#work);
    await this.#listener?.stop();
  }

  trouble(): string | null {
    return this.#trouble;
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#parts;
    const { signal } = this.#stopping;
    const poller = new Poller(this.#parts);
    let failures = 0;
    while (!signal.aborted) {
      let waitMs: number;
      try {
        waitMs = await this.#round(poller);
        this.#recovered();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#failed(error);
        const asked = error instanceof WebexError ? (error.retryAfterMs ?? 0) : 0;
        waitMs = Math.max(asked, backoffMs(failures, RETRY, random));
      }
      await sleep(waitMs, clock, { signal }).catch(() => undefined);
    }
  }

  /** Sees to being told of news, or asks for them; how long to wait until it is to be done again. */
  async #round(poller: Poller): Promise<number> {
    const { client, secret } = this.#parts;
    const { signal } = this.#stopping;
    const { webhook, polling } = this.#section;
    const isFirst = this.#bot === null;
    const { bot, self } = await this.#ready();
    if (webhook === undefined) {
      if (isFirst) await keepHooks(client, null, { signal });
      for (const message of await poller.look({ signal })) this.#begin(() => this.#hear(bot, self, message));
      return polling;
    }
    const key = await secret();
    this.#listener ??= await this.#listen(webhook.listen, key);
    await keepHooks(client, { publicUrl: webhook.publicUrl, secret: key, anew: isFirst }, { signal });
    return KEEP_HOOKS_MS;
  }

  async #ready(): Promise<{ bot: Bot; self: Self }> {
    if (this.#bot !== null) return this.#bot;
    const me = await this.#parts.client.people.me({ signal: this.#stopping.signal });
    const self = { personId: me.id, name: me.displayName };
    const bot = new Bot(this.#section, {
      ...this.#parts,
      self,
      asker: this.asker,
      reply: (to, markdown) => this.#reply(to, markdown),
    });
    this.#bot = { bot, self };
    return this.#bot;
  }

  async #listen(listen: { host: string; port: number }, secret: Secret): Promise<HookListener> {
    const listener = new HookListener(
      { ...listen, secret },
      {
        onPost: (post) => this.#begin(() => this.#posted(post)),
        onForged: (from) => this.#forged(from),
        clock: this.#parts.clock,
      },
    );
    try {
      await listener.start();
    } catch (error) {
      throw new Error(`nothing can be heard on ${listen.host}:${listen.port}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return listener;
  }

  /** Does something for somebody beside all else; a failure is told to the log, as there is nobody else. */
  #begin(work: () => Promise<void>): void {
    const { logger } = this.#parts;
    if (this.#stopping.signal.aborted) return;
    if (this.#work.size >= MOST_WORK) {
      logger.warn(
        { underWay: this.#work.size },
        'The bot has too much to do and leaves a message unanswered',
      );
      return;
    }
    // A run of a macro goes on when the bot ends; what it comes to is on record.
    const begun = untilAborted(work(), this.#stopping.signal)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted)
          logger.warn({ error: messageOf(error) }, 'The bot could not answer');
      })
      .finally(() => this.#work.delete(begun));
    this.#work.add(begun);
  }

  async #posted({ resource, data }: WebhookPost): Promise<void> {
    const { client } = this.#parts;
    const { signal } = this.#stopping;
    const ready = this.#bot;
    if (ready === null || data.personId === ready.self.personId) return;
    if (resource === 'messages')
      return await this.#hear(ready.bot, ready.self, await client.messages.get(data.id, { signal }));
    if (resource !== 'attachmentActions') return;
    const action = await client.attachmentActions.get(data.id, { signal });
    const { messageId, personId, roomId, inputs } = action;
    if (messageId === null || personId === null || roomId === null) return;
    const writer = await this.#people.get(personId, { signal });
    const threadId = await this.#threadOf(messageId);
    await ready.bot.press({ messageId, roomId, threadId, writer, inputs }, signal);
  }

  async #hear(bot: Bot, self: Self, message: PostedMessage): Promise<void> {
    const { personId, roomId, text, parentId, id } = message;
    if (personId === null || roomId === null || personId === self.personId) return;
    const { signal } = this.#stopping;
    const writer = await this.#people.get(personId, { signal });
    await bot.hear({ roomId, threadId: parentId ?? id, writer, text: text ?? '' }, signal);
  }

  /** The card may be gone by now. */
  async #threadOf(messageId: string): Promise<string | null> {
    try {
      const { parentId } = await this.#parts.client.messages.get(messageId, {
        signal: this.#stopping.signal,
      });
      return parentId ?? messageId;
    } catch (error) {
      if (error instanceof WebexError && error.code === 'not-found') return null;
      throw error;
    }
  }

  async #reply(
    { roomId, threadId: parentId }: { readonly roomId: string; readonly threadId: string | null },
    markdown: string,
  ): Promise<void> {
    const parts = splitMarkdown(markdown);
    const shown = parts.slice(0, MOST_PARTS);
    if (parts.length > shown.length) shown.push('… the rest is left out: ask for less at once.');
    for (const part of shown)
      await this.#parts.client.messages.create(
        { roomId, parentId, markdown: part },
        { signal: this.#stopping.signal },
      );
  }

  #forged(from: string): void {
    const { clock, log, logger } = this.#parts;
    if (clock.monotonic() - this.#forgedAt < FORGED_MS) return;
    this.#forgedAt = clock.monotonic();
    logger.warn({ from }, 'A post to the bot was not signed by Webex');
    this.#begin(() => log.record('forged-post', { actor: null, from }));
  }

  #failed(error: unknown): void {
    const isToken =
      error instanceof WebexError && (error.code === 'unauthorized' || error.code === 'grant-ended');
    const trouble = isToken
      ? `Webex does not take the token of systems.webex any more: make a new one for the bot and put it where the file points to (${messageOf(error)})`
      : `the bot does not hear anybody: ${messageOf(error)}`;
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#parts.logger.error({ reason: trouble }, 'The Webex bot does not work; everything else goes on');
  }

  #recovered(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#parts.logger.info({}, 'The Webex bot works again');
  }
}
