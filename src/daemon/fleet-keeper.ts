import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { Overrides } from '../fleet/daemon-section.ts';
import { diskFiles, type FilesSnapshot, RecordedFiles, snapshotFiles } from '../fleet/file/fleet-files.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { pulledDevices } from '../fleet/inventory/inventory-store.ts';
import type { PulledDevice } from '../fleet/inventory/pulled.ts';
import { type Loaded, loadFleet } from '../fleet/load.ts';
import type { Problem } from '../fleet/problem.ts';
import type { SecretSource } from '../fleet/secret-ref.ts';
import { sections } from './sections.ts';

export interface FleetSource {
  readonly file: string;
  readonly overrides: Overrides;
  readonly secrets: SecretSource;
}

/** The fleet in force, and what is wrong with the file where it is another. */
export interface Standing {
  readonly fleet: Fleet;
  /** The files that made the fleet. */
  readonly snapshot: FilesSnapshot;
  /** What to watch for a change: the files of the latest load, also of one that was broken, and the folders they look into. */
  readonly watched: Watched;
  readonly problems: readonly Problem[];
  /** Started on the last good fleet because the file was broken; nothing is written until it is mended. */
  readonly safeMode: boolean;
}

export type Watched = Pick<Fleet, 'sources' | 'sourceFolders'>;

/** A loaded fleet with the files it was made of, so that a later start can fall back on exactly those. */
export type DaemonLoaded = Loaded & { readonly snapshot: FilesSnapshot };

/** Loads the fleet as the daemon needs it; what is kept stands in for what is on the disk and was pulled since. */
export async function loadDaemonFleet(
  { file, overrides, secrets }: FleetSource,
  options: { now: number; fingerprintKey?: string; kept?: FilesSnapshot },
): Promise<DaemonLoaded> {
  const { now, fingerprintKey, kept } = options;
  const files = new RecordedFiles(kept === undefined ? diskFiles : snapshotFiles(kept));
  let pulled: readonly PulledDevice[] | undefined;
  const loaded = await loadFleet(file, {
    secrets,
    sections,
    overrides,
    files,
    inventory: async (databaseFile) => {
      pulled = kept === undefined ? await pulledDevices(databaseFile) : (kept.inventory ?? []);
      return pulled;
    },
    now,
    ...(fingerprintKey === undefined ? {} : { fingerprintKey }),
  });
  const snapshot = files.snapshot();
  return { ...loaded, snapshot: pulled === undefined ? snapshot : { ...snapshot, inventory: pulled } };
}

/** The watched part of a load. */
export function watchedOf({ sources, sourceFolders }: Watched): Watched {
  return { sources, sourceFolders };
}

/**
 * Where the database lies, read from a file that may be broken everywhere
 * else: the last good fleet is in there.
 */
export async function likelyDatabaseFile({ file, overrides }: FleetSource): Promise<string> {
  const named = overrides.database ?? (await namedDatabase(file)) ?? 'sqlite:./data/roomd.db';
  return resolve(overrides.database === undefined ? dirname(file) : '.', named.replace(/^sqlite:/, ''));
}

async function namedDatabase(file: string): Promise<string | null> {
  try {
    const text = await readFile(file, 'utf8');
    const document = parseDocument(text, { logLevel: 'silent' });
    const database: unknown = document.getIn(['daemon', 'database']);
    if (typeof database === 'string') return database;
    // Behind a mistake in its syntax, the rest of a file is not in the document.
    const line = document.errors.length === 0 ? null : DATABASE_LINE.exec(text);
    return line?.[1] ?? null;
  } catch {
    return null;
  }
}

const DATABASE_LINE = /^[^#\n]*\bdatabase:[ \t]*["']?(sqlite:[^\s"',}]+)/m;
