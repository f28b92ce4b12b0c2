import { listHolds, placeHold, releaseHold, type ShownHold } from '../../actions/hold.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { withRecord, withVerbs } from '../verbs.ts';

interface HoldOptions {
  readonly devices?: string;
  readonly reason?: string;
  readonly release?: boolean;
  readonly all?: boolean;
  readonly list?: boolean;
}

export const holdCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('hold')
    .description('stop every write and every macro at once, for the whole fleet or for a selector')
    .option('-d, --devices <selector>', 'only these')
    .option('--reason <text>', 'what people read who wonder why')
    .option('--release', 'release the hold with this selector (the one over the fleet without --devices)')
    .option('--all', 'with --release: every hold')
    .option('--list', 'show the holds in force')
    .addHelpText(
      'after',
      '\nFor example: roomd hold -d site=oslo --reason "board meeting", and afterwards: roomd hold -d site=oslo --release\nA hold stands over restarts until it is released. Reading and recording go on.',
    )
    .action(
      handler<HoldOptions>(finish, (options) =>
        (options.list ? withRecord : withVerbs)(options, context, async (verbs) => {
          const items = await holds();
          if (options.json) terminal.out(JSON.stringify({ items }, null, 2));
          else for (const line of linesOf(items, options)) terminal.out(line);
          return EXIT.ok;

          async function holds(): Promise<readonly ShownHold[]> {
            const devices = options.devices ?? null;
            if (options.list) return (await verbs.perform(listHolds, {})).items;
            if (options.release)
              return (await verbs.perform(releaseHold, { devices, every: options.all ?? false })).items;
            const reason = options.reason === undefined ? {} : { reason: options.reason };
            return [await verbs.perform(placeHold, { devices, ...reason })];
          }
        }),
      ),
    );
};

function linesOf(items: readonly ShownHold[], { release, list }: HoldOptions): string[] {
  if (items.length === 0) return [release ? 'There was no such hold.' : 'Nothing is held.'];
  const verb = release ? 'Released' : list ? 'Held' : 'Held from now on';
  return items.map(
    ({ devices, reason, actor, since }) =>
      `${verb}: ${devices ?? 'the whole fleet'} (${reason}; by ${actor}, since ${since})`,
  );
}
