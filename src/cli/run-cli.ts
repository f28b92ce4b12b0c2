import { Command, CommanderError, Option } from 'commander';
import { messageOf, RoomdError } from '../lib/errors.ts';
import type { AddCommand } from './command.ts';
import { adoptCommand } from './commands/adopt.ts';
import { alertsCommand } from './commands/alerts.ts';
import { applyCommand } from './commands/apply.ts';
import { backupCommand } from './commands/backup.ts';
import { bookingsCommand } from './commands/bookings.ts';
import { callsCommand } from './commands/calls.ts';
import { completionCommand } from './commands/completion.ts';
import { conformanceCommand } from './commands/conformance.ts';
import { dbCommand } from './commands/db.ts';
import { demoCommand } from './commands/demo.ts';
import { deviceLogCommand } from './commands/device-log.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eraseCommand } from './commands/erase.ts';
import { explainCommand } from './commands/explain.ts';
import { exportCommand } from './commands/export.ts';
import { historyCommand } from './commands/history.ts';
import { holdCommand } from './commands/hold.ts';
import { initCommand } from './commands/init.ts';
import { inventoryCommand } from './commands/inventory.ts';
import { lintCommand } from './commands/lint.ts';
import { macroCommand } from './commands/macro.ts';
import { maintenanceCommand } from './commands/maintenance.ts';
import { nowCommand } from './commands/now.ts';
import { openCommand } from './commands/open.ts';
import { planCommand } from './commands/plan.ts';
import { replaceCommand } from './commands/replace.ts';
import { replayCommand } from './commands/replay.ts';
import { restoreCommand } from './commands/restore.ts';
import { retireCommand } from './commands/retire.ts';
import { rolloutCommand } from './commands/rollout.ts';
import { roomCommand } from './commands/room.ts';
import { rotateCommand } from './commands/rotate.ts';
import { runCommand } from './commands/run.ts';
import { schemaCommand } from './commands/schema.ts';
import { sensorsCommand } from './commands/sensors.ts';
import { serviceCommand } from './commands/service.ts';
import { sessionsCommand } from './commands/sessions.ts';
import { simulateCommand } from './commands/simulate.ts';
import { slotsCommand } from './commands/slots.ts';
import { spansCommand } from './commands/spans.ts';
import { statusCommand } from './commands/status.ts';
import { timelineCommand } from './commands/timeline.ts';
import { tokenCommand } from './commands/token.ts';
import { trustCommand } from './commands/trust.ts';
import { upgradeCommand } from './commands/upgrade.ts';
import { userCommand } from './commands/user.ts';
import { utilisationCommand } from './commands/utilisation.ts';
import { validateCommand } from './commands/validate.ts';
import { webexCommand } from './commands/webex.ts';
import type { CliContext } from './context.ts';
import { EXIT, type ExitCode, ExitError } from './exit-code.ts';
import { usageLines } from './usage-error.ts';
import { version } from './version.ts';

/** In the order of a day with roomd; help lists them so. */
const GROUPS: Readonly<Record<string, readonly AddCommand[]>> = {
  'To begin:': [initCommand, adoptCommand, validateCommand, doctorCommand, demoCommand, simulateCommand],
  'What the rooms are to be:': [
    lintCommand,
    explainCommand,
    planCommand,
    applyCommand,
    rolloutCommand,
    upgradeCommand,
    rotateCommand,
    holdCommand,
    historyCommand,
    diffCommand,
    backupCommand,
    restoreCommand,
  ],
  'How the rooms are now:': [
    nowCommand,
    statusCommand,
    openCommand,
    alertsCommand,
    maintenanceCommand,
    sessionsCommand,
    slotsCommand,
  ],
  'What happened in the rooms:': [
    timelineCommand,
    utilisationCommand,
    callsCommand,
    bookingsCommand,
    sensorsCommand,
    spansCommand,
    deviceLogCommand,
    exportCommand,
    eraseCommand,
    replayCommand,
  ],
  'Chores, and deeds by hand:': [macroCommand, roomCommand, webexCommand],
  'Devices that come and go:': [
    inventoryCommand,
    trustCommand,
    replaceCommand,
    retireCommand,
    conformanceCommand,
  ],
  'The daemon and its tools:': [
    runCommand,
    serviceCommand,
    tokenCommand,
    userCommand,
    dbCommand,
    schemaCommand,
    completionCommand,
  ],
};

const EPILOGUE = `
A first quarter of an hour:
  roomd init            write a commented fleet.yaml, then put your devices in
  roomd validate        is the file right? nothing is contacted
  roomd plan            what differs on the devices? nothing is written
  roomd apply           write it, read it back, say what is proven
  roomd run             the daemon: sessions, presence, macros, API

Without devices at hand: roomd demo

Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 changes pending or partly applied, 4 invalid fleet file.
With --json standard output holds one JSON document; of a command that failed it is {"error":{"code","message"}}.
The options above may stand before the command or behind it.`;

