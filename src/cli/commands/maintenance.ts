import {
  endMaintenance,
  listMaintenance,
  type ShownMaintenance,
  startMaintenance,
} from '../../actions/maintenance.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { withRecord, withVerbs } from '../verbs.ts';

interface StartOptions {
  readonly devices: string;
  readonly for?: string;
  readonly until?: string;
  readonly reason?: string;
}

export const maintenanceCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  const maintenance = program
    .command('maintenance')
    .description('record the alerts of some devices for a while and send none')
    .addHelpText(
      'after',
      '\nIt silences alerts and nothing else: roomd goes on reading, and writes as ever. What stops writes is `roomd hold`.\nWhat still is wrong at its end is told then. Maintenance that recurs belongs into the file: alerts.maintenance.',
    );
  const print = (items: readonly ShownMaintenance[], json: boolean, empty: string): number => {
    if (json) terminal.out(JSON.stringify({ items }, null, 2));
    else if (items.length === 0) terminal.out(empty);
    else for (const one of items) terminal.out(lineOf(one));
    return EXIT.ok;
  };
  maintenance
    .command('start')
    .description('begin one now')
    .requiredOption(
      '-d, --devices <selector>',
      'for which devices, such as site=oslo; all for the whole fleet',
    )
    .option('--for <time>', 'how long, such as 2h')
    .option('--until <time>', 'its end instead, such as 2026-03-01T08:00:00Z')
    .option('--reason <text>', 'what people read who wonder why')
    .action(
      handler<StartOptions>(finish, (options) =>
        withVerbs(options, context, async (verbs) => {
          const { devices, until = null, for: length = null, reason } = options;
          const begun = await verbs.perform(startMaintenance, {
            devices,
            until,
            for: length,
            ...(reason === undefined ? {} : { reason }),
          });
          return print([begun], options.json, '');
        }),
      ),
    );
  maintenance
    .command('end')
    .description('end it before its time; what still is wrong is told now')
    .option('-d, --devices <selector>', 'the one with this selector; every one begun by hand without it')
    .action(
      handler<{ devices?: string }>(finish, (options) =>
        withVerbs(options, context, async (verbs) => {
          const { items } = await verbs.perform(endMaintenance, { devices: options.devices ?? null });
          return print(items, options.json, 'There was no such maintenance.');
        }),
      ),
    );
  maintenance
    .command('list', { isDefault: true })
    .description('those that hold now')
    .option('--all', 'also those that are over')
    .action(
      handler<{ all?: boolean }>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const { items } = await verbs.perform(listMaintenance, { all: options.all ?? false });
          return print(items, options.json, 'Nothing is in maintenance.');
        }),
      ),
    );
};

function lineOf({ devices, reason, actor, until, endedAt, endedBy }: ShownMaintenance): string {
  if (endedAt !== null)
    return `Maintenance ended at ${endedAt} by ${endedBy}: ${devices} (${reason}; by ${actor})`;
  return `In maintenance: ${devices} (${reason}; by ${actor}, until ${until})`;
}
