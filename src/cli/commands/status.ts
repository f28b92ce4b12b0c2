import { listDevices } from '../../actions/devices.ts';
import { type ShownDevice } from '../../actions/shown-device.ts';
import { type ShownSystem, system } from '../../actions/system.ts';
import { countWithin } from '../../feedback/presence.ts';
import { WARN_BEFORE_DAYS } from '../../fleet/certificate-facts.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { count, type Terminal, table } from '../terminal.ts';
import { asItWas, withRecord } from '../verbs.ts';

export const statusCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('status')
    .description('how every device stands: session, drift, slot, presence')
    .option('-d, --devices <selector>', 'only these')
    .addHelpText(
      'after',
      '\nAsks the running daemon. While none runs it shows what is on record and contacts no device.\nExit code 0, however the devices do: look at `roomd plan` or `roomd doctor` for a verdict.',
    )
    .action(
      handler<{ devices?: string }>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const state = await verbs.perform(system, {});
          const devices: ShownDevice[] = [];
          let cursor: string | null = null;
          do {
            const page: Awaited<ReturnType<typeof listDevices.run>> = await verbs.perform(listDevices, {
              devices: options.devices ?? null,
              cursor,
            });
            devices.push(...page.items);
            cursor = page.nextCursor;
          } while (cursor !== null);
          if (options.json)
            terminal.out(JSON.stringify({ daemon: verbs.isDaemon, system: state, devices }, null, 2));
          else
            for (const line of lines({ isDaemon: verbs.isDaemon, state, devices }, terminal))
              terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
};

function lines(
  { isDaemon, state, devices }: { isDaemon: boolean; state: ShownSystem; devices: readonly ShownDevice[] },
  terminal: Terminal,
): string[] {
  const { style } = terminal;
  const head = isDaemon
    ? `roomd ${state.version}, mode ${state.mode}, running since ${state.startedAt}`
    : `No daemon runs on this database; ${state.aliveAt === null ? 'what follows is what is on record.' : asItWas(state.aliveAt)}`;
  return [
    head,
    ...(state.safeMode
      ? [
          style(
            'red',
            'Safe mode: the fleet file is broken; the last good one is in force and nothing is written.',
          ),
        ]
      : []),
    ...(state.pending
      ? [
          style(
            'yellow',
            state.revision === null
              ? 'Nothing was approved yet: look at `roomd plan`, then `roomd apply`.'
              : 'The file differs from what was last approved: look at `roomd plan`, then `roomd apply`.',
          ),
        ]
      : []),
    ...state.holds.map(({ devices, reason, actor }) =>
      style('yellow', `Held: ${devices ?? 'the whole fleet'} (${reason}; by ${actor})`),
    ),
    ...passphraseLines(devices).map((line) => style('yellow', line)),
    ...state.health
      .filter(({ ok }) => !ok)
      .map(({ part, reason }) => style('red', `${part}: ${reason ?? 'not well'}`)),
    '',
    ...table(
      [['DEVICE', 'SESSION', 'CONFIGURATION', 'SLOT', 'PRESENCE', 'NOTE'], ...devices.map(row)],
      terminal.columns,
    ),
    '',
    ...fightLines(devices, terminal),
    `${count(devices.length, 'device')}: ${devices.filter(({ session }) => session.state === 'up' || session.state === 'up-https').length} up`,
  ];
}

/** How far devices have come whose passphrase the file wants changed; one of which nothing is known has come nowhere. */
export function passphraseLines(devices: readonly Pick<ShownDevice, 'accepts'>[]): string[] {
  const changing = devices.filter(({ accepts }) => accepts !== null);
  if (changing.length === 0) return [];
  const next = changing.filter(({ accepts }) => accepts === 'next').length;
  return [
    `Passphrases: ${next} of ${count(changing.length, 'device')} are known to accept next; roomd rotate status says what to do.`,
  ];
}

function row(device: ShownDevice): string[] {
  const { name, session, drift, slot, presence, configuration } = device;
  const people =
    countWithin(presence.state, presence.count) === null
      ? presence.state
      : `${presence.state} (${presence.count})`;
  const differs = drift === null ? 'not looked at' : drift === 0 ? configuration.state : `${drift} differ`;
  // What was seen before says nothing of a device that cannot be looked at.
  const isSeen = session.state === 'up' || session.state === 'up-https' || session.state === 'idle';
  const configured = isSeen || drift === null ? differs : 'not known';
  return [name, session.word, configured, slot.state, people, noteOf(device)];
}

function noteOf(device: ShownDevice): string {
  const { accepts, session, configuration, slot, held, retired, certificate, maintenance, heldBackSince } =
    device;
  if (retired !== null) return `retired since ${retired.since.slice(0, 10)} by ${retired.by}`;
  const passphrase = accepts === 'password' ? 'accepts the old passphrase' : '';
  return [
    maintenance === null ? '' : `in maintenance (${maintenance.reason})`,
    session.reason ??
      configuration.waiting ??
      configuration.reason ??
      configuration.problems[0]?.message ??
      (slot.state === 'failed' ? slot.reason : null) ??
      held ??
      (heldBackSince === null ? null : 'posts too fast and is answered late') ??
      (passphrase || expiryNote(certificate)),
  ]
    .filter((note) => note !== '')
    .join('; ');
}

/** Settings that something else keeps changing back, with the last word of either side. */
function fightLines(devices: readonly ShownDevice[], terminal: Terminal): string[] {
  const rows = devices.flatMap(({ name, fights }) =>
    fights.map(({ path, ours, theirs, since, flips }) => [
      name,
      path,
      `"${ours}"`,
      `"${theirs}"`,
      since,
      flips.findLast(({ write }) => write === null)?.at ?? since,
      String(flips.length),
    ]),
  );
  if (rows.length === 0) return [];
  return [
    terminal.style(
      'yellow',
      `${rows.length === 1 ? 'A setting is' : `${rows.length} settings are`} fought over: something else changes back what roomd writes, so roomd leaves it alone.`,
    ),
    ...table(
      [['DEVICE', 'SETTING', 'ROOMD', 'THE OTHER', 'SINCE', 'LAST CHANGED', 'FLIPS'], ...rows],
      terminal.columns,
    ),
    '',
  ];
}

function expiryNote(certificate: ShownDevice['certificate']): string {
  if (certificate === null || certificate.daysLeft > WARN_BEFORE_DAYS) return '';
  const { daysLeft, validTo } = certificate;
  return daysLeft > 0
    ? `its certificate expires in ${count(daysLeft, 'day')}`
    : `its certificate expired on ${validTo.slice(0, 10)}`;
}
