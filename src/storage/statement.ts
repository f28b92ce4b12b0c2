import { type Compilable, InsertQueryNode, type RootOperationNode } from 'kysely';
import { StorageError } from './errors.ts';
import type { Value } from './protocol.ts';

/** A statement ready to travel. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly Value[];
  /** Roughly what it holds in memory. */
  readonly bytes: number;
  readonly appendsEvent: boolean;
}

const BYTES_PER_STATEMENT = 200;
const BYTES_PER_VALUE = 16;

/**
 * Compiles a query and checks its values here, where the caller still stands
 * in the stack: one that cannot travel would spoil the whole batch.
 * @throws StorageError `failed`
 */
export function toStatement(query: Compilable): Statement {
  const { sql, parameters, query: node } = query.compile();
  let bytes = BYTES_PER_STATEMENT;
  for (const value of parameters) bytes += sizeOf(value, sql);
  return { text: sql, parameters: parameters as readonly Value[], bytes, appendsEvent: appendsEvent(node) };
}

function appendsEvent(node: RootOperationNode): boolean {
  return InsertQueryNode.is(node) && node.into?.table.identifier.name === 'event';
}

function sizeOf(value: unknown, sql: string): number {
  if (typeof value === 'string') return BYTES_PER_VALUE + value.length;
  if (value instanceof Uint8Array) return BYTES_PER_VALUE + value.byteLength;
  if (value === null || UNBOXED.has(typeof value)) return BYTES_PER_VALUE;
  throw new StorageError(
    'failed',
    `SQLite holds texts, numbers, bytes and null, but a value given to "${sql}" is of type ${typeof value}: convert it first`,
    { details: { sql } },
  );
}

const UNBOXED: ReadonlySet<string> = new Set(['number', 'bigint', 'undefined']);
