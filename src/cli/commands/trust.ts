import { trust } from '../../actions/trust.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { withVerbs } from '../verbs.ts';

interface TrustOptions {
  readonly certificate?: boolean;
  readonly serial?: boolean;
  readonly retryLogin?: boolean;
}

export const trustCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('trust <device>')
    .description('vouch for what a device shows now')
    .option('--certificate', 'accept the certificate of the next contact, after it changed')
    .option('--serial', 'bind to the serial number of the next contact, after a unit was swapped')
    .option(
      '--retry-login',
      'try a refused password once more (RoomOS 26 locks an account after five failures)',
    )
    .addHelpText(
      'after',
      '\nSee first what is there: `roomd doctor -d DEVICE` says which certificate or serial number the device shows.',
    )
    .action(
      handler<TrustOptions>(finish, (options, [name = '']) =>
        withVerbs(options, context, async (verbs) => {
          const { certificate = false, serial = false, retryLogin = false } = options;
          if (!certificate && !serial && !retryLogin)
            throw new ExitError(EXIT.usage, 'say what to trust: --certificate, --serial or --retry-login');
          const device = await verbs.perform(trust, { name, certificate, serial, retryLogin });
          if (options.json) terminal.out(JSON.stringify(device, null, 2));
          else
            terminal.out(
              `${name}: the next contact ${[
                ...(certificate ? ['records its certificate'] : []),
                ...(serial ? ['binds it to its serial number'] : []),
                ...(retryLogin ? ['tries its password once'] : []),
              ].join(', ')}.`,
            );
          return EXIT.ok;
        }),
      ),
    );
};
