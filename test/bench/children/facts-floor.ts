import Sqlite from 'better-sqlite3';
import { seededRandom } from '../../../src/lib/random.ts';
import { DAY_MS, type Facts, INTERVALS_A_DAY, type Month } from '../facts-form.ts';
import { spentOn } from '../spent.ts';
import { answerParent } from './parent.ts';

/** The same questions as bare SQL on better-sqlite3, in one statement each; and the filling of the tables. */

let database: Sqlite.Database | null = null;

answerParent({
  /** Fills the tables of a database that roomd made. */
  fill: ({ path, devices, days, start }: Facts) => {
    const file = new Sqlite(path);
    file.pragma('journal_mode = WAL');
    file.pragma('synchronous = OFF');
    const device = file.prepare('INSERT INTO device (id, name, host, created_at) VALUES (?, ?, ?, ?)');
    const presence = file.prepare(
      `INSERT INTO presence (device_id, seq, state, max_count, last_count, source, from_at, to_at)
       VALUES (?, 0, ?, ?, ?, 'session', ?, ?)`,
    );
    const random = seededRandom(3);
    for (let id = 1; id <= devices; id += 1)
      file.transaction(() => {
        device.run(id, `room-${id}`, '127.0.0.1', start);
        for (let day = 0; day < days; day += 1) fillDay(presence, { id, at: start + day * DAY_MS, random });
        presence.run(id, 'no', 0, 0, start + days * DAY_MS, null);
      })();
    file.close();
  },
  open: ({ path }: Facts) => {
    database = new Sqlite(path, { readonly: true });
  },
  month: ({ from, to }: Month) =>
    spentOn(async () => {
      // Oslo in January is an hour ahead all month.
      rowsOf(
        `SELECT device_id % 10 AS site, (at + 3600000) / ${DAY_MS} AS day,
          count(DISTINCT CASE WHEN occupied_ms + empty_ms > 0 THEN device_id END),
          sum(occupied_ms), sum(empty_ms), sum(counted_ms), sum(people_ms), max(peak), sum(booked_ms),
          sum(booked_used_ms), sum(booked_unused_ms), sum(used_unbooked_ms), sum(calls), sum(call_ms),
          sum(counted_ms * 8), sum(people_ms), max(peak * 1.0 / 8)
        FROM utilisation WHERE at >= ? AND at < ? GROUP BY 1, 2`,
        [from, to],
      );
    }),
  day: ({ from, to, devices }: Month & { devices: number }) =>
    spentOn(async () => {
      for (let id = 1; id <= Math.min(100, devices); id += 1)
        rowsOf(
          `SELECT device_id, state, max_count, last_count, source, from_at, to_at FROM presence
           WHERE device_id = ? AND from_at < ? AND from_at >= coalesce((
             SELECT max(from_at) FROM presence WHERE device_id = ? AND from_at <= ?), ?) ORDER BY from_at`,
          [id, to, id, from, from],
        );
    }),
  now: () =>
    spentOn(async () => {
      rowsOf('SELECT * FROM presence WHERE to_at IS NULL ORDER BY device_id', []);
    }),
  close: () => database?.close(),
});

function fillDay(
  statement: Sqlite.Statement,
  { id, at, random }: { id: number; at: number; random: () => number },
): void {
  let from = at;
  for (let index = 0; index < INTERVALS_A_DAY; index += 1) {
    const isLast = index === INTERVALS_A_DAY - 1;
    // The first is the night; the others lie between seven and seven.
    const end = isLast
      ? at + DAY_MS
      : at + 7 * 3_600_000 + index * 2_270_000 + Math.floor(random() * 1_200_000);
    const isUsed = index % 2 === 1;
    const people = isUsed ? 1 + Math.floor(random() * 8) : 0;
    statement.run(id, isUsed ? 'yes' : 'no', people, people, from, end);
    from = end;
  }
}

function rowsOf(text: string, values: readonly unknown[]): unknown[] {
  if (database === null) throw new Error('no database is open');
  return database.prepare(text).all(...values);
}
