import { type ShownTimelineItem, type Timeline, timeline } from '../../actions/timeline.ts';
import { formatDuration } from '../../fleet/duration.ts';
import { sleep } from '../../lib/abort.ts';
import { ZoneClock } from '../../lib/zone.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { tellAge, type Verbs, withRecord } from '../verbs.ts';

interface TimelineOptions {
  readonly since?: string;
  readonly until?: string;
  readonly kinds?: string;
  readonly follow?: boolean;
}

const FOLLOW_MS = 1_000;
/** What is derived of an event may come into the record a little after newer things. */
const LATE = '5m';

export const timelineCommand: AddCommand = (program, context, finish) => {
  program
    .command('timeline <device>')
    .description('what happened to one device and what lasted there, on one axis, in its local time')
    .option('--since <when>', 'such as 2h, or a time such as 2026-03-01T08:00:00Z; 1d without it')
    .option('--until <when>', 'written alike; now without it')
    .option('--kinds <kinds>', 'only these, with commas between them: presence,call,booking,gap,write,run …')
    .option('--follow', 'go on with what the daemon records, until you stop it')
    .addHelpText(
      'after',
      '\nA line begins with when something was so; one that lasts tells until when. Times of which nothing is known are lines of their own. What sensors measured has a list of its own, roomd sensors.\nWith --json --follow each item is one JSON document.',
    )
    .action(
      handler<TimelineOptions>(finish, (options, [name = '']) =>
        withRecord(options, context, (verbs) => show(verbs, name, options, context)),
      ),
    );
};

async function show(
  verbs: Verbs,
  name: string,
  { since = '1d', until = null, kinds = null, follow = false, json }: GlobalOptions & Loose,
  context: CliContext,
): Promise<number> {
  const { terminal } = context;
  if (follow && !verbs.isDaemon)
    throw new ExitError(EXIT.failed, 'only the daemon records: start it with `roomd run` to follow a device');
  if (follow && until !== null) throw new ExitError(EXIT.usage, '--follow has no end: leave --until out');
  await tellAge(verbs, context);
  const pages = allPages(verbs, { name, since, until, kinds });
  const printer = new Printer(name, terminal);
  const items: ShownTimelineItem[] = [];
  for await (const page of pages) {
    if (json && !follow) items.push(...page.items);
    else for (const item of page.items) printer.item(item, page.timezone, { json });
  }
  if (json && !follow) terminal.out(JSON.stringify({ name, items }, null, 2));
  else if (!json && printer.isEmpty) terminal.out(`Nothing is on record of ${name} in that time.`);
  if (follow) await followOn(verbs, { name, kinds }, { printer, json, context });
  return EXIT.ok;
}

type Loose = { since?: string; until?: string | null; kinds?: string | null; follow?: boolean };

async function* allPages(
  verbs: Verbs,
  query: { name: string; since: string; until: string | null; kinds: string | null },
): AsyncGenerator<Timeline> {
  for (let after: string | null = null; ; ) {
    const page: Timeline = await verbs.perform(timeline, { ...query, after, limit: 500 });
    yield page;
    if (page.nextCursor === null) return;
    after = page.nextCursor;
  }
}

async function followOn(
  verbs: Verbs,
  query: { name: string; kinds: string | null },
  { printer, json, context }: { printer: Printer; json: boolean; context: CliContext },
): Promise<void> {
  const { clock, signal } = context;
  while (!signal.aborted) {
    await sleep(FOLLOW_MS, clock, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    for await (const page of allPages(verbs, { ...query, since: LATE, until: null }))
      for (const item of page.items) printer.item(item, page.timezone, { json });
  }
}

/** Prints each item once, and again when it has come to its end. */
class Printer {
  readonly #name: string;
  readonly #terminal: Terminal;
  readonly #seen = new Map<string, string>();
  #zone: ZoneClock | null = null;
  #day = '';

  constructor(name: string, terminal: Terminal) {
    this.#name = name;
    this.#terminal = terminal;
  }

  get isEmpty(): boolean {
    return this.#seen.size === 0;
  }

  item(item: ShownTimelineItem, timezone: string, { json }: { json: boolean }): void {
    const state = `${item.title} ${item.until}`;
    if (this.#seen.get(item.id) === state) return;
    this.#seen.set(item.id, state);
    const { out, style } = this.#terminal;
    if (json) return out(JSON.stringify(item));
    this.#zone ??= new ZoneClock(timezone);
    const [day, time] = this.#wall(item.at);
    if (day !== this.#day) {
      if (this.#day !== '') out('');
      out(style('bold', `${day} ${weekday(day)}, ${this.#name} (${timezone})`));
      this.#day = day;
    }
    const until = this.#untilText(item, day).padEnd(10);
    out(`  ${time} ${until}  ${lengthOf(item).padEnd(8)}  ${item.kind.padEnd(13)} ${item.title}`);
  }

  #untilText({ until, isOpen }: ShownTimelineItem, day: string): string {
    if (until === null) return isOpen ? '– now' : '';
    const [untilDay, time] = this.#wall(until);
    return untilDay === day ? `– ${time}` : `– ${time} ${untilDay.slice(5)}`;
  }

  #wall(at: string): [string, string] {
    const wall = new Date(this.#zone?.wallAt(Date.parse(at)) ?? 0).toISOString();
    const [day, time] = [wall.slice(0, 10), wall.slice(11, 19)];
    // Where the clocks were put back, the same time comes twice on that day.
    return [day, this.#zone?.isRepeated(Date.parse(at)) === true ? `${time}²` : time];
  }
}

/** How long it lasted, in whole seconds where it was longer than one. */
function lengthOf({ at, until }: ShownTimelineItem): string {
  if (until === null) return '';
  const ms = Date.parse(until) - Date.parse(at);
  return formatDuration(ms < 1_000 ? ms : Math.round(ms / 1_000) * 1_000);
}

function weekday(day: string): string {
  return (
    ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'][
      new Date(`${day}T00:00:00Z`).getUTCDay()
    ] ?? ''
  );
}
