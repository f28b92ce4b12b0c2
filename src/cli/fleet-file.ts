import { resolve } from 'node:path';
import { sections } from '../daemon/sections.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { pulledDevices } from '../fleet/inventory/inventory-store.ts';
import { type Loaded, loadFleet } from '../fleet/load.ts';
import { formatProblem, type Problem } from '../fleet/problem.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { EXIT, ExitError } from './exit-code.ts';

/**
 * Loads the fleet file that the options name, with their overrides. Nothing is
 * contacted. No command tells anybody anything by itself, so that the secrets
 * of notifiers and systems may be missing unless they are asked for.
 */
export function loadFile(
  options: GlobalOptions,
  { surroundings, workingDirectory, signal }: CliContext,
  {
    missingSecrets = 'error',
    missingServiceSecrets = 'warning',
  }: { missingSecrets?: Problem['severity']; missingServiceSecrets?: Problem['severity'] } = {},
): Promise<Loaded> {
  return loadFleet(fleetPath(options, workingDirectory), {
    secrets: surroundings.secrets,
    sections,
    missingSecrets,
    missingServiceSecrets,
    overrides: overridesOf(options),
    inventory: (databaseFile) => pulledDevices(databaseFile, { signal }),
  });
}

export function fleetPath({ fleet }: Pick<GlobalOptions, 'fleet'>, workingDirectory: string): string {
  return resolve(workingDirectory, fleet);
}

export function overridesOf({ listen, feedbackListen, publicUrl, database, mode }: GlobalOptions) {
  return {
    ...(listen === undefined ? {} : { listen }),
    ...(feedbackListen === undefined ? {} : { feedbackListen }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(database === undefined ? {} : { database }),
    ...(mode === undefined ? {} : { mode }),
  };
}

/** The fleet, or the end of the command: every problem is printed, exit code 4. Warnings are printed and let pass. */
export function requireFleet({ fleet, problems }: Loaded, { terminal }: CliContext): Fleet {
  for (const problem of problems) terminal.err(formatProblem(problem));
  if (fleet !== null) return fleet;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  throw new ExitError(
    EXIT.invalidFleet,
    `the fleet file has ${errors} ${errors === 1 ? 'problem' : 'problems'}; nothing was contacted`,
    { problems },
  );
}
