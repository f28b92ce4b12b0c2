import { type Command, Option } from 'commander';
import { count } from './terminal.ts';

/** What every list of records takes. */
export interface RecordOptions {
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

export function addRecordOptions(command: Command, since: string): Command {
  return command
    .addOption(
      new Option(
        '--since <when>',
        `how far back, such as 30d, or a time such as 2026-03-01T08:00:00Z; ${since} without it`,
      ),
    )
    .option('--until <when>', 'up to when, in the same form')
    .option('--limit <count>', 'at most so many, up to 1000; 100 without it')
    .option('--cursor <cursor>', 'go on where a list ended, as it says');
}

export function recordInput({ since, until, limit, cursor }: RecordOptions) {
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** `2026-03-01 08:00:05Z`. */
export function shortTime(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

export function moreLine(shown: number, noun: string, nextCursor: string | null): string {
  const more =
    nextCursor === null ? '.' : `; there are more: --cursor ${nextCursor}, or --limit and --since.`;
  return `${count(shown, noun)}${more}`;
}
