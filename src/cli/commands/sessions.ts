import { deviceSessions, listSessions, type SessionPast, type ShownSession } from '../../actions/sessions.ts';
import { formatDuration } from '../../fleet/duration.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { count, type Terminal, table, tally } from '../terminal.ts';
import { tellAge, withRecord } from '../verbs.ts';

export const sessionsCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('sessions [device]')
    .description('how the session of every device stands and why; of one device also how it stood')
    .option('-d, --devices <selector>', 'only these')
    .option('--since <when>', 'of one device: from when, such as 12h or 7d, or a time', '7d')
    .addHelpText(
      'after',
      '\nThe words: up; degraded (up, and something of it does not work); connecting; unreachable; refused (the login); certificate-changed; swapped (another unit answers); in-maintenance; off (roomd keeps none).\nAvailability is the part of the known time in which the session was up, if only in part; while roomd did not run nothing is known.',
    )
    .action(
      handler<{ devices?: string; since: string }>(finish, (options, [device]) =>
        withRecord(options, context, async (verbs) => {
          await tellAge(verbs, context);
          if (device === undefined) {
            const list = await verbs.perform(listSessions, { devices: options.devices ?? null });
            if (options.json) terminal.out(JSON.stringify(list, null, 2));
            else for (const line of listLines(list.items, terminal)) terminal.out(line);
            return EXIT.ok;
          }
          const past = await verbs.perform(deviceSessions, { name: device, since: options.since });
          if (options.json) terminal.out(JSON.stringify(past, null, 2));
          else for (const line of pastLines(past, terminal)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
};

function listLines(items: readonly ShownSession[], terminal: Terminal): string[] {
  const rows = items.map(({ device, word, since, reason }) => [
    device,
    word,
    word === 'off' ? '' : since,
    reason ?? '',
  ]);
  return [
    ...table([['DEVICE', 'SESSION', 'SINCE', 'REASON'], ...rows], terminal.columns),
    '',
    `${count(items.length, 'device')}: ${tally(items.map(({ word }) => word))}`,
  ];
}

function pastLines({ now, from, availability, items }: SessionPast, terminal: Terminal): string[] {
  const { share, unknownSeconds } = availability;
  const rows = items.map((item) => [
    item.from,
    item.to ?? 'still',
    formatDuration(item.seconds * 1_000),
    item.word,
    item.reason ?? '',
  ]);
  const known =
    share === null ? 'nothing is known of it' : `available for ${percent(share)} of the known time`;
  const unknown = unknownSeconds === 0 ? '' : `; ${formatDuration(unknownSeconds * 1_000)} are unknown`;
  return [
    `${now.device}: ${now.word}${now.word === 'off' ? '' : ` since ${now.since}`}${now.reason === null ? '' : ` (${now.reason})`}`,
    `Since ${from}: ${known}${unknown}.`,
    '',
    ...(rows.length === 0
      ? []
      : table([['FROM', 'TO', 'FOR', 'SESSION', 'REASON'], ...rows], terminal.columns)),
  ];
}

/** Never rounded up to a whole that was not. */
function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}
