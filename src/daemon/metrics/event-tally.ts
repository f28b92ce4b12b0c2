import { sql } from 'kysely';
import { Counter } from 'prom-client';
import type { Part } from '../../lib/lifecycle.ts';
import type { Registry } from '../../lib/metrics.ts';
import type { Database } from '../../storage/database.ts';
import { eventBounds } from '../../storage/events.ts';

/** Events that one query counts, so that it is short however long nobody looked. */
const PAGE = 20_000;

/**
 * Counts what the log of events took since the start: events by kind, writes
 * by what came of them, runs of macros by how they ended. It reads on when
 * somebody looks, so that it costs nothing otherwise.
 */
export class EventTally implements Part {
  readonly name = 'metrics';
  readonly #database: Database;
  readonly #events: Counter<'kind'>;
  readonly #writes: Counter<'outcome'>;
  readonly #runs: Counter<'state'>;
  #seq: number | null = null;
  #reading: Promise<void> | null = null;

  constructor({ database, registry }: { database: Database; registry: Registry }) {
    this.#database = database;
    const registers = [registry];
    const collect = () => this.#catchUp();
    this.#events = new Counter({
      name: 'roomd_events_total',
      help: 'Events that were recorded, by kind',
      labelNames: ['kind'],
      registers,
      collect,
    });
    this.#writes = new Counter({
      name: 'roomd_writes_total',
      help: 'Changes on devices by what came of them: accepted, accepted-unreadable, refused, differs, failed, waiting, held',
      labelNames: ['outcome'],
      registers,
      collect,
    });
    this.#runs = new Counter({
      name: 'roomd_macro_runs_total',
      help: 'Runs of macros by how they ended: succeeded, failed, skipped, would-run, cancelled, interrupted',
      labelNames: ['state'],
      registers,
      collect,
    });
    for (const outcome of ['accepted', 'refused', 'differs', 'failed']) this.#writes.inc({ outcome }, 0);
    for (const state of ['succeeded', 'failed', 'skipped', 'cancelled']) this.#runs.inc({ state }, 0);
  }

  async start(): Promise<void> {
    this.#seq = (await eventBounds(this.#database)).last;
  }

  async stop(): Promise<void> {
    this.#seq = null;
    await this.#reading;
  }

  /** All that look at one time wait for one reading. A database in trouble leaves the numbers as they are. */
  #catchUp(): Promise<void> {
    this.#reading ??= this.#read()
      .catch(() => undefined)
      .finally(() => {
        this.#reading = null;
      });
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (this.#seq === null) return;
    const { last } = await eventBounds(this.#database);
    while (this.#seq !== null && this.#seq < last) {
      const to = Math.min(this.#seq + PAGE, last);
      for (const { kind, word, count } of await this.#counts(this.#seq, to)) {
        this.#events.inc({ kind }, count);
        if (kind === 'write' && word !== null) this.#writes.inc({ outcome: word }, count);
        if (kind === 'run' && word !== null) this.#runs.inc({ state: word }, count);
      }
      this.#seq = to;
    }
  }

  async #counts(after: number, to: number) {
    const word = sql<string | null>`case kind
      when 'write' then json_extract(payload_json, '$.outcome')
      when 'run' then json_extract(payload_json, '$.state') end`;
    const rows = await this.#database.read(
      this.#database.query
        .selectFrom('event')
        .select(({ fn }) => ['kind', word.as('word'), fn.countAll().as('count')])
        .where('seq', '>', after)
        .where('seq', '<=', to)
        .groupBy(['kind', word]),
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }
}
