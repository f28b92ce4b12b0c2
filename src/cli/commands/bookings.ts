import { type BookingList, listBookings, type ShownBooking } from '../../actions/bookings.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { addRecordOptions, moreLine, type RecordOptions, recordInput, shortTime } from '../record-options.ts';
import { type Terminal, table } from '../terminal.ts';
import { tellAge, withRecord } from '../verbs.ts';

export const bookingsCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  addRecordOptions(
    program
      .command('bookings [device]')
      .description(
        'bookings of a device or of all, the latest first: scheduled, when begun, extended, ended',
      ),
    '7d',
  ).action(
    handler<RecordOptions>(finish, (options, [device]) =>
      withRecord(options, context, async (verbs) => {
        await tellAge(verbs, context);
        const output = await verbs.perform(listBookings, { device: device ?? null, ...recordInput(options) });
        if (options.json) terminal.out(JSON.stringify(output, null, 2));
        else for (const line of lines(output, terminal)) terminal.out(line);
        return EXIT.ok;
      }),
    ),
  );
};

function lines({ items, nextCursor }: BookingList, terminal: Terminal): string[] {
  if (items.length === 0) return ['No booking is on record for that time.'];
  return [
    ...table(
      [['FROM', 'TO', 'DEVICE', 'STATE', 'BEGAN', 'ENDED', 'EXTENDED', 'ORGANIZER'], ...items.map(row)],
      terminal.columns,
    ),
    '',
    moreLine(items.length, 'booking', nextCursor),
  ];
}

function row({
  startAt,
  endAt,
  device,
  state,
  beganAt,
  endedAt,
  extendedTimes,
  organizer,
}: ShownBooking): string[] {
  const times = [beganAt, endedAt].map((time) => (time === null ? '-' : shortTime(time)));
  const [began = '', ended = ''] = times;
  const extended = extendedTimes === 0 ? '-' : `${extendedTimes} times`;
  const end = endAt === null ? '?' : shortTime(endAt);
  return [shortTime(startAt), end, device ?? '', state, began, ended, extended, organizer ?? ''];
}
