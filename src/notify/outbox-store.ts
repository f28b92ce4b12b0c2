import type { Compilable, Selectable } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { OutboxTable } from '../storage/tables/messages.ts';
import type { Message } from './notifier.ts';

export type OutboxRow = Selectable<OutboxTable>;

const ROWS_DELETED_AT_ONCE = 5000;

/** The outbox's queries. */
export class OutboxStore {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  insert(entry: {
    id: string;
    notifier: string;
    message: Message;
    createdAt: number;
    dueAt: number;
  }): Compilable {
    return this.#database.query.insertInto('outbox').values({
      id: entry.id,
      notifier: entry.notifier,
      message_json: JSON.stringify(entry.message),
      state: 'waiting',
      attempts: 0,
      created_at: entry.createdAt,
      next_attempt_at: entry.dueAt,
      delivered_at: null,
      receipt: null,
      last_error: null,
      conversation: entry.message.conversation ?? null,
    });
  }

  /** Runs them as one transaction; answers how many rows the first one changed. */
  async write(...statements: Compilable[]): Promise<number> {
    return (await this.#database.write(statements))[0]?.changes ?? 0;
  }

  /** The receipt that messages of this conversation answer; null before the first was delivered. */
  async threadOf(notifier: string, conversation: string): Promise<string | null> {
    const [row] = await this.#database.read(
      this.#database.query
        .selectFrom('conversation')
        .select('receipt')
        .where('notifier', '=', notifier)
        .where('id', '=', conversation),
    );
    return row?.receipt ?? null;
  }

  /** The oldest waiting messages of a notifier, in the order in which they are to be sent. */
  waiting(notifier: string, limit: number): Promise<OutboxRow[]> {
    return this.#database.read(
      this.#database.query
        .selectFrom('outbox')
        .selectAll()
        .where('state', '=', 'waiting')
        .where('notifier', '=', notifier)
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit),
    );
  }

  list(
    filter: {
      state?: OutboxRow['state'] | undefined;
      conversation?: string | undefined;
      limit: number;
    },
    options: AbortOptions,
  ): Promise<OutboxRow[]> {
    let query = this.#database.query
      .selectFrom('outbox')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(filter.limit);
    if (filter.state !== undefined) query = query.where('state', '=', filter.state);
    if (filter.conversation !== undefined) query = query.where('conversation', '=', filter.conversation);
    return this.#database.read(query, options);
  }

  /** How many messages wait for each notifier. */
  /** Of each notifier that has any: how many messages wait, and since when the oldest does. */
  waitingCounts(): Promise<
    { notifier: string; waiting: number | string | bigint; oldestAt: number | string | bigint }[]
  > {
    return this.#database.read(
      this.#database.query
        .selectFrom('outbox')
        .select((select) => [
          'notifier',
          select.fn.countAll().as('waiting'),
          select.fn.min('created_at').as('oldestAt'),
        ])
        .where('state', '=', 'waiting')
        .groupBy('notifier'),
    );
  }

  async newestCreatedAt(): Promise<number> {
    const [row] = await this.#database.read(
      this.#database.query.selectFrom('outbox').select((select) => select.fn.max('created_at').as('newest')),
    );
    return row?.newest ?? 0;
  }

  /** Before it is sent, so that an attempt that ends with the process is counted too. */
  begin(id: string): Compilable {
    return this.#waitingRow(id).set((row) => ({ attempts: row('attempts', '+', 1) }));
  }

  /** Of a conversation, the receipt that came first stays. */
  delivered(
    { id, notifier, conversation }: Pick<OutboxRow, 'id' | 'notifier' | 'conversation'>,
    receipt: string,
    at: number,
  ): Compilable[] {
    const mark = this.#waitingRow(id).set({
      state: 'delivered',
      delivered_at: at,
      receipt,
      last_error: null,
    });
    if (conversation === null || receipt === '') return [mark];
    const begin = this.#database.query
      .insertInto('conversation')
      .values({ notifier, id: conversation, receipt, begun_at: at })
      .onConflict((conflict) => conflict.columns(['notifier', 'id']).doNothing());
    return [mark, begin];
  }

  postponed(id: string, nextAttemptAt: number, reason: string): Compilable {
    return this.#waitingRow(id).set({ next_attempt_at: nextAttemptAt, last_error: reason });
  }

  failed(id: string, reason: string): Compilable {
    return this.#waitingRow(id).set({ state: 'failed', last_error: reason });
  }

  /** Deletes what was delivered or has failed before the given times, in steps that let other writes through. */
  async prune(before: { delivered: number; failed: number }, signal: AbortSignal): Promise<number> {
    const { query } = this.#database;
    const old = query
      .selectFrom('outbox')
      .select('id')
      .where((row) =>
        row.or([
          row.and([row('state', '=', 'delivered'), row('delivered_at', '<', before.delivered)]),
          row.and([row('state', '=', 'failed'), row('created_at', '<', before.failed)]),
        ]),
      )
      .limit(ROWS_DELETED_AT_ONCE);
    let deleted = 0;
    while (!signal.aborted) {
      const changes = await this.write(query.deleteFrom('outbox').where('id', 'in', old));
      deleted += changes;
      if (changes < ROWS_DELETED_AT_ONCE) break;
    }
    return deleted;
  }

  #waitingRow(id: string) {
    return this.#database.query.updateTable('outbox').where('id', '=', id).where('state', '=', 'waiting');
  }
}
