import { type DeviceLogLine, deviceLog } from '../../actions/device-log.ts';
import { sleep } from '../../lib/abort.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { type Verbs, withRecord, withVerbs } from '../verbs.ts';

interface LogOptions {
  readonly since?: string;
  readonly follow?: boolean;
}

const FOLLOW_MS = 1_000;

export const deviceLogCommand: AddCommand = (program, context, finish) => {
  program
    .command('device-log <device>')
    .description('what the macros on a device wrote to its log')
    .option(
      '--since <when>',
      'what the daemon recorded since then, such as 2h, or a time such as 2026-03-01T08:00:00Z',
    )
    .option('--follow', 'go on with what the daemon records, until you stop it')
    .addHelpText(
      'after',
      '\nWithout options the device is asked for the lines that it still holds. The daemon records the lines of devices for which the file names deviceMacros, at most 120 a minute and 1,000 characters each, while it keeps a session to them; they are kept as long as other events.\nWith --json --follow each line is one JSON document.',
    )
    .action(
      handler<LogOptions>(finish, (options, [name = '']) => {
        // Without a time the device itself is asked.
        const withThem = options.since === undefined ? withVerbs : withRecord;
        return withThem(options, context, (verbs) => show(verbs, name, options, context));
      }),
    );
};

async function show(
  verbs: Verbs,
  name: string,
  { since = null, follow = false, json }: GlobalOptions & { since?: string | null; follow?: boolean },
  context: CliContext,
): Promise<number> {
  const { terminal, clock } = context;
  if (follow && !verbs.isDaemon)
    throw new ExitError(
      EXIT.usage,
      '--follow needs a running daemon, which hears the lines: start it with `roomd run`',
    );
  const from = follow ? (since ?? new Date(clock.now()).toISOString()) : since;
  const log = await verbs.perform(deviceLog, { name, since: from });
  if (!follow) {
    if (json) terminal.out(JSON.stringify(log, null, 2));
    else for (const line of log.lines) terminal.out(textOf(line));
    if (!json && log.lines.length === 0)
      terminal.err(
        log.source === 'device' ? `The log of ${name} is empty.` : 'Nothing was recorded since then.',
      );
    return EXIT.ok;
  }
  const print = (line: DeviceLogLine): void => terminal.out(json ? JSON.stringify(line) : textOf(line));
  for (const line of log.lines) print(line);
  await goOn(verbs, { name, since: from, after: log.lines.at(-1)?.seq ?? 0, print }, context);
  return EXIT.ok;
}

async function goOn(
  verbs: Verbs,
  {
    name,
    since,
    after,
    print,
  }: { name: string; since: string | null; after: number; print: (line: DeviceLogLine) => void },
  { clock, signal }: CliContext,
): Promise<void> {
  let last = after;
  while (!signal.aborted) {
    try {
      await sleep(FOLLOW_MS, clock, { signal });
      const { lines } = await verbs.perform(deviceLog, { name, since, after: last });
      for (const line of lines) print(line);
      last = lines.at(-1)?.seq ?? last;
    } catch (error) {
      // Somebody stopped it, which is how it ends.
      if (signal.aborted) return;
      throw error;
    }
  }
}

function textOf({ at, receivedAt, level, macro, message, leftOut }: DeviceLogLine): string {
  const missing = leftOut === 0 ? '' : `(${leftOut} lines before this were too many and not kept) `;
  return `${at ?? receivedAt ?? ''}  ${level.padEnd(5)}  ${macro}  ${missing}${message}`;
}
