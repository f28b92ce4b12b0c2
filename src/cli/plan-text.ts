import type { ApplyOutput } from '../actions/apply.ts';
import type { PlanOutput } from '../actions/plan.ts';
import type { ShownApplied, ShownPlan, ShownResult } from '../actions/present.ts';
import { formatPlace } from '../fleet/problem.ts';
import type { ResourceProblem } from '../fleet/resource.ts';
import { type Block, blockLines, type ToldHow } from './device-blocks.ts';
import { count, type Terminal } from './terminal.ts';

/** A plan for people: what differs, then one line that sums up. Devices in sync take one line each; of many, those that are alike are told together unless `all`. */
export function planLines(
  { devices, summary, ...leftOut }: PlanOutput,
  terminal: Terminal,
  told: ToldHow = {},
): string[] {
  const { style } = terminal;
  const shared = sharedHints(devices);
  const lines = blockLines(
    devices.map((device) => planBlock(device, terminal, shared)),
    terminal,
    told,
  );
  const parts = [
    `${summary.inSync} in sync`,
    `${summary.drift} ${summary.drift === 1 ? 'differs' : 'differ'} (${count(summary.changes, 'change')})`,
    ...(summary.failed === 0 ? [] : [`${summary.failed} not known`]),
  ];
  return [
    ...lines,
    '',
    `Plan: ${count(summary.devices, 'device')}: ${parts.join(', ')}. Nothing was written.`,
    ...(summary.problems === 0
      ? []
      : [
          style(
            'red',
            `${count(summary.problems, 'problem')}, each with a "!" above: not written as the file stands.`,
          ),
        ]),
    ...sharedHintLines(devices, terminal),
    ...leftOutLines(leftOut),
    ...ageLines(devices, terminal),
  ];
}

/** How old the knowledge is, where not all of it was read just now. */
function ageLines(devices: readonly ShownPlan[], { style }: Terminal): string[] {
  const kept = devices.flatMap(({ asOf }) => (asOf?.by === 'session' ? [asOf.at] : [])).sort();
  const [oldest] = kept;
  if (oldest === undefined) return [];
  const who = kept.length === devices.length ? '' : ` for ${kept.length} of ${devices.length} devices`;
  return [
    style(
      'dim',
      `As of ${oldest.slice(11, 19)} UTC${who}, kept current by the session${kept.length === 1 ? '' : 's'}; --fresh reads anew.`,
    ),
  ];
}

type Hinted = Pick<ShownPlan, 'hints'>;

/** Hints that several devices have in the same words, with how many. */
function sharedHints(devices: readonly Hinted[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const hint of devices.flatMap(({ hints }) => [...new Set(hints)]))
    counts.set(hint, (counts.get(hint) ?? 0) + 1);
  return new Map([...counts].filter(([, devicesWithIt]) => devicesWithIt > 1));
}

function sharedHintLines(devices: readonly Hinted[], { style }: Terminal): string[] {
  return [...sharedHints(devices)].map(
    ([hint, number]) => `${style('cyan', 'hint')} ${count(number, 'device')}: ${hint}`,
  );
}

function planBlock(device: ShownPlan, terminal: Terminal, shared: ReadonlyMap<string, number>): Block {
  const { style } = terminal;
  return blockOf(device, terminal, [
    ...device.changes.map(
      ({ path, from, to }) => `  ${style('yellow', '~')} ${path}: ${shown(from)} → ${shown(to)}`,
    ),
    ...noteLines(withoutShared(device, shared), terminal),
  ]);
}

function withoutShared<Of extends Hinted>(device: Of, shared: ReadonlyMap<string, number>): Of {
  return { ...device, hints: device.hints.filter((hint) => !shared.has(hint)) };
}

/** What an apply did, for people, as `planLines` tells a plan. */
export function applyLines(
  { devices, summary, revision, ...leftOut }: ApplyOutput,
  terminal: Terminal,
  told: ToldHow = {},
): string[] {
  const shared = sharedHints(devices);
  const lines = blockLines(
    devices.map((device) => appliedBlock(device, terminal, shared)),
    terminal,
    told,
  );
  const parts = [
    `${summary.accepted} written and proven`,
    ...(summary.waiting === 0 ? [] : [`${summary.waiting} waiting`]),
    ...(summary.refused === 0 ? [] : [`${summary.refused} refused`]),
    ...(summary.notProven === 0 ? [] : [`${summary.notProven} not proven`]),
    ...(summary.problems === 0 ? [] : [`${count(summary.problems, 'problem')} that the plan names`]),
    ...(summary.failed === 0 ? [] : [`${count(summary.failed, 'device')} not reached`]),
  ];
  return [
    ...lines,
    '',
    `Applied revision ${revision} to ${count(summary.devices, 'device')}: ${parts.join(', ')}.`,
    ...sharedHintLines(devices, terminal),
    ...leftOutLines(leftOut),
  ];
}

