import { relative } from 'node:path';
import { formatPlace, type Place } from '../problem.ts';
import type { Finding, Level, LintReport } from './finding.ts';

const MOST_NAMES = 3;

/** What the words of a report are dressed in; the command line colours them. */
export type Paint = (level: Level | 'dim', text: string) => string;

/** A report for people: each finding with its line, what to do and whom it concerns; notes are only counted unless `notes`. */
export function lintLines(
  { findings, summary, software }: LintReport,
  { from, paint, notes }: { from: string; paint: Paint; notes: boolean },
): string[] {
  // Who asks about an upgrade wants to hear of its defaults.
  const isAsked = ({ rule, level }: Finding): boolean =>
    notes || level !== 'note' || (software !== null && rule === 'default-changes');
  const shown = findings.filter(isAsked);
  const hidden = findings.length - shown.length;
  const counts = [
    counted(summary.errors, 'error'),
    counted(summary.warnings, 'warning'),
    `${counted(summary.notes, 'note')}${hidden === 0 ? '' : ' (shown with --notes)'}`,
  ];
  const against = software === null ? '' : ` against ${software}`;
  const gap = summary.checked === summary.devices ? '' : `, ${summary.checked} of them checked`;
  return [
    ...shown.flatMap((finding) => findingLines(finding, { from, paint })),
    ...(shown.length === 0 ? [] : ['']),
    ...upgradeLines(summary, software),
    `Lint${against}: ${counted(summary.devices, 'device')}${gap}, ${counted(summary.settings, 'setting')}: ${counts.join(', ')}. Nothing was contacted.`,
  ];
}

/** The message with the setting that it is about, unless that stands in it already. */
export function sayWhat({ path, message }: Pick<Finding, 'path' | 'message'>): string {
  return path === null || message.includes(path) ? message : `${path}: ${message}`;
}

function upgradeLines({ upgrade, devices }: LintReport['summary'], software: string | null): string[] {
  if (upgrade === null) return [];
  const { vanish, refused, spaces, defaults } = upgrade;
  const parts = [
    `${counted(vanish, 'line')} of the file vanish${vanish === 1 ? 'es' : ''}`,
    `${refused} would be refused`,
    `${spaces} ${spaces === 1 ? 'takes' : 'take'} other values`,
    `${counted(defaults, 'default')} that the file relies on ${defaults === 1 ? 'changes' : 'change'}`,
  ];
  return [
    `Upgrade to ${software}: ${parts.join(', ')}; ${upgrade.devices} of ${counted(devices, 'device')} affected.`,
    ...uncomparedLines(upgrade.uncompared),
  ];
}

function uncomparedLines(uncompared: number): string[] {
  if (uncompared === 0) return [];
  return [
    `Of ${counted(uncompared, 'device')} roomd does not know what ${uncompared === 1 ? 'it runs' : 'they run'} now, or what that accepts: what changes there is not told. Let roomd plan see them, import the schema of that version, or say it with --assume software=….`,
  ];
}

function findingLines(finding: Finding, { from, paint }: { from: string; paint: Paint }): string[] {
  const { level, rule, place, layer, remedy, products, devices } = finding;
  const by = layer === null ? '' : `set by ${layer}, `;
  const on = products.length === 0 ? '' : ` (${nameSome(products)})`;
  return [
    `${formatPlace(seenFrom(place, from))}: ${paint(level, level)}: ${sayWhat(finding)} ${paint('dim', `[${rule}]`)}`,
    `  ${by}for ${nameDevices(devices)}${on}`,
    ...(remedy === null ? [] : [`  ${remedy}`]),
  ];
}

/** "boardroom-1" or "400 devices: a, b, c and 397 more". */
export function nameDevices(devices: readonly string[]): string {
  return devices.length === 1 ? (devices[0] ?? '') : `${devices.length} devices: ${nameSome(devices)}`;
}

function nameSome(names: readonly string[]): string {
  if (names.length <= MOST_NAMES + 1) return names.join(', ');
  return `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
}

function seenFrom(place: Place, from: string): Place {
  const near = relative(from, place.file);
  return near.startsWith('..') ? place : { ...place, file: near };
}

function counted(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun}s`}`;
}
