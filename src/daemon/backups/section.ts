import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Fleet } from '../../fleet/fleet.ts';
import { readTimezone } from '../../fleet/forms.ts';
import type { Place, Problem } from '../../fleet/problem.ts';
import { form, words } from '../../fleet/schema-forms.ts';
import { type Section, sectionOf } from '../../fleet/section.ts';
import {
  gravityOfMiss,
  meantInstead,
  parseSelector,
  SelectorError,
  select,
  unknownNames,
} from '../../fleet/selector.ts';
import { readSchedule } from '../../lib/cron.ts';
import { didYouMean } from '../../lib/suggest.ts';

const Backups = z
  .strictObject({
    to: words({
      description:
        'The folder; a relative one counts from this file. A git repository gets one commit a device.',
      examples: ['../room-backups'],
    }),
    schedule: words({
      description: 'Five cron fields (minute hour day-of-month month day-of-week).',
      examples: ['30 3 * * *'],
    }),
    timezone: form(readTimezone, {
      description: 'Whose wall clock the schedule means; UTC where nothing is said.',
      examples: ['Europe/Oslo'],
    }).optional(),
    devices: words({
      description: 'A selector; all devices where nothing is said.',
      examples: ['site=oslo'],
    }).optional(),
    notify: words({
      description: 'A name under notifiers: it is told what changed, and what failed.',
      examples: ['ops'],
    }).optional(),
    lines: z
      .number()
      .int()
      .min(1)
      .max(200)
      .default(20)
      .meta({ description: 'A message names at most so many differences.' }),
  })
  .meta({ id: 'Backups', description: 'Backups of the devices on a schedule.' });
export type BackupsSection = z.output<typeof Backups>;

export const backupsSection: Section<BackupsSection> = { key: 'backups', schema: Backups, check };

/** The section of the fleet in force; null where the file has none. */
export function backupsOf(fleet: Fleet): BackupsSection | null {
  return sectionOf(fleet, backupsSection) ?? null;
}

/** Where backups stand when nothing else is said: what the file says, else `backups` beside it. Absolute. */
export function usualBackupFolder(fleet: Fleet): string {
  return backupFolder(fleet, { to: backupsOf(fleet)?.to ?? 'backups' });
}

/** Absolute. */
export function backupFolder(fleet: Fleet, { to }: Pick<BackupsSection, 'to'>): string {
  return resolve(dirname(fleet.file), to);
}

function check(
  { schedule, devices, notify }: BackupsSection,
  fleet: Fleet,
  locate: (path: readonly string[]) => Place | null,
): Problem[] {
  const found: (Pick<Problem, 'message'> & { key: string; severity?: Problem['severity'] })[] = [
    ...readSchedule(schedule).errors.map((message) => ({ key: 'schedule', message })),
    ...(devices === undefined
      ? []
      : checkSelector(devices, fleet).map((problem) => ({ ...problem, key: 'devices' }))),
    ...(notify === undefined
      ? []
      : checkNotifier(notify, fleet).map((message) => ({ key: 'notify', message }))),
  ];
  return found.map(({ key, message, severity = 'error' }) => ({
    severity,
    place: locate([key]),
    path: `backups.${key}`,
    message,
  }));
}

function checkSelector(text: string, fleet: Fleet): Pick<Problem, 'message' | 'severity'>[] {
  const { devices } = fleet;
  try {
    const selector = parseSelector(text);
    const severity = gravityOfMiss(fleet);
    const unknown = unknownNames(selector, devices).map(({ message }) => ({ message, severity }));
    if (unknown.length > 0 || select(selector, devices).length > 0) return unknown;
    const message = `no device fits "${text}", so nothing would be backed up; mend the selector, or leave devices out.${meantInstead(selector, devices)}`;
    return [{ message, severity }];
  } catch (error) {
    if (error instanceof SelectorError) return [{ message: error.message, severity: 'error' }];
    throw error;
  }
}

function checkNotifier(name: string, { notifiers }: Fleet): string[] {
  const known = Object.keys(notifiers);
  if (known.includes(name)) return [];
  const declared = known.length === 0 ? 'declare it under notifiers' : `declared are ${known.join(', ')}`;
  return [`there is no notifier "${name}": ${declared}.${didYouMean(name, known)}`];
}
