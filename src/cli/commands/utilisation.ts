import { Option } from 'commander';
import type { Row } from '../../actions/rows.ts';
import { type UtilisationInput, utilisation } from '../../actions/utilisation.ts';
import type { Field } from '../../lib/csv.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { printRows } from '../print-rows.ts';
import { type Terminal, table } from '../terminal.ts';
import { type Verbs, withRecord } from '../verbs.ts';

interface UtilisationOptions {
  readonly devices?: string;
  readonly since?: string;
  readonly until?: string;
  readonly bucket?: UtilisationInput['bucket'];
  readonly by?: string;
  readonly timezone?: string;
  readonly hours?: string;
  readonly days?: string;
  readonly csv?: boolean;
  readonly jsonl?: boolean;
}

export const utilisationCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('utilisation')
    .description('how rooms were used: occupied, empty and unknown time, people, bookings')
    .option('-d, --devices <selector>', 'only these')
    .option('--since <when>', 'how far back, such as 30d, or a day or time such as 2026-03-01; 7d without it')
    .option('--until <when>', 'up to when, in the same form; now without it')
    .addOption(
      new Option('--bucket <length>', 'what a row is of; day without it').choices([
        'hour',
        'day',
        'week',
        'month',
        'span',
      ]),
    )
    .option('--by <what>', 'device, fleet, or the name of a tag such as site; device without it')
    .option('--timezone <zone>', "whose days and hours count; each device's own without it")
    .option('--hours <hours>', 'only these hours of the day, such as 08:00-18:00')
    .option('--days <days>', 'only these days of the week, such as mon-fri')
    .option('--csv', 'all figures as CSV')
    .option('--jsonl', 'all figures as JSON Lines')
    .addHelpText(
      'after',
      '\nUnknown is not empty: every row says how much of its time is known ("coverage"), and what share of that\nthe rooms were occupied ("used"). docs/utilisation.md says what each figure means.',
    )
    .action(
      handler<UtilisationOptions>(finish, (options) => {
        const { csv = false, jsonl = false, json } = options;
        if (Number(csv) + Number(jsonl) + Number(json) > 1)
          throw new ExitError(EXIT.usage, 'give one of --csv, --jsonl and --json');
        return withRecord(options, context, async (verbs) => {
          const input = inputOf(options);
          const format = csv ? 'csv' : 'jsonl';
          if (json || csv || jsonl)
            await printRows(verbs, { action: utilisation, input, format: json ? 'json' : format }, terminal);
          else await printTable(verbs, input, terminal);
          return EXIT.ok;
        });
      }),
    );
};

function inputOf({ devices, since, until, bucket, by, timezone, hours, days }: UtilisationOptions) {
  const given = { devices, since, until, bucket, by, timezone, hours, days };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<UtilisationInput>;
}

async function printTable(verbs: Verbs, input: Partial<UtilisationInput>, terminal: Terminal): Promise<void> {
  const rows: Row[] = [];
  await verbs.rows(utilisation, input, async (some) => void rows.push(...some));
  if (rows.length === 0) {
    terminal.out(
      'Nothing is rolled up of that time yet. The daemon does so by quarters of an hour, some minutes after each.',
    );
    return;
  }
  const isHourly = input.bucket === 'hour';
  const lines = table([HEAD, ...rows.map((row) => cells(row, isHourly))], terminal.columns);
  for (const [index, line] of lines.entries())
    terminal.out(index === 0 ? terminal.style('bold', line) : line);
  if (rows.some(({ coverage }) => typeof coverage === 'number' && coverage < 0.9)) {
    terminal.out('');
    terminal.out('Where coverage is low, "used" speaks of the known part only: unknown is not empty.');
  }
}

const HEAD = [
  'WHO',
  'WHEN',
  'ROOMS',
  'OCCUPIED',
  'EMPTY',
  'UNKNOWN',
  'COVERAGE',
  'USED',
  'PEAK',
  'MEAN',
  'OF SEATS',
  'BOOKED',
  'NOT USED',
  'UNBOOKED USE',
  'CALLS',
];

function cells(row: Row, isHourly: boolean): string[] {
  const local = String(row['local']);
  return [
    row['group'] === '' ? '(no tag)' : String(row['group']),
    isHourly ? local : local.slice(0, 10),
    String(row['devices']),
    duration(row['occupiedMinutes']),
    duration(row['emptyMinutes']),
    duration(row['unknownMinutes']),
    percent(row['coverage']),
    percent(row['utilisation']),
    dashed(row['peakPeople']),
    dashed(row['meanPeople']),
    percent(row['peakOfCapacity']),
    duration(row['bookedMinutes']),
    duration(row['bookedUnusedMinutes']),
    duration(row['usedUnbookedMinutes']),
    String(row['calls']),
  ];
}

/** `7:05`, hours and minutes. */
function duration(minutes: Field | undefined): string {
  const whole = Math.round(Number(minutes));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function percent(share: Field | undefined): string {
  return typeof share === 'number' ? `${Math.round(share * 100)} %` : '-';
}

function dashed(value: Field | undefined): string {
  return typeof value === 'number' ? String(value) : '-';
}
