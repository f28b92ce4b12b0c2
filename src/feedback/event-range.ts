import type { Database } from '../storage/database.ts';

/** Devices of which events are kept. */
export async function devicesWithEvents(database: Database): Promise<number[]> {
  const rows = await database.read(
    database.query
      .selectFrom('device')
      .select('id')
      .where((where) =>
        where.exists(
          where.selectFrom('event').select('event.seq').whereRef('event.device_id', '=', 'device.id'),
        ),
      )
      .orderBy('id'),
  );
  return rows.map(({ id }) => id);
}

/** The first kept event of a device that came at or after a time; null where none did. */
export async function firstSeqSince(
  database: Database,
  deviceId: number,
  since: number,
): Promise<number | null> {
  const [row] = await database.read(
    database.query
      .selectFrom('event')
      .select(({ fn }) => fn.min('seq').as('seq'))
      .where('device_id', '=', deviceId)
      .where('received_at', '>=', since),
  );
  return row?.seq ?? null;
}

/** The last kept event of a device that came before a time; null where none did. */
export async function lastSeqBefore(
  database: Database,
  deviceId: number,
  before: number,
): Promise<number | null> {
  const [row] = await database.read(
    database.query
      .selectFrom('event')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .where('device_id', '=', deviceId)
      .where('received_at', '<', before),
  );
  return row?.seq ?? null;
}
