import { type DiffAt, diffAt, type ShownValue } from '../../actions/diff-at.ts';
import { type AddCommand, handler } from '../command.ts';
import { commitText } from '../commit-text.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { count } from '../terminal.ts';
import { withRecord } from '../verbs.ts';

export const diffCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('diff <device>')
    .description(
      'what was approved for a device, and what it held as far as roomd knows, at a time against now',
    )
    .option('--at <when>', 'a time such as 2026-03-01T08:00:00Z, or how long ago, such as 7d')
    .addHelpText(
      'after',
      '\nThis is from the record: approved revisions, writes, and what the device told. No device is asked;\nwhat it holds now is what `roomd plan` reads.',
    )
    .action(
      handler<{ at?: string }>(finish, (options, [name = '']) => {
        const { at } = options;
        if (at === undefined)
          throw new ExitError(
            EXIT.usage,
            'say which time to compare with: --at 7d, or --at 2026-03-01T08:00:00Z',
          );
        return withRecord(options, context, async (verbs) => {
          const output = await verbs.perform(diffAt, { name, at });
          if (options.json) terminal.out(JSON.stringify(output, null, 2));
          else for (const line of lines(output)) terminal.out(line);
          return EXIT.ok;
        });
      }),
    );
};

const MOST_NAMED = 20;

function lines(diff: DiffAt): string[] {
  const { device, at, changed, same, unknown, revisionThen, revisionNow, commitThen, commitNow } = diff;
  const rest = unknown.length - MOST_NAMED;
  return [
    `${device}, ${at} (${revisionText(revisionThen)}${commitText(commitThen)}) against now (${revisionText(revisionNow)}${commitText(commitNow)}):`,
    ...changed.flatMap(({ path, approvedThen, approvedNow, heldThen, heldNow }) => [
      `  ${path}`,
      ...(approvedThen === approvedNow
        ? []
        : [`    approved  ${quoted(approvedThen)} → ${quoted(approvedNow)}`]),
      `    held      ${held(heldThen)} → ${held(heldNow)}`,
    ]),
    ...(changed.length === 0 ? ['  nothing differs on record'] : []),
    '',
    `${count(changed.length, 'setting')} differ${changed.length === 1 ? 's' : ''}, ${same} the same as far as roomd knows.`,
    ...(unknown.length === 0
      ? []
      : [
          `Not known: what the device held then of ${unknown.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}; roomd approved it and had nothing to write.`,
        ]),
    'What somebody else changed in between without roomd hearing of it is not in the record.',
  ];
}

function revisionText(revision: string | null): string {
  return revision === null ? 'nothing approved' : `revision ${revision}`;
}

function quoted(value: string | null): string {
  return value === null ? 'nothing' : JSON.stringify(value);
}

const BASIS: Readonly<Record<ShownValue['basis'], string>> = {
  written: 'written',
  heard: 'told by the device',
  'seen-before-write': 'seen only later,',
};

function held(known: ShownValue | null): string {
  return known === null ? 'not known' : `${JSON.stringify(known.value)} (${BASIS[known.basis]} ${known.at})`;
}
