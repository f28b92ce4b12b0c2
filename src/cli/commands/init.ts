import { writeFile } from 'node:fs/promises';
import { FLEET_TEMPLATE } from '../../fleet/template.ts';
import { messageOf } from '../../lib/errors.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { fleetPath } from '../fleet-file.ts';

export const initCommand: AddCommand = (program, { terminal, workingDirectory }, finish) => {
  program
    .command('init')
    .description('write a commented fleet.yaml to start from; never overwrites one')
    .addHelpText(
      'after',
      '\nWhere to: --fleet FILE, fleet.yaml in this folder without it. The comments in the file say what each part is for.',
    )
    .action(
      handler(finish, async (options) => {
        const path = fleetPath(options, workingDirectory);
        try {
          await writeFile(path, FLEET_TEMPLATE, { flag: 'wx' });
        } catch (error) {
          const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
          throw new ExitError(
            EXIT.failed,
            exists
              ? `${path} exists already; nothing was changed`
              : `${path} cannot be written: ${messageOf(error)}`,
          );
        }
        if (options.json) terminal.out(JSON.stringify({ written: path }));
        else terminal.out(`Wrote ${path}. Put your devices and credentials in, then run: roomd validate`);
        return EXIT.ok;
      }),
    );
};
