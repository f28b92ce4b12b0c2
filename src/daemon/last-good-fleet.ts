import { access } from 'node:fs/promises';
import { type FilesSnapshot, snapshotFiles } from '../fleet/file/fleet-files.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { loadFleet } from '../fleet/load.ts';
import type { Clock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { getFact } from '../storage/facts.ts';
import { openDatabase } from '../storage/open-database.ts';
import { type FleetSource, likelyDatabaseFile } from './fleet-keeper.ts';
import { sections } from './sections.ts';

/** The name of the fact that holds the files of the last good fleet. */
export const LAST_GOOD_FLEET = 'last-good-fleet';

/** The files that made the last good fleet; null where no daemon has kept any. @throws StorageError */
export async function lastGoodFiles(
  path: string,
  { clock }: { clock: Clock },
  signal: AbortSignal,
): Promise<FilesSnapshot | null> {
  const database = await openDatabase({ path, clock, logger: silentLogger }, signal);
  try {
    const kept = await getFact(database, LAST_GOOD_FLEET);
    return kept === null ? null : (JSON.parse(kept) as FilesSnapshot);
  } finally {
    await database.close();
  }
}

/** A fleet to read the record with where the file is broken, and what it was taken from. */
export interface StandIn {
  readonly fleet: Fleet;
  /** `nothing`: it names no device. */
  readonly from: 'last-good' | 'nothing';
}

/**
 * What stands in for a broken file while only the record is read: the last
 * good fleet, else one without devices. Null where there is no database
 * either. Secrets may be missing; nobody may be contacted with it.
 */
export async function standInFleet(
  source: FleetSource,
  { clock }: { clock: Clock },
  signal: AbortSignal,
): Promise<StandIn | null> {
  const databaseFile = await likelyDatabaseFile(source);
  if (!(await exists(databaseFile))) return null;
  const overrides = { ...source.overrides, database: `sqlite:${databaseFile}` };
  const how = { secrets: source.secrets, sections, overrides, missingSecrets: 'warning' as const };
  const kept = await lastGoodFiles(databaseFile, { clock }, signal);
  const lastGood =
    kept === null
      ? null
      : await loadFleet(source.file, {
          ...how,
          files: snapshotFiles(kept),
          inventory: async () => kept.inventory ?? [],
        });
  if (lastGood?.fleet != null) return { fleet: lastGood.fleet, from: 'last-good' };
  const { fleet } = await loadFleet(source.file, { ...how, readFile: async () => NO_DEVICES });
  return fleet === null ? null : { fleet, from: 'nothing' };
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const NO_DEVICES = 'version: 1\ndevices: []\n';
