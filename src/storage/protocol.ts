import type { PlainError } from './errors.ts';

/** A value that SQLite can hold. `undefined` binds NULL. */
export type Value = string | number | bigint | Uint8Array | null | undefined;

/**
 * What the main thread and a database thread say to each other. A thread is
 * asked one thing at a time, so answers need no ids. Each SQL text travels
 * once per message, in `texts`; statements name it by position.
 */
export type Request =
  | { readonly ask: 'batch'; readonly texts: readonly string[]; readonly writes: readonly PackedWrite[] }
  | { readonly ask: 'read'; readonly text: string; readonly parameters: readonly Value[] }
  | { readonly ask: 'close' };

/** One caller's statements: text position, parameters, text position, parameters, … */
export type PackedWrite = readonly (number | readonly Value[])[];

export type Reply =
  | { readonly answer: 'ready'; readonly notes: readonly Note[] }
  | { readonly answer: 'batch'; readonly outcomes: readonly PackedOutcome[] }
  | { readonly answer: 'rows'; readonly rows: readonly Record<string, unknown>[] }
  | { readonly answer: 'closed' }
  | { readonly answer: 'failed'; readonly error: PlainError };

/** What one caller's statements did: changes, last insert id, rows or null, and so on; or why nothing of it was kept. */
export type PackedOutcome = readonly (number | readonly Record<string, unknown>[] | null)[] | PlainError;

/** Something the opening did that is worth a line in the log. */
export interface Note {
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What a database thread is told when it starts. */
export interface ThreadSettings {
  readonly role: 'writer' | 'reader';
  readonly path: string;
  /** Wall time of the opening, which names the backup. */
  readonly openedAt: number;
  /** Every step of the schema; a reader needs none. */
  readonly migrations: readonly CompiledMigration[];
}

/** One step of the schema, ready to run. */
export interface CompiledMigration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly { readonly text: string; readonly parameters: readonly Value[] }[];
}
