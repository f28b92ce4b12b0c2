import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Action, perform } from '../actions/action.ts';
import type { Row, Rows } from '../actions/rows.ts';
import { type ShownSystem, system } from '../actions/system.ts';
import { askDaemon, type TakeRows } from '../daemon/ask-daemon.ts';
import { standInFleet } from '../daemon/last-good-fleet.ts';
import { openLone } from '../daemon/lone.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Loaded } from '../fleet/load.ts';
import { silentLogger } from '../lib/logger.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { EXIT, ExitError } from './exit-code.ts';
import { fleetPath, loadFile, overridesOf, requireFleet } from './fleet-file.ts';
import { count } from './terminal.ts';
import { version } from './version.ts';

const ROWS_AT_ONCE = 100;

/** Performs verbs: in the daemon where one runs on this database, in this process otherwise. */
export interface Verbs {
  readonly isDaemon: boolean;
  /** The file that a daemon runs with where it is another than the one named here: then only looking is allowed. */
  readonly otherFile: string | null;
  perform<Input, Output>(
    action: Action<Input, Output>,
    input: Partial<Input>,
    how?: { /** Nothing is said of how far it has come. */ readonly isQuiet?: boolean },
  ): Promise<Output>;
  /** The same of a verb that answers rows: `take` is given some at a time, at least once, and waited for. */
  rows<Input>(action: Action<Input, Rows>, input: Partial<Input>, take: TakeRows): Promise<void>;
}

/**
 * Loads the fleet file, finds who performs verbs, hands it to `work` and tidies
 * up. A daemon has the secrets already: they are asked for only without one.
 */
export async function withVerbs(
  options: GlobalOptions,
  context: CliContext,
  work: (verbs: Verbs, fleet: Fleet) => Promise<number>,
): Promise<number> {
  const { fleet: looked } = await loadFile(options, context, { missingSecrets: 'warning' });
  const daemon = looked === null ? null : await daemonOn(looked, context);
  if (looked !== null && daemon?.otherFile === null) return work(daemon, looked);
  const fleet = requireFleet(await loadFile(options, context), context);
  const workOn = (verbs: Verbs): Promise<number> => work(verbs, fleet);
  if (daemon?.otherFile == null) return alone(fleet, context, workOn);
  return beside(fleet, context, workOn, { otherFile: daemon.otherFile });
}

/**
 * The same for verbs that look at the record only, or change nothing but that:
 * no secret is needed, and a broken file is no obstacle unless it is refused.
 * What stands in for it is said in one line.
 */
export async function withRecord(
  options: GlobalOptions,
  context: CliContext,
  work: (verbs: Verbs) => Promise<number>,
  { brokenFile = 'stand-in' }: { brokenFile?: 'stand-in' | 'refused' } = {},
): Promise<number> {
  const whole = await loadFile(options, context);
  if (whole.fleet !== null) return withVerbsOn(requireFleet(whole, context), context, work);
  const unfilled = await loadFile(options, context, { missingSecrets: 'warning' });
  const fleet =
    unfilled.fleet ??
    (brokenFile === 'refused' ? requireFleet(unfilled, context) : await standIn(unfilled, options, context));
  const daemon = await daemonOn(fleet, context);
  if (daemon === null) return alone(fleet, context, work, { standsIn: true });
  if (daemon.otherFile === null) return work(daemon);
  return beside(fleet, context, work, { otherFile: daemon.otherFile, standsIn: true });
}

async function standIn(broken: Loaded, options: GlobalOptions, context: CliContext): Promise<Fleet> {
  const { surroundings, terminal, workingDirectory, clock, signal } = context;
  const file = fleetPath(options, workingDirectory);
  const source = { file, overrides: overridesOf(options), secrets: surroundings.secrets };
  const found = await standInFleet(source, { clock }, signal);
  if (found === null) return requireFleet(broken, context);
  const errors = broken.problems.filter(({ severity }) => severity === 'error').length;
  const taken = found.from === 'last-good' ? 'the last good one stands in' : 'no device is known from it';
  terminal.err(`${file} has ${count(errors, 'problem')} (roomd validate): ${taken}; this is the record.`);
  return found.fleet;
}

/** Says, where nobody keeps the record current, as of when it is: what is open there may be over. */
export async function tellAge(verbs: Verbs, { terminal }: CliContext): Promise<void> {
  if (verbs.isDaemon || verbs.otherFile !== null) return;
  const { aliveAt } = await verbs.perform(system, {});
  if (aliveAt !== null) terminal.err(`No daemon runs on this database; ${asItWas(aliveAt)}`);
}

