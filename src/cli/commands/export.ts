import { Argument, Option } from 'commander';
import { EXPORTED, exportRecords } from '../../actions/export.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { printRows } from '../print-rows.ts';
import { withRecord } from '../verbs.ts';

interface ExportOptions {
  readonly devices?: string;
  readonly since?: string;
  readonly until?: string;
  readonly format: 'csv' | 'jsonl';
}

export const exportCommand: AddCommand = (program, context, finish) => {
  program
    .command('export')
    .description('presence, calls, bookings or hourly utilisation as CSV or JSON Lines, for other programs')
    .addArgument(new Argument('<kind>', 'what to export').choices(EXPORTED))
    .option('-d, --devices <selector>', 'only these')
    .option('--since <when>', 'how far back, such as 30d, or a day or time such as 2026-03-01; 7d without it')
    .option('--until <when>', 'up to when, in the same form; now without it')
    .addOption(
      new Option('--format <format>', 'csv, or jsonl: one JSON object a line')
        .choices(['csv', 'jsonl'])
        .default('csv'),
    )
    .addHelpText(
      'after',
      '\nPrints to standard output as it reads, so that any length of time can be exported:\n  roomd export presence --since 400d > presence.csv\nIn CSV a text that begins with = + - @ has an apostrophe in front, so that no spreadsheet runs it.',
    )
    .action(
      handler<ExportOptions>(finish, ({ devices = null, since, until = null, ...options }, [kind]) =>
        withRecord(options, context, async (verbs) => {
          const input = {
            // Commander takes no other word.
            kind: kind as (typeof EXPORTED)[number],
            devices,
            until,
            ...(since === undefined ? {} : { since }),
          };
          const format = options.json ? 'json' : options.format;
          await printRows(verbs, { action: exportRecords, input, format }, context.terminal);
          return EXIT.ok;
        }),
      ),
    );
};