function leftOutLines({
  retired,
  protected: untouched,
}: Pick<PlanOutput, 'retired' | 'protected'>): string[] {
  const [firstRetired] = retired;
  const [firstProtected] = untouched;
  return [
    ...(firstRetired === undefined
      ? []
      : [
          `Left out because they are retired: ${retired.join(', ')}. roomd apply -d ${firstRetired} would take ${firstRetired} up again.`,
        ]),
    ...(firstProtected === undefined
      ? []
      : [
          `Left out because they are protected: ${untouched.join(', ')}. roomd apply -d ${firstProtected} would write to ${firstProtected}.`,
        ]),
  ];
}

function appliedBlock(device: ShownApplied, terminal: Terminal, shared: ReadonlyMap<string, number>): Block {
  return blockOf(device, terminal, [
    ...device.changes.flatMap((change) => resultLines(change, terminal)),
    ...noteLines(withoutShared(device, shared), terminal),
  ]);
}

function resultLines(
  { path, from, to, result, detail, place, remedy }: ShownResult,
  { style }: Terminal,
): string[] {
  const good = result === 'accepted' || result === 'accepted-unreadable';
  const patient = result === 'waiting' || result === 'held';
  const mark = style(good ? 'green' : patient ? 'yellow' : 'red', good ? '✓' : patient ? '…' : '✗');
  const why = detail === null ? '' : `: ${detail}`;
  const line = `  ${mark} ${path}: ${shown(from)} → ${shown(to)}  ${result}${why}`;
  if (remedy === null) return [line];
  return [line, style('dim', `      ${place === null ? '' : `in ${formatPlace(place)}: `}${remedy}`)];
}

interface Told {
  readonly name: string;
  readonly state: ShownPlan['state'];
  readonly reason: string | null;
  readonly product: string | null;
  readonly software: string | null;
  readonly changes: readonly unknown[];
}

function blockOf(device: Told, { style }: Terminal, body: readonly string[]): Block {
  const { name, state, reason, changes } = device;
  if (!isKnown(state)) {
    const tail = `  ${style('red', state)}: ${reason ?? ''}`;
    return { name, tail: () => tail, body, mayJoin: false };
  }
  const product = [device.product, device.software].filter((part) => part !== null).join(' ');
  const who = product === '' ? '' : `  ${style('dim', product)}`;
  const tail = (isOfMany: boolean): string => {
    if (state === 'in-sync') return `  ${style('green', 'in sync')}${who}`;
    const note = changes.length === 0 ? 'see below' : count(changes.length, 'change');
    return `  ${style('yellow', isOfMany && changes.length > 0 ? `${note} each` : note)}${who}`;
  };
  return { name, tail, body, mayJoin: true };
}

function isKnown(state: ShownPlan['state']): state is 'in-sync' | 'drift' {
  return state === 'in-sync' || state === 'drift';
}

function noteLines(device: Omit<ShownPlan, 'changes' | 'asOf'>, { style }: Terminal): string[] {
  const { remedy } = device;
  return [
    ...(remedy === null ? [] : [`  ${style('cyan', 'hint')} ${remedy}`]),
    ...device.problems.flatMap((problem) => problemLines(problem, style)),
    ...device.hints.map((hint) => `  ${style('cyan', 'hint')} ${hint}`),
  ];
}

/** The line of the file stands below, where an editor or a terminal makes a link of it. */
function problemLines({ path, message, place }: ResourceProblem, style: Terminal['style']): string[] {
  // A sentence that begins with its path needs it no second time.
  const text = message.startsWith(path) ? message : `${path}: ${message}`;
  return [
    `  ${style('red', '!')} ${text}`,
    ...(place === undefined ? [] : [style('dim', `      in ${formatPlace(place)}`)]),
  ];
}

function shown(value: string | null): string {
  if (value === null) return 'nothing';
  return value === '' ? '""' : value;
}
