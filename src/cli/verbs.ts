import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Action, perform } from '../actions/action.ts';
import { type ShownSystem, system } from '../actions/system.ts';
import { askDaemon, controlSocketPath } from '../daemon/control.ts';
import { openLone } from '../daemon/lone.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { silentLogger } from '../lib/logger.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { loadFile, requireFleet } from './fleet-file.ts';
import { version } from './version.ts';

/** Performs verbs: in the daemon where one runs on this database, in this process otherwise. */
export interface Verbs {
  readonly isDaemon: boolean;
  /** False where a daemon runs on this database with another fleet file: then only looking is allowed. */
  readonly mayApply: boolean;
  perform<Input, Output>(action: Action<Input, Output>, input: Partial<Input>): Promise<Output>;
}

/** Loads the fleet file, finds who performs verbs, hands it to `work` and tidies up. */
export async function withVerbs(
  options: GlobalOptions,
  context: CliContext,
  work: (verbs: Verbs) => Promise<number>,
): Promise<number> {
  const fleet = requireFleet(await loadFile(options, context), context);
  const socket = controlSocketPath(fleet.daemon.databaseFile);
  const running = await askDaemon(socket, {
    action: system,
    input: {},
    actor: actorOf(context),
    signal: context.signal,
  });
  if (running === null) return alone(fleet, context, work);
  const { fleetFile } = running.result as ShownSystem;
  if (fleetFile !== fleet.file) {
    context.terminal.err(
      `A daemon runs on this database with ${fleetFile}; this is a look from outside with ${fleet.file}.`,
    );
    return alone(fleet, context, work, { besideDaemon: true });
  }
  return work({
    isDaemon: true,
    mayApply: true,
    async perform<Input, Output>(action: Action<Input, Output>, input: Partial<Input>) {
      const answer = await askDaemon(socket, {
        action,
        input,
        actor: actorOf(context),
        onProgress: progress(context),
        signal: context.signal,
      });
      // The daemon answered a moment ago; if it has gone since, askDaemon finds no socket.
      if (answer === null) throw new Error('the daemon stopped meanwhile; run the command again');
      return answer.result as Output;
    },
  });
}

/** Without a daemon this process does the work itself, owns the data directory meanwhile and keeps no sessions. */
async function alone(
  fleet: Fleet,
  context: CliContext,
  work: (verbs: Verbs) => Promise<number>,
  { besideDaemon = false } = {},
): Promise<number> {
  await mkdir(dirname(fleet.daemon.databaseFile), { recursive: true, mode: 0o700 });
  const lone = await openLone(
    fleet,
    { besideDaemon },
    { ...context, logger: silentLogger, version: version() },
    context.signal,
  );
  try {
    return await work({
      isDaemon: false,
      mayApply: !besideDaemon,
      async perform<Input, Output>(action: Action<Input, Output>, input: Partial<Input>) {
        const caller = { actor: actorOf(context), role: 'admin' as const };
        const { ports } = lone;
        const result = await perform(action, {
          input,
          caller,
          ports,
          onProgress: progress(context),
          signal: context.signal,
        });
        return result as Output;
      },
    });
  } finally {
    await lone.close();
  }
}

function actorOf({ surroundings }: CliContext): string {
  return `cli:${surroundings.user}`;
}

/** Progress is for somebody who watches; a pipe gets the result only. */
function progress({ terminal }: CliContext): ((line: string) => void) | undefined {
  return terminal.isInteractive ? (line) => terminal.err(terminal.style('dim', line)) : undefined;
}
