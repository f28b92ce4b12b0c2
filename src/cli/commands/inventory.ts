import {
  forgetInventory,
  listInventory,
  planInventory,
  pullInventory,
  type ShownInventory,
  type ShownPull,
  type ShownPulled,
  type ShownSource,
} from '../../actions/inventory.ts';
import { SOURCE_TITLES } from '../../fleet/inventory/inventory-section.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { count, table } from '../terminal.ts';
import { withRecord, withVerbs } from '../verbs.ts';

export const inventoryCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  const inventory = program
    .command('inventory')
    .description('devices that other systems, Unified CM and Webex, bring into the fleet')
    .addHelpText(
      'after',
      '\nWhat is pulled is written down in the fleet file, under inventory: and systems: (docs/inventory.md).\nA device that was pulled is read like any other; nothing is written to it before somebody approves.',
    );
  inventory
    .command('pull')
    .description('ask the systems and take in what they have; one that does not answer whole changes nothing')
    .option('--plan', 'show what would be added, changed and gone; nothing is kept')
    .addHelpText(
      'after',
      '\nExit code 0: nothing changed, or it was taken in; 1: a system could not be read; 3: with --plan, something would change.',
    )
    .action(
      handler<{ plan?: boolean }>(finish, (options) =>
        withVerbs(options, context, async (verbs) => {
          const isPlan = options.plan ?? false;
          const pulled = await verbs.perform(isPlan ? planInventory : pullInventory, {});
          if (options.json) terminal.out(JSON.stringify(pulled, null, 2));
          else printPull(pulled, { isPlan }, context);
          if (pulled.failed.length > 0) return EXIT.failed;
          return isPlan && pulled.changes.length > 0 ? EXIT.pending : EXIT.ok;
        }),
      ),
    );
  inventory
    .command('list', { isDefault: true })
    .description('what they told at the last complete pull')
    .action(
      handler(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const shown = await verbs.perform(listInventory, {});
          if (options.json) terminal.out(JSON.stringify(shown, null, 2));
          else printList(shown, context);
          return EXIT.ok;
        }),
      ),
    );
  inventory
    .command('forget <device>')
    .description('take a device out that its system no longer has')
    .action(
      handler(finish, (options, [device = '']) =>
        withVerbs(options, context, async (verbs) => {
          const forgotten = await verbs.perform(forgetInventory, { device });
          terminal.out(options.json ? JSON.stringify(forgotten, null, 2) : `${device} is off the record.`);
          return EXIT.ok;
        }),
      ),
    );
};

const SIGNS = { added: '+', changed: '~', gone: '-', back: '+' } as const;

function printPull(
  { devices, changes, failed }: ShownPull,
  { isPlan }: { isPlan: boolean },
  { terminal }: CliContext,
): void {
  for (const { kind, device, what } of changes) {
    const { name, mac, serial, model, address, source } = device;
    const notes = what.length === 0 ? '' : `: ${what.join(', ')}`;
    terminal.out(
      `${SIGNS[kind]} ${name} (${source}, ${mac ?? serial ?? ''}, ${model}, ${address ?? 'no address'}) ${WORDS[kind]}${notes}`,
    );
  }
  for (const { source, reason } of failed)
    terminal.err(`Nothing of ${source} was taken in, it did not come whole: ${reason}`);
  const whole = count(devices, 'device');
  if (changes.length === 0) terminal.out(`Nothing changed: ${whole}.`);
  else if (isPlan) terminal.out(`${count(changes.length, 'change')} over ${whole}; nothing was kept.`);
  else terminal.out(`${count(changes.length, 'change')} taken in: ${whole}.`);
}

const WORDS = {
  added: 'is new',
  changed: 'changed',
  gone: 'is no longer there; it stays in the fleet',
  back: 'is there again',
} as const;

function printList({ sources, items }: ShownInventory, { terminal }: CliContext): void {
  if (sources.every(({ pulledAt }) => pulledAt === null))
    terminal.out('Nothing was pulled yet: roomd inventory pull --plan shows what would come.');
  const rows = items.map((item) => [
    item.source,
    item.mac ?? '',
    item.serial ?? '',
    item.device ?? `(${item.name})`,
    item.address ?? 'no address',
    stateOf(item),
  ]);
  for (const line of table(rows, terminal.columns)) terminal.out(line);
  if (items.some(({ device }) => device === null))
    terminal.out(
      'Those in parentheses are left out of the fleet: they have no address, or that of another device.',
    );
  for (const source of sources) printSource(source, items, terminal.out);
}

function printSource(
  { source, title, pulledAt, failing }: ShownSource,
  items: readonly ShownPulled[],
  out: (line: string) => void,
): void {
  const its = items.filter((item) => item.source === source);
  if (pulledAt !== null) out(`${title}: ${count(its.length, 'device')}, as pulled at ${pulledAt}.`);
  if (failing !== null)
    out(
      `${title}: pulling has failed since ${failing.since} (${count(failing.attempts, 'attempt')}): ${failing.reason}`,
    );
}

function stateOf({ source, registered, since, goneSince }: ShownPulled): string {
  if (goneSince !== null) return `no longer in ${SOURCE_TITLES[source]} since ${goneSince}`;
  const word = source === 'webex' ? 'connected' : 'registered';
  return `${registered === true ? word : `not ${word}`} since ${since}`;
}
