import { RoomdError } from '../lib/errors.ts';

/**
 * Everything that can go wrong between roomd and its database, as one closed set.
 *
 * | code | meaning | retryable |
 * |---|---|---|
 * | disk-full | no space; nothing of this write was kept, and writes work again once there is space | yes |
 * | read-only | the file, its folder or its file system cannot be written | no |
 * | locked | another program holds the file | yes |
 * | constraint | the row breaks a unique key, a reference or a column's type | no |
 * | corrupt | the file is damaged | no |
 * | not-a-database | the file is something else | no |
 * | from-the-future | a newer roomd wrote it | no |
 * | already-running | another process owns the data directory | no |
 * | overloaded | more waits than memory should hold: nothing was taken | yes |
 * | closed | the database is closed or closing | no |
 * | crashed | the thread died; whether a write that was under way is kept is unknown | no |
 * | failed | any other failure, SQLite's text in the message | no |
 */
export type StorageErrorCode =
  | 'disk-full'
  | 'read-only'
  | 'locked'
  | 'constraint'
  | 'corrupt'
  | 'not-a-database'
  | 'from-the-future'
  | 'already-running'
  | 'overloaded'
  | 'closed'
  | 'crashed'
  | 'failed';

const RETRYABLE: ReadonlySet<StorageErrorCode> = new Set(['disk-full', 'locked', 'overloaded']);

export class StorageError extends RoomdError<StorageErrorCode> {
  constructor(
    code: StorageErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(code, message, { ...options, retryable: RETRYABLE.has(code) });
  }
}

/** A StorageError as it crosses between threads. */
export interface PlainError {
  readonly code: StorageErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export function toPlain({ code, message, details }: StorageError): PlainError {
  return { code, message, details };
}

export function fromPlain({ code, message, details }: PlainError): StorageError {
  return new StorageError(code, message, { details });
}

/** A damaged file, with what was found in it. */
export function corrupt(path: string, finding: string): StorageError {
  return new StorageError('corrupt', sentenceOf('corrupt', path, finding), { details: { path, finding } });
}

/**
 * What SQLite or the file system threw, as a StorageError.
 * @param path the database file, for the sentence
 * @param sql the statement, where one was running; it holds no values
 */
export function storageErrorOf(thrown: unknown, path: string, sql?: string): StorageError {
  if (thrown instanceof StorageError) return thrown;
  const native = nativeCodeOf(thrown);
  const code = codeOf(native);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new StorageError(code, sentenceOf(code, path, text), {
    details: { path, ...(native === '' ? {} : { native }), ...(sql === undefined ? {} : { sql }) },
    cause: thrown,
  });
}

function nativeCodeOf(thrown: unknown): string {
  if (!(thrown instanceof Error) || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
}

/** SQLite's result codes and errno names by what starts them: extended codes add a suffix. */
const CODES: readonly (readonly [start: string, code: StorageErrorCode])[] = [
  ['SQLITE_FULL', 'disk-full'],
  ['SQLITE_IOERR_SHMSIZE', 'disk-full'],
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_PERM', 'read-only'],
  ['EROFS', 'read-only'],
  ['EACCES', 'read-only'],
  ['EPERM', 'read-only'],
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_LOCKED', 'locked'],
  ['SQLITE_CONSTRAINT', 'constraint'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_IOERR_SHORT_READ', 'corrupt'],
  ['SQLITE_NOTADB', 'not-a-database'],
];

function codeOf(native: string): StorageErrorCode {
  return CODES.find(([start]) => native.startsWith(start))?.[1] ?? 'failed';
}

function sentenceOf(code: StorageErrorCode, path: string, text: string): string {
  return SENTENCES[code]?.(path, text) ?? `The database ${path} failed: ${text}`;
}

const SENTENCES: Partial<Record<StorageErrorCode, (path: string, text: string) => string>> = {
  'disk-full': (path) => `No space is left for the database ${path}: free some, roomd then goes on by itself`,
  'read-only': (path, text) =>
    `The database ${path} cannot be written (${text}): give roomd's user write access to the file and its folder`,
  locked: (path) => `Another program holds the database ${path}: end it, then try again`,
  corrupt: (path, text) =>
    `The database ${path} is damaged (${text}): stop roomd, keep the file, and put back the newest ${path}.backup-* or your own backup`,
  'not-a-database': (path) =>
    `${path} is not a SQLite database: name another file in daemon.database, or put the right one there`,
  constraint: (path, text) => `The database ${path} refuses the row: ${text}`,
};
