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
  const shown = findings.filter(({ level }) => notes || level !== 'note');
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
    `Lint${against}: ${counted(summary.devices, 'device')}${gap}, ${counted(summary.settings, 'setting')}: ${counts.join(', ')}. Nothing was contacted.`,
  ];
}

/** The message with the setting that it is about, unless that stands in it already. */
export function sayWhat({ path, message }: Pick<Finding, 'path' | 'message'>): string {
  return path === null || message.includes(path) ? message : `${path}: ${message}`;
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
