import { type History, history, type ShownWrite } from '../../actions/history.ts';
import { type AddCommand, handler } from '../command.ts';
import { commitText } from '../commit-text.ts';
import { EXIT } from '../exit-code.ts';
import { count, type Terminal } from '../terminal.ts';
import { withRecord } from '../verbs.ts';

interface HistoryOptions {
  readonly path?: string;
  readonly since?: string;
  readonly limit?: string;
}

export const historyCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('history <device>')
    .description('every write to a device, newest first: who, when, before, after, and what it answered')
    .option('--path <path>', 'only this setting, or all below this node')
    .option('--since <when>', 'how far back, such as 7d, or a time such as 2026-03-01T08:00:00Z')
    .option('--limit <count>', 'at most so many; 100 without it')
    .action(
      handler<HistoryOptions>(finish, (options, [name = '']) =>
        withRecord(options, context, async (verbs) => {
          const { path = null, since = null, limit } = options;
          const output = await verbs.perform(history, {
            name,
            path,
            since,
            ...(limit === undefined ? {} : { limit: Number(limit) }),
          });
          if (options.json) terminal.out(JSON.stringify(output, null, 2));
          else for (const line of lines(name, output, terminal)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
};

function lines(name: string, { items, nextCursor }: History, terminal: Terminal): string[] {
  if (items.length === 0) return [`No such write to ${name} is on record.`];
  return [
    ...items.flatMap((write) => writeLines(write, terminal)),
    '',
    `${count(items.length, 'write')} to ${name}${nextCursor === null ? '' : '; older ones are there, see --limit and --since'}.`,
  ];
}

function writeLines(
  { at, actor, revision, commit, path, before, after, state, answer }: ShownWrite,
  { style }: Terminal,
): string[] {
  const good = state === 'accepted' || state === 'accepted-unreadable';
  const approval = revision === null ? '' : `, revision ${revision}${commitText(commit)}`;
  const said = answer === null ? '' : `: ${answer}`;
  return [
    `${at}  ${path}: ${before === null ? 'nothing' : JSON.stringify(before)} → ${JSON.stringify(after)}`,
    `    ${style(good ? 'green' : 'red', state)}${said}  ${style('dim', `by ${actor}${approval}`)}`,
  ];
}
