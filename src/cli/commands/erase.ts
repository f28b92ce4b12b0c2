import { countErased, type Erased, eraseRecords } from '../../actions/erase.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { refuseBeside, type Verbs, withRecord } from '../verbs.ts';

interface EraseOptions {
  readonly day?: string;
  readonly before?: string;
  readonly yes?: boolean;
}

export const eraseCommand: AddCommand = (program, context, finish) => {
  program
    .command('erase <device>')
    .description('erase what was recorded of a device: all of it, one day, or all before a time')
    .option('--day <day>', "one day, such as 2026-03-01, by the device's own clock")
    .option(
      '--before <when>',
      'all before: how long ago, such as 90d, or a time such as 2026-03-01T08:00:00Z',
    )
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .addHelpText(
      'after',
      '\nErases events, presence, people counts, calls, bookings, sensors, spans and the utilisation made of them; works\nwhile the daemon runs. Approvals, writes, runs, alerts and maintenance stay, and that something was erased stays on record. Backups of the database are not touched.',
    )
    .action(
      handler<EraseOptions>(finish, (options, [name = '']) => {
        if (!options.yes) refuseUnasked(options, context);
        // By a broken file the zone of the device may be another, and so its days.
        const how = { brokenFile: 'refused' } as const;
        return withRecord(options, context, (verbs) => run(verbs, name, options, context), how);
      }),
    );
};

function refuseUnasked({ json }: GlobalOptions, { terminal }: CliContext): void {
  if (json) throw new ExitError(EXIT.usage, 'with --json nobody is asked: give --yes');
  if (!terminal.isInteractive)
    throw new ExitError(EXIT.usage, 'there is no terminal to ask on: give --yes once you are sure');
}

async function run(
  verbs: Verbs,
  name: string,
  { day, before, yes, json }: GlobalOptions & EraseOptions,
  { terminal, signal }: CliContext,
): Promise<number> {
  refuseBeside(eraseRecords, verbs.otherFile);
  const input = { name, day: day ?? null, before: before ?? null };
  if (!yes) {
    for (const line of lines(await verbs.perform(countErased, input), 'There are')) terminal.out(line);
    if (!(await terminal.confirm('Erase them? There is no way back.', signal))) {
      terminal.out('Nothing was erased.');
      return EXIT.pending;
    }
  }
  const erased = await verbs.perform(eraseRecords, input);
  if (json) terminal.out(JSON.stringify(erased, null, 2));
  else for (const line of lines(erased, 'Erased')) terminal.out(line);
  return EXIT.ok;
}

const NOUNS: Readonly<Record<keyof Erased['rows'], string>> = {
  event: 'events',
  presence: 'intervals of presence',
  call: 'calls',
  booking: 'bookings',
  span: 'spans',
  measurement: 'values of sensors',
  measurement_hour: 'hours of sensors',
  people_count: 'people counts',
  utilisation: 'hours and quarters of utilisation',
};

function lines({ device, from, to, rows }: Erased, verb: string): string[] {
  const when = from === null ? (to === null ? 'in all' : `before ${to}`) : `from ${from} to ${to ?? 'now'}`;
  const counts = Object.entries(rows).map(
    ([kind, count]) => `  ${NOUNS[kind as keyof typeof NOUNS]}: ${count}`,
  );
  return [`${verb} of ${device}, ${when}:`, ...counts];
}
