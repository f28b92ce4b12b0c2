import { explain, formatExplanation } from '../../fleet/explain.ts';
import { didYouMean } from '../../lib/suggest.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { loadFile, requireFleet } from '../fleet-file.ts';

export const explainCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('explain <device> [path]')
    .description('where a setting comes from: the layer that won and every one that lost, with file and line')
    .addHelpText(
      'after',
      '\nFor example: roomd explain boardroom-1 Standby.Delay. Without a path it explains every setting of the device.',
    )
    .action(
      handler(finish, async (options, [name = '', path]) => {
        const fleet = requireFleet(await loadFile(options, context, { missingSecrets: 'warning' }), context);
        const device = fleet.devices.find((candidate) => candidate.name === name);
        if (device === undefined) {
          const names = fleet.devices.map((candidate) => candidate.name);
          throw new ExitError(EXIT.usage, `no device is called "${name}".${didYouMean(name, names)}`);
        }
        const rows = explain(device, path);
        if (options.json) terminal.out(JSON.stringify({ device: name, settings: rows }, null, 2));
        else if (rows.length > 0) terminal.out(formatExplanation(rows));
        else
          terminal.out(
            `The file says nothing of ${path ?? 'any setting'} for ${name}; roomd leaves it alone.${didYouMean(path ?? '', device.configuration.keys())}`,
          );
        return EXIT.ok;
      }),
    );
};
