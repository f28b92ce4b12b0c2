import { dirname } from 'node:path';
import { pino } from 'pino';
import type { Problem } from '../fleet/problem.ts';
import { foremost, formatProblem } from '../fleet/problem.ts';
import type { Clock } from '../lib/clock.ts';
import { RoomdError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { acquireOwnership } from '../storage/lock.ts';
import { Daemon, type DaemonModules } from './daemon.ts';
import {
  type FleetSource,
  likelyDatabaseFile,
  loadDaemonFleet,
  type Standing,
  watchedOf,
} from './fleet-keeper.ts';
import { exists, lastGoodFiles } from './last-good-fleet.ts';
import { LogOutput } from './log-output.ts';

/** The file cannot be used, and there is no good one to fall back on. */
export class NoFleetError extends RoomdError<'fleet-invalid'> {
  readonly problems: readonly Problem[];

  /** `ofLastGood`: what is wrong with the last good one; null where none was kept. */
  constructor(problems: readonly Problem[], ofLastGood: readonly Problem[] | null) {
    const why =
      ofLastGood === null
        ? 'and there is no earlier one to stand in for it'
        : `nor can the last good one, which would stand in for it (${foremost(ofLastGood)?.message})`;
    super('fleet-invalid', `the fleet file cannot be used, ${why}; nothing was contacted`);
    this.problems = problems;
  }
}

/**
 * Opens the daemon on its fleet file; where that is broken, in safe mode on
 * the last good fleet from the database.
 * @throws NoFleetError, StorageError `already-running`, …
 */
export async function openDaemon(
  source: FleetSource,
  version: string,
  modules: DaemonModules,
  signal: AbortSignal,
): Promise<Daemon> {
  const databaseFile = await likelyDatabaseFile(source);
  const loaded = await loadDaemonFleet(source, { now: modules.clock.now() });
  if (loaded.fleet === null && !(await exists(databaseFile))) throw new NoFleetError(loaded.problems, null);
  const ownership = await acquireOwnership(dirname(loaded.fleet?.daemon.databaseFile ?? databaseFile), {
    signal,
  });
  try {
    const standing = await standingOf(loaded, { source, databaseFile, modules, signal });
    return await Daemon.open({ source, version, standing, ownership }, modules, signal);
  } catch (error) {
    ownership.release();
    throw error;
  }
}

async function standingOf(
  loaded: Awaited<ReturnType<typeof loadDaemonFleet>>,
  {
    source,
    databaseFile,
    modules,
    signal,
  }: { source: FleetSource; databaseFile: string; modules: DaemonModules; signal: AbortSignal },
): Promise<Standing> {
  const { fleet, problems, snapshot } = loaded;
  const watched = watchedOf(loaded);
  if (fleet !== null) return { fleet, snapshot, watched, problems: [], safeMode: false };
  const lastGood = await lastGoodFiles(databaseFile, modules, signal);
  if (lastGood === null) throw new NoFleetError(problems, null);
  const fallback = await loadDaemonFleet(source, {
    now: modules.clock.now(),
    kept: lastGood,
  });
  if (fallback.fleet === null) throw new NoFleetError(problems, fallback.problems);
  modules.logger.error(
    { problems: problems.map(formatProblem) },
    'Safe mode: the fleet file is broken; the last good fleet is in force and nothing is written until the file is mended',
  );
  return { fleet: fallback.fleet, snapshot: lastGood, watched, problems, safeMode: true };
}

/** The logger at the root: one JSON object a line on standard output. */
export function rootLogger(level: string, clock: Clock): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    new LogOutput({ clock }),
  );
}
