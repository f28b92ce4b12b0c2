import type { ErasureCounts } from '../../feedback/erase.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Database } from '../../storage/database.ts';

/** The database, and the devices of which something may be read from it; null: all, those that the file no longer names as well. */
export interface ScopedRecord {
  readonly database: Database;
  readonly deviceIds: ReadonlySet<number> | null;
}

export interface RecordPorts {
  /** How many rows an erasure would take away. */
  count(span: RecordSpan, options: AbortOptions): Promise<ErasureCounts>;
  erase(span: RecordSpan, actor: string, options: AbortOptions): Promise<ErasureCounts>;
  /** Makes records again from the events that are kept. @returns of how many devices */
  rebuild(what: { readonly since?: number; readonly deviceId?: number }): Promise<number>;
}

/** What a device's records are erased of, UTC milliseconds; null: as far as they go. */
export interface RecordSpan {
  readonly deviceId: number;
  readonly from: number | null;
  readonly to: number | null;
}
