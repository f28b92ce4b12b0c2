import { type CallList, listCalls, type ShownCall } from '../../actions/calls.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { addRecordOptions, moreLine, type RecordOptions, recordInput, shortTime } from '../record-options.ts';
import { type Terminal, table } from '../terminal.ts';
import { tellAge, withRecord } from '../verbs.ts';

export const callsCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  addRecordOptions(
    program
      .command('calls [device]')
      .description('calls of a device or of all, newest first: when, how long, which way, how they ended'),
    '7d',
  ).action(
    handler<RecordOptions>(finish, (options, [device]) =>
      withRecord(options, context, async (verbs) => {
        await tellAge(verbs, context);
        const output = await verbs.perform(listCalls, { device: device ?? null, ...recordInput(options) });
        if (options.json) terminal.out(JSON.stringify(output, null, 2));
        else for (const line of lines(output, terminal)) terminal.out(line);
        return EXIT.ok;
      }),
    ),
  );
};

function lines({ items, nextCursor }: CallList, terminal: Terminal): string[] {
  if (items.length === 0) return ['No call is on record for that time.'];
  return [
    ...table(
      [['STARTED', 'DEVICE', 'WAY', 'OTHER PARTY', 'LASTED', 'OUTCOME'], ...items.map(row)],
      terminal.columns,
    ),
    '',
    moreLine(items.length, 'call', nextCursor),
  ];
}

function row(call: ShownCall): string[] {
  const started = `${shortTime(call.startedAt)}${call.isStartKnown ? '' : ' or before'}`;
  return [started, call.device ?? '', call.direction ?? '', call.remote ?? '', lasted(call), outcome(call)];
}

function lasted({ durationSeconds, endedAt, isEndKnown, connectedAt }: ShownCall): string {
  if (durationSeconds !== null) return duration(durationSeconds);
  if (endedAt === null && isEndKnown) return 'under way';
  return connectedAt === null && isEndKnown ? '-' : 'unknown';
}

function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

function outcome({ outcome: word, causeType, cause, state, isEndKnown, endedAt }: ShownCall): string {
  const why = [causeType, cause].filter((text) => text !== null).join(', ');
  if (word === null) return state === 'unknown' ? 'unknown, the device is not heard' : state;
  const end = isEndKnown ? '' : `, ended unheard before ${endedAt === null ? 'now' : shortTime(endedAt)}`;
  return `${word}${why === '' ? '' : ` (${why})`}${end}`;
}
