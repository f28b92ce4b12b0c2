import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';

/** How the messages of one notifier stand, as far as they are kept. */
export interface OutboxStanding {
  readonly waiting: number;
  readonly failed: number;
  /** UTC milliseconds; null: never. */
  readonly deliveredAt: number | null;
  /** Of the oldest message that waits. */
  readonly lastError: string | null;
}

/** By notifier, of all that have messages. @throws StorageError */
export async function outboxStanding(
  database: Database,
  options: AbortOptions = {},
): Promise<ReadonlyMap<string, OutboxStanding>> {
  const counts = await database.read(
    database.query
      .selectFrom('outbox')
      .select(({ fn }) => ['notifier', 'state', fn.countAll().as('count'), fn.max('delivered_at').as('last')])
      .groupBy(['notifier', 'state']),
    options,
  );
  // SQLite takes columns beside min() from the row that has it.
  const waiting = await database.read(
    database.query
      .selectFrom('outbox')
      .select(({ fn }) => ['notifier', 'last_error', fn.min('created_at').as('oldest')])
      .where('state', '=', 'waiting')
      .groupBy('notifier'),
    options,
  );
  const standing = new Map<string, OutboxStanding>();
  for (const { notifier } of counts) {
    const count = (state: string): number =>
      Number(counts.find((row) => row.notifier === notifier && row.state === state)?.count ?? 0);
    const delivered = counts.find((row) => row.notifier === notifier && row.state === 'delivered')?.last;
    standing.set(notifier, {
      waiting: count('waiting'),
      failed: count('failed'),
      deliveredAt: delivered ?? null,
      lastError: waiting.find((row) => row.notifier === notifier)?.last_error ?? null,
    });
  }
  return standing;
}
