import { closeSync, openSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { configureForWriting, openForInspection } from '../../src/storage/connection.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { compileMigrations } from '../../src/storage/migration.ts';
import { migrations } from '../../src/storage/migrations/all.ts';

type Value = string | number | Buffer | null;
export type Row = Readonly<Record<string, Value>>;
export type Content = ReadonlyMap<string, readonly Row[]>;

interface Column {
  readonly name: string;
  readonly type: string;
  /** Where its values come from, as `table.column`. */
  readonly of: string | null;
}

const ROWS = 3;
/** One device is named by everything else, so that nothing of it points nowhere. */
const MADE_AT = Date.UTC(2026, 2, 1);

/**
 * Makes the database of the roomd whose newest schema was `version`, with
 * three rows in each of its tables, and answers what it holds.
 */
export function makeOlderDatabase(path: string, version: number): Content {
  // As the program does: an empty file becomes a database.
  closeSync(openSync(path, 'wx', 0o600));
  const connection = openForInspection(path);
  try {
    configureForWriting(connection);
    migrate(connection, compileMigrations(migrations.filter((step) => step.version <= version)), MADE_AT);
    for (const table of tablesOf(connection)) {
      const columns = columnsOf(connection, table);
      const names = columns.map(({ name }) => `"${name}"`).join(', ');
      const marks = columns.map(() => '?').join(', ');
      const insert = connection.prepare(`INSERT OR IGNORE INTO "${table}" (${names}) VALUES (${marks})`);
      for (let row = 1; row <= ROWS; row += 1)
        insert.run(columns.map((column) => valueOf(column, table, row)));
    }
    return contentOf(connection);
  } finally {
    connection.close();
  }
}

/** Every row of every table. */
export function contentOf(connection: BetterSqlite3.Database): Content {
  return new Map(
    tablesOf(connection).map((table) => [
      table,
      connection.prepare<[], Row>(`SELECT * FROM "${table}"`).all(),
    ]),
  );
}

const NEWEST = migrations.at(-1)?.version ?? 0;

/** The rows of `before` that `after` does not hold, judged by the columns that both have. */
export function lostRows(before: Content, after: Content): string[] {
  const lost: string[] = [];
  for (const [table, rows] of before) {
    const kept = after.get(table) ?? [];
    const isKept = (row: Row): boolean =>
      kept.some((other) =>
        Object.entries(row).every(([column, value]) => !(column in other) || isSame(value, other[column])),
      );
    for (const row of rows) if (!isKept(row)) lost.push(`${table}: ${JSON.stringify(row)}`);
  }
  return lost;
}

function isSame(value: Value, other: Value | undefined): boolean {
  return Buffer.isBuffer(value) && Buffer.isBuffer(other) ? value.equals(other) : value === other;
}

/** In the order in which they were made: what is pointed at comes first. */
function tablesOf(connection: BetterSqlite3.Database): string[] {
  return connection
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )
    .all()
    .map(({ name }) => name);
}

function columnsOf(connection: BetterSqlite3.Database, table: string): Column[] {
  const references = connection
    .prepare<[], { from: string; table: string; to: string }>(`PRAGMA foreign_key_list("${table}")`)
    .all();
  return connection
    .prepare<[], { name: string; type: string }>(`PRAGMA table_info("${table}")`)
    .all()
    .map(({ name, type }) => {
      const reference = references.find(({ from }) => from === name);
      return { name, type, of: reference === undefined ? null : `${reference.table}.${reference.to}` };
    });
}

function valueOf({ name, type, of }: Column, table: string, row: number): Value {
  const text = of ?? `${table}.${name}`;
  switch (type.toUpperCase()) {
    case 'INTEGER':
      return row;
    case 'REAL':
      return row + 0.5;
    case 'BLOB':
      return Buffer.from(`${text} ${row}`);
    default:
      return name.endsWith('_json') ? JSON.stringify({ of: text, row }) : `${text} ${row}`;
  }
}

/** Looks into a database that nobody else has open. */
export function look<Result>(
  path: string,
  work: (connection: ReturnType<typeof openForInspection>) => Result,
): Result {
  const connection = openForInspection(path);
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}

/** What is wrong with a database that was migrated from one that held `before`. */
export function faultsOf(path: string, before: Content): unknown[] {
  return look(path, (connection) => [
    ...lostRows(before, contentOf(connection)),
    ...(connection.pragma('foreign_key_check') as unknown[]),
    ...(connection.pragma('integrity_check(1)') as { integrity_check: string }[]).filter(
      (row) => row.integrity_check !== 'ok',
    ),
    ...(connection.pragma('user_version', { simple: true }) === NEWEST ? [] : ['not at the newest version']),
  ]);
}