export function asItWas(aliveAt: string): string {
  return `what follows is what is on record, as it was at ${aliveAt.slice(0, 19)}Z.`;
}

/** The same for a fleet that is loaded already. */
export async function withVerbsOn(
  fleet: Fleet,
  context: CliContext,
  work: (verbs: Verbs) => Promise<number>,
): Promise<number> {
  const daemon = await daemonOn(fleet, context);
  if (daemon === null) return alone(fleet, context, work);
  if (daemon.otherFile === null) return work(daemon);
  return beside(fleet, context, work, { otherFile: daemon.otherFile });
}

/** The daemon that runs on the fleet's database, null where none does. */
async function daemonOn(fleet: Fleet, context: CliContext): Promise<Verbs | null> {
  const { databaseFile } = fleet.daemon;
  const asked = { actor: actorOf(context), signal: context.signal };
  const running = await askDaemon(databaseFile, { ...asked, action: system, input: {} });
  if (running === null) return null;
  const { fleetFile } = running.result as ShownSystem;
  return {
    isDaemon: true,
    otherFile: fleetFile === fleet.file ? null : fleetFile,
    async perform<Input, Output>(
      action: Action<Input, Output>,
      input: Partial<Input>,
      { isQuiet = false } = {},
    ) {
      const answer = await askDaemon(databaseFile, {
        ...asked,
        action,
        input,
        onProgress: isQuiet ? undefined : context.terminal.progress,
      });
      // The daemon answered a moment ago; if it has gone since, askDaemon finds no socket.
      if (answer === null) throw stoppedMeanwhile();
      return answer.result as Output;
    },
    async rows(action, input, onRows) {
      const answer = await askDaemon(databaseFile, { ...asked, action, input, onRows });
      if (answer === null) throw stoppedMeanwhile();
    },
  };
}

function beside(
  fleet: Fleet,
  context: CliContext,
  work: (verbs: Verbs) => Promise<number>,
  how: { otherFile: string; standsIn?: boolean },
): Promise<number> {
  context.terminal.err(
    `A daemon runs on this database with ${how.otherFile}; this is a look from outside with ${fleet.file}.`,
  );
  return alone(fleet, context, work, how);
}

/** Without a daemon this process does the work itself, owns the data directory meanwhile and keeps no sessions. */
async function alone(
  fleet: Fleet,
  context: CliContext,
  work: (verbs: Verbs) => Promise<number>,
  { otherFile = null, standsIn = false }: { otherFile?: string | null; standsIn?: boolean } = {},
): Promise<number> {
  await mkdir(dirname(fleet.daemon.databaseFile), { recursive: true, mode: 0o700 });
  const lone = await openLone(
    fleet,
    { besideDaemon: otherFile !== null, standsIn },
    { ...context, logger: silentLogger, version: version() },
    context.signal,
  );
  try {
    return await work({
      isDaemon: false,
      otherFile,
      async perform<Input, Output>(
        action: Action<Input, Output>,
        input: Partial<Input>,
        { isQuiet = false } = {},
      ) {
        refuseBeside(action, otherFile);
        const caller = { actor: actorOf(context), role: 'admin' as const, devices: null };
        const { ports } = lone;
        const result = await perform(action, {
          input,
          caller,
          ports,
          onProgress: isQuiet ? undefined : context.terminal.progress,
          signal: context.signal,
        });
        return result as Output;
      },
      async rows(action, input, take) {
        refuseBeside(action, otherFile);
        const caller = { actor: actorOf(context), role: 'admin' as const, devices: null };
        const asked = { input, caller, ports: lone.ports, signal: context.signal };
        await takeRows((await perform(action, asked)) as Rows, take);
      },
    });
  } finally {
    await lone.close();
  }
}

async function takeRows({ columns, items }: Rows, take: TakeRows): Promise<void> {
  let rows: Row[] = [];
  for await (const row of items) {
    rows.push(row);
    if (rows.length < ROWS_AT_ONCE) continue;
    await take(rows, columns);
    rows = [];
  }
  await take(rows, columns);
}

function stoppedMeanwhile(): ExitError {
  return new ExitError(EXIT.failed, 'the daemon stopped meanwhile; run the command again');
}

/** Beside a daemon this process is a guest: what a viewer may do, and no more. */
export function refuseBeside({ name, role }: Pick<Action, 'name' | 'role'>, otherFile: string | null): void {
  if (otherFile === null || role === 'viewer') return;
  throw new ExitError(
    EXIT.usage,
    `a daemon runs on this database with ${otherFile}: give "${name}" to it with --fleet ${otherFile}, or stop it first`,
  );
}

function actorOf({ surroundings }: CliContext): string {
  return `cli:${surroundings.user}`;
}
