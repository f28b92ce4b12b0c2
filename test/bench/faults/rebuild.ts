import Sqlite from 'better-sqlite3';
import { Projector } from '../../../src/feedback/projector.ts';
import { SHAPES } from '../../../src/feedback/record-tables.ts';
import { QUARTER_MS } from '../../../src/feedback/utilisation/cells.ts';
import { rollUp, workOffMarks } from '../../../src/feedback/utilisation/roll-up.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';

/** What every table of records is made of, and the figures of utilisation. */
const COMPARED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(SHAPES).map(([table, { key, rest }]) => [table, [...key, ...rest]])),
  utilisation: ['*'],
};
const DERIVED = [
  ...Object.keys(COMPARED),
  'utilisation_cursor',
  'utilisation_mark',
  'projection',
  'projector',
];

/**
 * How the records and hourly figures in a database file differ from those that
 * its log of events gives to a roomd that never ended; null where they do not.
 * Nobody may have the file open; a copy beside it is made and left.
 */
export async function differenceAfterRebuild(file: string): Promise<string | null> {
  const copy = `${file}.rebuilt`;
  const original = new Sqlite(file);
  const sound = String(original.pragma('integrity_check', { simple: true }));
  original.exec(`VACUUM INTO '${copy}'`);
  original.close();
  if (sound !== 'ok') return `the file is not sound: ${sound}`;
  const emptied = new Sqlite(copy);
  for (const table of DERIVED) emptied.exec(`DELETE FROM ${table}`);
  emptied.close();
  const until = (Math.floor(Date.now() / QUARTER_MS) + 1) * QUARTER_MS;
  for (const path of [file, copy]) await catchUp(path, until);
  const kept = rowsOf(file);
  const made = rowsOf(copy);
  const differing = Object.keys(COMPARED).filter(
    (table) => kept[table]?.join('\n') !== made[table]?.join('\n'),
  );
  const empty = ['presence', 'call', 'utilisation'].filter((table) => kept[table]?.length === 0);
  if (empty.length > 0) return `nothing is on record: ${empty.join()}`;
  return differing.length === 0 ? null : `other than the log says: ${differing.join()}`;
}

async function catchUp(path: string, until: number): Promise<void> {
  const parts = { clock: systemClock(), logger: silentLogger };
  const database = await openDatabase({ path, ...parts });
  try {
    await new Projector({}, { database, ...parts }).projectAll();
    await rollUp(database, until);
    await workOffMarks(database, { keptFrom: 0 });
  } finally {
    await database.close();
  }
}

function rowsOf(path: string): Record<string, string[]> {
  const database = new Sqlite(path, { readonly: true });
  try {
    return Object.fromEntries(
      Object.entries(COMPARED).map(([table, columns]) => {
        const shown = columns.includes('*')
          ? '*'
          : ['device_id', ...columns].map((name) => `"${name}"`).join();
        const rows = database.prepare(`SELECT ${shown} FROM ${table}`).all();
        return [table, rows.map((row) => JSON.stringify(row)).toSorted()];
      }),
    );
  } finally {
    database.close();
  }
}
