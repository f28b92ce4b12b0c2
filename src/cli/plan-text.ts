import type { ApplyOutput } from '../actions/apply.ts';
import type { PlanOutput } from '../actions/plan.ts';
import type { ShownApplied, ShownPlan, ShownResult } from '../actions/present.ts';
import { formatPlace } from '../fleet/problem.ts';
import type { ResourceProblem } from '../fleet/resource.ts';
import { count, type Terminal } from './terminal.ts';

/** A plan for people: what differs, then one line that sums up. Devices in sync take one line each. */
export function planLines({ devices, summary, retired }: PlanOutput, terminal: Terminal): string[] {
  const { style } = terminal;
  const lines = devices.flatMap((device) => planDeviceLines(device, terminal, sharedHints(devices)));
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
    ...retiredLines(retired),
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

function planDeviceLines(
  device: ShownPlan,
  terminal: Terminal,
  shared: ReadonlyMap<string, number>,
): string[] {
  const { style } = terminal;
  return [
    headLine(device, device.changes.length === 0 ? null : count(device.changes.length, 'change'), terminal),
    ...device.changes.map(
      ({ path, from, to }) => `  ${style('yellow', '~')} ${path}: ${shown(from)} → ${shown(to)}`,
    ),
    ...noteLines(withoutShared(device, shared), terminal),
  ];
}

function withoutShared<Of extends Hinted>(device: Of, shared: ReadonlyMap<string, number>): Of {
  return { ...device, hints: device.hints.filter((hint) => !shared.has(hint)) };
}

/** What an apply did, for people. */
export function applyLines(
  { devices, summary, revision, retired }: ApplyOutput,
  terminal: Terminal,
): string[] {
  const lines = devices.flatMap((device) => appliedDeviceLines(device, terminal, sharedHints(devices)));
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
    ...retiredLines(retired),
  ];
}

function retiredLines(retired: readonly string[]): string[] {
  const [first] = retired;
  if (first === undefined) return [];
  return [
    `Left out because they are retired: ${retired.join(', ')}. roomd apply -d ${first} would take ${first} up again.`,
  ];
}

function appliedDeviceLines(
  device: ShownApplied,
  terminal: Terminal,
  shared: ReadonlyMap<string, number>,
): string[] {
  const note = device.changes.length === 0 ? null : count(device.changes.length, 'change');
  return [
    headLine(device, note, terminal),
    ...device.changes.flatMap((change) => resultLines(change, terminal)),
    ...noteLines(withoutShared(device, shared), terminal),
  ];
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

function headLine(
  device: Omit<ShownPlan, 'changes' | 'asOf'>,
  note: string | null,
  { style }: Terminal,
): string {
  const who = [device.product, device.software].filter((part) => part !== null).join(' ');
  const known = device.state === 'in-sync' || device.state === 'drift';
  if (!known) return `${style('bold', device.name)}  ${style('red', device.state)}: ${device.reason ?? ''}`;
  const state = device.state === 'in-sync' ? style('green', 'in sync') : style('yellow', note ?? 'see below');
  return `${style('bold', device.name)}  ${state}${who === '' ? '' : `  ${style('dim', who)}`}`;
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
