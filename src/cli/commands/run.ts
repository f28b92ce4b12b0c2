import type { Daemon } from '../../daemon/daemon.ts';
import { NoFleetError, openDaemon, rootLogger } from '../../daemon/start.ts';
import { Systemd } from '../../daemon/systemd.ts';
import { formatProblem } from '../../fleet/problem.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { fleetPath, overridesOf } from '../fleet-file.ts';
import { untilAborted } from '../until-aborted.ts';
import { version } from '../version.ts';

/** After the first signal the daemon has this long to end sessions and flush what it holds. */
const STOP_WITHIN_MS = 20_000;

export const runCommand: AddCommand = (program, context, finish) => {
  program
    .command('run')
    .description('the daemon: keeps sessions, records presence, corrects drift, runs macros, serves the API')
    .addHelpText(
      'after',
      '\nSIGTERM or SIGINT ends it in order, a second one at once; SIGHUP reads the file again. Saved changes of the file are noticed by themselves.\nLogs are JSON lines on standard output; ROOMD_LOG_LEVEL sets how many.',
    )
    .action(handler(finish, (options) => runDaemon(options, context)));
};

async function runDaemon(options: GlobalOptions, context: CliContext): Promise<number> {
  const { surroundings, clock, random, newId, signal } = context;
  const logger = rootLogger(surroundings.logLevel, clock);
  const source = {
    file: fleetPath(options, context.workingDirectory),
    overrides: overridesOf(options),
    secrets: surroundings.secrets,
  };
  try {
    const daemon = await openDaemon(source, version(), { clock, random, newId, logger }, signal);
    return await runUntilAsked(daemon, context, logger);
  } catch (error) {
    // Asked to end before it had begun: it ended in order.
    if (signal.aborted) return EXIT.ok;
    if (error instanceof NoFleetError) {
      for (const problem of error.problems) context.terminal.err(formatProblem(problem));
      throw new ExitError(EXIT.invalidFleet, error.message, { problems: error.problems });
    }
    logger.error({ error: messageOf(error) }, 'roomd cannot run');
    throw error;
  }
}

async function runUntilAsked(daemon: Daemon, context: CliContext, logger: Logger): Promise<number> {
  const { surroundings, clock, signal } = context;
  const systemd = new Systemd(surroundings, { clock, logger });
  const onHangup = (): void => daemon.reloadByItself();
  process.on('SIGHUP', onHangup);
  try {
    await daemon.start(signal);
    logger.info({ url: daemon.url }, 'roomd runs');
    await systemd.ready(`API at ${daemon.url}`, () => daemon.isAlive());
    const death = await Promise.race([daemon.died, untilAborted(signal).then(() => null)]);
    if (death === null) return EXIT.ok;
    logger.error(
      { error: death.message },
      'The database has died in this process; roomd ends to be started anew',
    );
    return EXIT.failed;
  } finally {
    process.off('SIGHUP', onHangup);
    logger.info({ reason: signal.aborted ? messageOf(signal.reason) : 'a failure' }, 'roomd stops');
    await systemd.stopping();
    const overdue = clock.after(STOP_WITHIN_MS, () => {
      logger.error({}, 'roomd did not stop in time and is ended');
      process.kill(process.pid, 'SIGKILL');
    });
    await daemon.stop();
    overdue();
    logger.info({}, 'roomd has stopped');
  }
}
