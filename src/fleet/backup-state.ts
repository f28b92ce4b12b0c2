import { z } from 'zod';
import type { Database } from '../storage/database.ts';
import { getFact, setFact } from '../storage/facts.ts';

/** What is on record of scheduled backups. Times are UTC milliseconds. */
const BackupState = z.object({
  /** The schedule is counted from here: the last due minute that was carried out, or when roomd first knew of it. */
  countedFrom: z.number(),
  /** A run that has begun and not ended: roomd stopped in the middle. */
  running: z.number().nullable(),
  last: z
    .object({
      dueAt: z.number(),
      startedAt: z.number(),
      endedAt: z.number(),
      /** Runs that fell into a time when roomd did not run; this one stands for all of them. */
      missed: z.number(),
      changed: z.number(),
      failed: z.number(),
    })
    .nullable(),
  /** What keeps backups from being written or committed at all, in a sentence. */
  trouble: z.string().nullable(),
  devices: z.record(
    z.string(),
    z.object({
      state: z.enum(['new', 'changed', 'unchanged', 'failed']),
      reason: z.string().nullable(),
      /** Since when it fails; null while it does not. */
      failingSince: z.number().nullable(),
      /** The last time that all of it was read and written. */
      backedUpAt: z.number().nullable(),
    }),
  ),
});
export type BackupState = z.output<typeof BackupState>;

const FACT = 'backups';

/** Null before the first start with a schedule. */
export async function loadBackupState(database: Database): Promise<BackupState | null> {
  const stored = await getFact(database, FACT);
  return stored === null ? null : BackupState.parse(JSON.parse(stored));
}

export function saveBackupState(database: Database, state: BackupState): Promise<void> {
  return setFact(database, FACT, JSON.stringify(state));
}
