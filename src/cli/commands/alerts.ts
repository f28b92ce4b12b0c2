import {
  type AlertList,
  acknowledgeAlert,
  listAlerts,
  type ShownAlertDetails,
  showOneAlert,
} from '../../actions/alerts.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { count, type Terminal, table } from '../terminal.ts';
import { tellAge, withRecord, withVerbs } from '../verbs.ts';

interface ListOptions {
  readonly all?: boolean;
  readonly devices?: string;
  readonly limit?: string;
}

export const alertsCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  const alerts = program
    .command('alerts')
    .description('what is wrong and since when, who was told, and who looks after it')
    .addHelpText(
      'after',
      '\n`roomd alerts` alone lists those that are open. The rules are explained in docs/alerts.md; the section alerts of the file says who is told.',
    );
  alerts
    .command('list', { isDefault: true })
    .description('alerts that are open')
    .option('--all', 'also those that are over')
    .option('-d, --devices <selector>', 'only those about these devices')
    .option('--limit <number>', 'at most so many (100)')
    .action(
      handler<ListOptions>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          await tellAge(verbs, context);
          const list = await verbs.perform(listAlerts, {
            all: options.all ?? false,
            devices: options.devices ?? null,
            ...(options.limit === undefined ? {} : { limit: Number(options.limit) }),
          });
          if (options.json) terminal.out(JSON.stringify(list, null, 2));
          else for (const line of listLines(list, terminal)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
  alerts
    .command('show <alert>')
    .description('one alert with its history and every message about it; the end of its id is enough')
    .action(
      handler<object>(finish, (options, [alert = '']) =>
        withRecord(options, context, async (verbs) => {
          await tellAge(verbs, context);
          const shown = await verbs.perform(showOneAlert, { alert });
          if (options.json) terminal.out(JSON.stringify(shown, null, 2));
          else for (const line of showLines(shown, terminal)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
  alerts
    .command('ack <alert-or-device>')
    .description('say that somebody looks after it; those who were told hear of that')
    .option('--comment <text>', 'what they should know')
    .action(
      handler<{ comment?: string }>(finish, (options, [alert = '']) =>
        withVerbs(options, context, async (verbs) => {
          const comment = options.comment ?? null;
          const acknowledged = await verbs.perform(acknowledgeAlert, { alert, comment });
          if (options.json) terminal.out(JSON.stringify(acknowledged, null, 2));
          else
            for (const one of acknowledged.items)
              terminal.out(`Acknowledged: ${one.title} (by ${one.acknowledgedBy})`);
          return EXIT.ok;
        }),
      ),
    );
};

/** Ids begin with the time; their ends tell them apart. */
function shortId(id: string): string {
  return id.slice(-8);
}

function listLines({ items, nextCursor }: AlertList, { style, columns }: Terminal): string[] {
  if (items.length === 0) return ['Nothing is wrong that a rule would notice.'];
  const open = items.filter(({ state }) => state !== 'resolved');
  return [
    ...table(
      [
        ['ID', 'SEVERITY', 'STATE', 'SINCE', 'ALERT', 'NOTE'],
        ...items.map((alert) => [
          shortId(alert.id),
          alert.severity,
          alert.silenced === null ? alert.state : 'silenced',
          alert.openedAt.slice(0, 16).replace('T', ' '),
          alert.state === 'resolved' ? alert.cleared : alert.title,
          noteOf(alert),
        ]),
      ],
      columns,
    ),
    '',
    `${count(open.length, 'alert')} open${nextCursor === null ? '' : '; there are more: --limit shows them'}`,
    ...items.flatMap(({ id, undelivered }) =>
      undelivered.map(({ notifier, state, reason }) =>
        style(
          'red',
          `Not delivered: ${shortId(id)} to ${notifier}: ${state === 'failed' ? 'refused for good' : 'waiting'}${reason === null ? '' : `, ${reason}`}`,
        ),
      ),
    ),
  ];
}

function noteOf({
  state,
  silenced,
  acknowledgedBy,
  comment,
  resolvedAt,
  toldTo,
  toldAt,
  undelivered,
}: AlertList['items'][number]): string {
  if (state === 'resolved') return `over since ${resolvedAt?.slice(0, 16).replace('T', ' ')}`;
  if (silenced !== null) return silenced;
  if (acknowledgedBy !== null) return `${acknowledgedBy}${comment === null ? '' : `: ${comment}`}`;
  if (toldAt !== null && toldTo.length > 0) {
    const missing = undelivered.map(({ notifier }) => notifier);
    const told = toldTo.filter((name) => !missing.includes(name));
    return [
      told.length === 0 ? 'told nobody yet' : `told ${told.join(', ')}`,
      ...(missing.length === 0 ? [] : [`not yet ${missing.join(', ')}`]),
    ].join('; ');
  }
  return 'nobody is told: alerts.notify names no notifier';
}

function showLines(alert: ShownAlertDetails, { style, columns }: Terminal): string[] {
  return [
    style('bold', alert.title),
    `  ${alert.detail}`,
    `  ${alert.remedy}`,
    '',
    `rule ${alert.rule}, ${alert.severity}, ${alert.state}; id ${alert.id}`,
    '',
    ...table(
      [
        ['WHEN', 'WHAT', 'BY', 'WHY'],
        ...alert.history.map(({ at, change, actor, detail }) => [at, change, actor, detail ?? '']),
      ],
      columns,
    ),
    '',
    ...(alert.deliveries.length === 0
      ? ['No message about it is in the outbox.']
      : table(
          [
            ['MESSAGE', 'TO', 'STATE', 'ATTEMPTS', 'LAST ERROR'],
            ...alert.deliveries.map(({ subject, notifier, state, attempts, lastError }) => [
              subject ?? '',
              notifier,
              state,
              String(attempts),
              lastError ?? '',
            ]),
          ],
          columns,
        )),
  ];
}
