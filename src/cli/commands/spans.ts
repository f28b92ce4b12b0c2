import { listSpans, type ShownSpan, type SpanList } from '../../actions/spans.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { addRecordOptions, moreLine, type RecordOptions, recordInput, shortTime } from '../record-options.ts';
import { type Terminal, table } from '../terminal.ts';
import { tellAge, withRecord } from '../verbs.ts';

export const spansCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  addRecordOptions(
    program
      .command('spans [device]')
      .description('in use, standby, session, peripherals, Diagnostics, software, reboots: from when to when')
      .option('--kinds <kinds>', 'in-use, standby, session, peripheral, diagnostic, software, reboot'),
    '7d',
  ).action(
    handler<RecordOptions & { kinds?: string }>(finish, (options, [device]) =>
      withRecord(options, context, async (verbs) => {
        await tellAge(verbs, context);
        const kinds = options.kinds ?? null;
        // The verb reads the kinds out of the text.
        const input = { device: device ?? null, kinds: kinds as never, ...recordInput(options) };
        const output = await verbs.perform(listSpans, input);
        if (options.json) terminal.out(JSON.stringify(output, null, 2));
        else for (const line of lines(output, terminal)) terminal.out(line);
        return EXIT.ok;
      }),
    ),
  );
};

function lines({ items, nextCursor }: SpanList, terminal: Terminal): string[] {
  if (items.length === 0) return ['Nothing of that kind is on record for that time.'];
  return [
    ...table([['FROM', 'TO', 'DEVICE', 'KIND', 'VALUE', 'OF'], ...items.map(row)], terminal.columns),
    '',
    moreLine(items.length, 'span', nextCursor),
  ];
}

function row({ from, to, device, kind, value, key, detail, isEndKnown }: ShownSpan): string[] {
  const end = to === null ? 'now' : `${shortTime(to)}${isEndKnown ? '' : ' or later'}`;
  const about = [key, detail?.['name'], detail?.['description']].filter(
    (text) => text !== undefined && text !== '',
  );
  return [shortTime(from), end, device ?? '', kind, value, about.join(', ')];
}
