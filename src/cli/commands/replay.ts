import { replay } from '../../actions/replay.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { count } from '../terminal.ts';
import { refuseBeside, withRecord } from '../verbs.ts';

export const replayCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('replay [device]')
    .description('make presence, calls, bookings, sensors and spans again from the events that are kept')
    .option('--since <when>', 'how far back, such as 7d, or a time; all that is kept without it')
    .addHelpText(
      'after',
      '\nSafe while the daemon runs, and harmless: the same events make the same records. What older events told,\nwhich are no longer kept, stays as it is.',
    )
    .action(
      handler<{ since?: string }>(finish, (options, [device]) =>
        withRecord(options, context, async (verbs) => {
          refuseBeside(replay, verbs.otherFile);
          const { since = null } = options;
          const output = await verbs.perform(replay, { device: device ?? null, since });
          if (options.json) terminal.out(JSON.stringify(output, null, 2));
          else terminal.out(`The records of ${count(output.devices, 'device')} were made again.`);
          return EXIT.ok;
        }),
      ),
    );
};
