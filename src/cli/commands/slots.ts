import { listSlots, type RotatedSlots, rotateSlots, type ShownSlots } from '../../actions/slots.ts';
import { formatDuration } from '../../fleet/duration.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { count, table } from '../terminal.ts';
import { withRecord } from '../verbs.ts';

export const slotsCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('slots')
    .description('the four feedback slots of every device: whose they are, how they stand, what they post')
    .option('-d, --devices <selector>', 'only these')
    .option('--fresh', 'read every device now, instead of showing what was read last')
    .option('--rotate', 'give the devices another token to post with')
    .addHelpText(
      'after',
      '\nOwners: roomd; another-roomd; tms (slot 3, which roomd leaves alone); other (the address that it posts to is shown, its path is not).\nWith --rotate the token before is accepted until a post or a look at the slot proves the new one, and a minute longer, so no post is lost. It needs a running daemon in mode enforce.\nExit code 3 where a token was not replaced on some device.',
    )
    .action(
      handler<{ devices?: string; fresh?: boolean; rotate?: boolean }>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const devices = options.devices ?? null;
          if (options.rotate) {
            const rotated = await verbs.perform(rotateSlots, { devices });
            if (options.json) terminal.out(JSON.stringify(rotated, null, 2));
            else for (const line of rotatedLines(rotated)) terminal.out(line);
            return rotated.items.every(({ isBegun }) => isBegun) ? EXIT.ok : EXIT.pending;
          }
          const list = await verbs.perform(listSlots, { devices, fresh: options.fresh ?? false });
          if (options.json) terminal.out(JSON.stringify(list, null, 2));
          else for (const line of listLines(list.items, context)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
};

function listLines(items: readonly ShownSlots[], { terminal, clock }: CliContext): string[] {
  const now = clock.now();
  const rows = items.flatMap((item): string[][] => {
    if (item.seenAt === null) return [[item.device, '', '', '', '', '', item.reason ?? 'not read yet']];
    const age = ago(item.seenAt, now);
    return item.slots.map(({ number, owner, status, format, origin, expressions }) => {
      const isOurs = owner === 'roomd';
      const what = isOurs ? expressions.join(' ') : (origin ?? '');
      const posted = isOurs && item.lastPostAt !== null ? ago(item.lastPostAt, now) : '';
      return [
        item.device,
        String(number),
        owner,
        status ?? '',
        format ?? '',
        posted,
        `${what}${number === 1 ? ` (read ${age})` : ''}`.trim(),
      ];
    });
  });
  const old = items.filter(({ token }) => token?.isOldAccepted === true);
  return [
    ...table(
      [['DEVICE', 'SLOT', 'OWNER', 'STATUS', 'FORMAT', 'LAST POST', 'WHAT'], ...rows],
      terminal.columns,
    ),
    ...(old.length === 0
      ? []
      : [
          '',
          `${count(old.length, 'device')}: the token is being replaced, the one before is accepted still.`,
        ]),
  ];
}

function ago(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1_000));
  return seconds === 0 ? 'just now' : `${formatDuration(seconds * 1_000)} ago`;
}

function rotatedLines({ items }: RotatedSlots): string[] {
  const begun = items.filter(({ isBegun }) => isBegun).length;
  return [
    ...items.flatMap(({ device, reason }) =>
      reason === null ? [] : [`${device}: left as it is: ${reason}`],
    ),
    `${count(begun, 'device')} get another token; roomd slots shows how far they are.`,
  ];
}
