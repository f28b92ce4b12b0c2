import { noDevice } from '../../actions/no-device.ts';
import { parseListen } from '../../http/server.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { loadFile, requireFleet } from '../fleet-file.ts';

export const openCommand: AddCommand = (program, context, finish) => {
  program
    .command('open [device]')
    .description('show the dashboard in the browser, or the page of a device')
    .option('--print', 'only print the address')
    .addHelpText(
      'after',
      '\nThe dashboard is served by `roomd run` on daemon.listen. Where there is no screen the address is printed.\nSign in with a token (roomd token create NAME --role viewer) or as a user (roomd user create NAME).',
    )
    .action(handler<{ print?: boolean }>(finish, (options, [device]) => open(device, options, context)));
};

async function open(
  device: string | undefined,
  options: GlobalOptions & { print?: boolean },
  context: CliContext,
): Promise<number> {
  const { terminal } = context;
  const fleet = requireFleet(await loadFile(options, context, { missingSecrets: 'warning' }), context);
  if (device !== undefined && !fleet.devices.some(({ name }) => name === device))
    throw noDevice({ fleet: () => fleet }, device);
  const address = dashboardAddress(fleet.daemon.listen, device);
  const isShown = !options.print && !options.json && (await terminal.browse?.(address)) === true;
  if (options.json) terminal.out(JSON.stringify({ address, opened: isShown }));
  else terminal.out(isShown ? `Opened ${address}` : address);
  if (!options.json && !options.print)
    terminal.err(
      'Sign in with a token (roomd token create NAME --role viewer) or as a user (roomd user create NAME). It answers while `roomd run` runs.',
    );
  return EXIT.ok;
}

/** @throws ExitError where any free port is listened on, so that nobody can know which */
function dashboardAddress(listen: string, device: string | undefined): string {
  const { host, port } = parseListen(listen);
  if (port === 0)
    throw new ExitError(EXIT.failed, 'daemon.listen names no port; the log of roomd run says which it took');
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/${device === undefined ? '' : `devices/${encodeURIComponent(device)}`}`;
}
