import type { Command } from 'commander';
import type { Action } from '../actions/action.ts';
import type { NoInput, ReasonInput, StatusInput } from '../actions/campaign.ts';
import { isOver } from '../fleet/campaign/campaign.ts';
import { type Finish, handler } from './command.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { EXIT } from './exit-code.ts';
import { tally } from './terminal.ts';
import { withVerbs } from './verbs.ts';

interface ShownDevice {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
}

interface ShownRing<Device> {
  readonly name: string;
  readonly begun: boolean;
  readonly devices: readonly Device[];
}

/** What every kind of campaign tells of itself. */
interface ShownCampaign {
  readonly state: string;
  readonly paused: boolean;
  readonly reason: string | null;
  readonly rings: readonly ShownRing<ShownDevice>[];
}

/** The command of a kind of campaign, whose subcommands are added. */
export interface CampaignCommand<Shown extends ShownCampaign> {
  readonly command: Command;
  readonly context: CliContext;
  readonly finish: Finish;
  readonly linesOf: (shown: Shown) => readonly string[];
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
    .action(
      handler<object>(finish, (options, [id]) =>
        withVerbs(options, context, async (verbs) => {
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
export function addWord<Shown extends ShownCampaign>(
  adding: CampaignCommand<Shown>,
  name: string,
  description: string,
  action: Action<NoInput, Shown>,
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
  { json }: GlobalOptions,
): void {
  if (json) terminal.out(JSON.stringify(shown, null, 2));
  else for (const line of linesOf(shown)) terminal.out(line);
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

/** One line a ring with how many devices are in which state, and one for each device that has something to say. */
export function ringLines<Device extends ShownDevice>(
  rings: readonly ShownRing<Device>[],
  deviceLine: (device: Device) => string | null = reasonLine,
): string[] {
  return rings.flatMap(({ name, begun, devices }) => [
    `${name}${begun ? '' : ', not begun'}: ${tally(devices.map(({ state }) => state))}`,
    ...devices.flatMap((device) => {
      const line = deviceLine(device);
      return line === null ? [] : [`  ${line}`];
    }),
  ]);
}

function reasonLine({ name, state, reason }: ShownDevice): string | null {
  return reason === null ? null : `${name} ${state}: ${reason}`;
}

/** `--parallel` as the verbs take it; nothing where it is not given, so that their own standard holds. */
export function parallelIn({ parallel }: { parallel?: string }): { parallel?: number } {
  return parallel === undefined ? {} : { parallel: Number(parallel) };
}
