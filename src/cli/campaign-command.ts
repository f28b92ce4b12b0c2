import type { Command } from 'commander';
import type { Action } from '../actions/action.ts';
import type { ReasonInput, StatusInput } from '../actions/campaign.ts';
import { isOver } from '../fleet/campaign/campaign.ts';
import { type Finish, handler } from './command.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { EXIT, ExitError } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { withRecord, withVerbs } from './verbs.ts';

/** What every kind of campaign tells of itself. */
interface ShownCampaign {
  readonly state: string;
  readonly paused: boolean;
  readonly reason: string | null;
  readonly rings: readonly { readonly devices: readonly { readonly state: string }[] }[];
}

/** The command of a kind of campaign, whose subcommands are added. */
export interface CampaignCommand<Shown extends ShownCampaign> {
  readonly command: Command;
  readonly context: CliContext;
  readonly finish: Finish;
  readonly linesOf: (shown: Shown, options: LineOptions) => readonly string[];
}

export interface LineOptions {
  /** A line for every device, however many there are. */
  readonly all: boolean;
}

export function addStatus<Shown extends ShownCampaign>(
  adding: CampaignCommand<Shown>,
  description: string,
  action: Action<StatusInput, Shown>,
): void {
  const { command, context, finish } = adding;
  command
    .command('status [id]')
    .description(description)
    .option('--all', 'a line for every device, however many there are')
    .action(
      handler<{ all?: boolean }>(finish, (options, [id]) =>
        withRecord(options, context, async (verbs) => {
          const shown = await verbs.perform(action, { id: id ?? null });
          print(shown, adding, options);
          return exitCodeOf(shown);
        }),
      ),
    );
}

/** A person's word to the campaign under way, with a reason. */
export function addReasonedWord<Shown extends ShownCampaign>(
  adding: CampaignCommand<Shown>,
  name: string,
  description: string,
  action: Action<ReasonInput, Shown>,
): void {
  const { command, finish } = adding;
  command
    .command(name)
    .description(description)
    .option('--reason <text>', 'what people read who wonder why')
    .action(
      handler<{ reason?: string }>(finish, (options) =>
        say(adding, options, action, { reason: options.reason ?? null }),
      ),
    );
}

/** The same without. */
export function addWord<Input, Shown extends ShownCampaign>(
  adding: CampaignCommand<Shown>,
  name: string,
  description: string,
  action: Action<Input, Shown>,
): void {
  const { command, finish } = adding;
  command
    .command(name)
    .description(description)
    .action(handler<object>(finish, (options) => say(adding, options, action, {})));
}

function say<Input, Shown extends ShownCampaign>(
  adding: CampaignCommand<Shown>,
  options: GlobalOptions,
  action: Action<Input, Shown>,
  input: Partial<Input>,
): Promise<number> {
  return withVerbs(options, adding.context, async (verbs) => {
    print(await verbs.perform(action, input), adding, options);
    return EXIT.ok;
  });
}

export function print<Shown extends ShownCampaign>(
  shown: Shown,
  { context: { terminal }, linesOf }: Pick<CampaignCommand<Shown>, 'context' | 'linesOf'>,
  { json, all = false }: GlobalOptions & { all?: boolean },
): void {
  if (json) terminal.out(JSON.stringify(shown, null, 2));
  else for (const line of linesOf(shown, { all })) terminal.out(line);
}

function exitCodeOf(shown: ShownCampaign): number {
  if (!isOver(shown)) return EXIT.pending;
  const failed = shown.rings.some(({ devices }) => devices.some(({ state }) => state === 'failed'));
  return shown.state === 'done' && !failed ? EXIT.ok : EXIT.failed;
}

/** `running`, `paused (by anna)`. */
export function standText({ paused, state, reason }: ShownCampaign): string {
  return `${paused ? 'paused' : state}${reason === null ? '' : ` (${reason})`}`;
}

/** @throws {ExitError} where no question can be put: a script, or JSON on the output. */
export function requireSomebodyToAsk({ json }: GlobalOptions, terminal: Terminal, remedy: string): void {
  if (json || !terminal.isInteractive) throw new ExitError(EXIT.usage, `nobody can be asked here: ${remedy}`);
}

/** `--parallel` as the verbs take it; nothing where it is not given, so that their own standard holds. */
export function parallelIn({ parallel }: { parallel?: string }): { parallel?: number } {
  return parallel === undefined ? {} : { parallel: Number(parallel) };
}
