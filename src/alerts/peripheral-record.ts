import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { Peripheral } from './facts.ts';

/** Rows that are read at most. */
const MOST = 50_000;

/** What was attached to devices at a time or later, as the record has it, each as it was last seen. */
export async function recordedPeripherals(
  database: Database,
  { since, now }: { since: number; now: number },
  options: AbortOptions = {},
): Promise<{ readonly deviceId: number; readonly peripheral: Peripheral }[]> {
  const rows = await database.read(
    database.query
      .selectFrom('span')
      .select(['device_id', 'key', 'value', 'to_at', 'detail_json'])
      .where('kind', '=', 'peripheral')
      .where((span) => span.or([span('to_at', 'is', null), span('to_at', '>', since)]))
      .orderBy('from_at')
      .limit(MOST),
    options,
  );
  // The last span of each counts.
  const last = new Map(rows.map((row) => [`${row.device_id} ${row.key}`, row]));
  return [...last.values()].map(({ device_id: deviceId, key, value: status, to_at, detail_json }) => {
    // The projection of spans wrote it.
    const { name, type = 'peripheral' } = JSON.parse(detail_json ?? '{}') as { name?: string; type?: string };
    return { deviceId, peripheral: { id: key, name: name ?? type, type, status, goneAt: to_at ?? now } };
  });
}