/** Runs one command line and answers its exit code; prints every failure as a sentence. */
export async function runCli(argv: readonly string[], given: CliContext): Promise<number> {
  const context = argv.includes('--json') ? withoutProgress(given) : given;
  let exitCode: number = EXIT.ok;
  const program = commandTree(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return fail(error, { program, argv, context });
  }
}

/** Every command with its options, before anything is parsed. */
export function commandTree(context: CliContext, finish: (code: number) => void): Command {
  const program = new Command('roomd')
    .description('Keeps meeting-room video devices as a YAML file says, proves it, and does their chores.')
    .version(version())
    .addOption(new Option('-f, --fleet <file>', 'the fleet file').default('fleet.yaml'))
    .option('--json', 'print one JSON document instead of text')
    .option('--color', 'colours, also where no terminal shows them')
    .option('--no-color', 'no colours')
    .optionsGroup('In place of what the file says of the daemon:')
    .addOption(new Option('--listen <host:port>', 'where API and dashboard are served'))
    .addOption(new Option('--feedback-listen <host:port>', 'where webhooks of devices are taken'))
    .addOption(new Option('--public-url <url>', 'the address that devices post to'))
    .addOption(new Option('--database <url>', 'where its state is: sqlite:PATH'))
    .addOption(new Option('--mode <mode>', 'what it may write by itself').choices(['observe', 'enforce']))
    .addHelpText('after', EPILOGUE)
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({
      // What is wrong is told at the end, with more than commander knows.
      outputError: () => undefined,
      writeOut: (text) => context.terminal.out(text.trimEnd()),
      writeErr: (text) => context.terminal.err(text.trimEnd()),
    })
    .exitOverride();
  program.addHelpCommand(
    new Command('help')
      .argument('[command]')
      .description('what a command does, and its options')
      .helpGroup('To begin:'),
  );
  for (const [heading, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, context, finish);
  }
  for (const command of program.commands) shareOptions(command, program);
  return program;
}

/** `explain <device> [path]`: nearly every command has options, its own help names them. */
function termOf(command: Command): string {
  return `${command.name()} ${command.usage().replace(/\[(options|command)\] ?/g, '')}`.trim();
}

/** Whoever asks for a document is a program. */
function withoutProgress(context: CliContext): CliContext {
  const { progress: _unused, ...terminal } = context.terminal;
  return { ...context, terminal };
}

/** Global options may stand before or behind the command's name. */
function shareOptions(command: Command, program: Command): void {
  command.exitOverride().copyInheritedSettings(program);
  for (const nested of command.commands) shareOptions(nested, program);
  if (command.commands.length > 0) {
    command.helpCommand(false);
    return;
  }
  command.addHelpText(
    'after',
    '\n--fleet, --json and the other options of roomd itself may stand here, too: roomd --help',
  );
  for (const option of program.options) {
    if (option.long === '--version' || command.options.some(({ long }) => long === option.long)) continue;
    const shared = new Option(option.flags, option.description).hideHelp();
    if (option.argChoices !== undefined) shared.choices(option.argChoices);
    command.addOption(shared);
  }
}

interface Failed {
  readonly program: Command;
  readonly argv: readonly string[];
  readonly context: CliContext;
}

/**
 * Ends a failed command: a sentence on standard error, and with `--json` one
 * document `{"error":{"code","message"}}` on standard output.
 */
function fail(error: unknown, { program, argv, context }: Failed): number {
  const { terminal } = context;
  const { exitCode, code, message } = failureOf(error, context);
  if (exitCode === EXIT.ok) return exitCode;
  const lines = error instanceof CommanderError ? usageLines(error, program, argv) : [`roomd: ${message}`];
  for (const line of lines) terminal.err(line);
  const details = error instanceof ExitError ? error.details : {};
  const told = error instanceof CommanderError ? (lines[0] ?? message).replace(/^error: /, '') : message;
  if (argv.includes('--json')) terminal.out(JSON.stringify({ error: { code, message: told, ...details } }));
  return exitCode;
}

function failureOf(
  error: unknown,
  { signal }: CliContext,
): { exitCode: number; code: string; message: string } {
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage, code: 'usage', message: error.message };
  }
  const message = messageOf(error);
  if (error instanceof ExitError) return { exitCode: error.exitCode, code: CODES[error.exitCode], message };
  if (signal.aborted) return { exitCode: EXIT.failed, code: 'stopped', message: messageOf(signal.reason) };
  if (!(error instanceof RoomdError)) return { exitCode: EXIT.failed, code: 'internal', message };
  const isUsage = error.code === 'bad-input' || error.code === 'not-found';
  return { exitCode: isUsage ? EXIT.usage : EXIT.failed, code: error.code, message };
}

const CODES: Readonly<Record<ExitCode, string>> = {
  [EXIT.ok]: 'ok',
  [EXIT.failed]: 'failed',
  [EXIT.usage]: 'usage',
  [EXIT.pending]: 'pending',
  [EXIT.invalidFleet]: 'fleet-invalid',
};
