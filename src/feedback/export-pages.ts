import { type Selectable, sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { Tables } from '../storage/tables.ts';

export type ExportedTable = 'presence' | 'call' | 'booking';

const PAGE = 500;
const BEGINS: Readonly<Record<ExportedTable, string>> = {
  presence: 'from_at',
  call: 'started_at',
  booking: 'start_at',
};

/**
 * A device's rows that begin within [from, to), in order of time, page after
 * page while they are taken; of presence also the interval that reaches into
 * it.
 */
export async function* exportRows<Table extends ExportedTable>(
  database: Database,
  table: Table,
  { deviceId, from, to }: { deviceId: number; from: number; to: number },
  options: AbortOptions = {},
): AsyncGenerator<Selectable<Tables[Table]>> {
  const begin = sql.ref(BEGINS[table]);
  const first = table === 'presence' ? await reachingInto(database, deviceId, from, options) : from;
  let after = { at: first, id: 0 };
  for (;;) {
    const page = sql<PageRow<Table>>`
      SELECT *, ${begin} AS begins FROM ${sql.table(table)}
      WHERE device_id = ${deviceId} AND ${begin} < ${to}
        AND ${begin} >= ${after.at} AND (${begin} > ${after.at} OR id > ${after.id})
      ORDER BY ${begin}, id LIMIT ${PAGE}`;
    const rows = await database.read<PageRow<Table>>(
      { compile: () => page.compile(database.query) },
      options,
    );
    for (const row of rows) yield row;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = { at: last.begins, id: last.id };
  }
}

type PageRow<Table extends ExportedTable> = Selectable<Tables[Table]> & {
  readonly id: number;
  readonly begins: number;
};

async function reachingInto(
  database: Database,
  deviceId: number,
  from: number,
  options: AbortOptions,
): Promise<number> {
  const [row] = await database.read(
    database.query
      .selectFrom('presence')
      .select(['from_at', 'to_at'])
      .where('device_id', '=', deviceId)
      .where('from_at', '<=', from)
      .orderBy('from_at', 'desc')
      .limit(1),
    options,
  );
  return row === undefined || (row.to_at !== null && row.to_at <= from) ? from : row.from_at;
}
