import type { BackupRow } from '../../fleet/backup.ts';
import type { BackupState } from '../../fleet/backup-state.ts';

/** What a run came to beside what was known before. */
export interface BackupNews {
  readonly rows: readonly BackupRow[];
  readonly before: BackupState['devices'];
  readonly trouble: string | null;
  readonly troubleBefore: string | null;
}

/**
 * One message for a run, in Markdown; null where nothing changed and nothing
 * failed anew. A device that keeps failing is told once, and once more when it
 * is backed up again.
 * @param most how many lines of differences at most
 */
export function backupMessage(
  { rows, before, trouble, troubleBefore }: BackupNews,
  most: number,
): string | null {
  const changed = rows.filter(({ state, lines }) => state === 'changed' && lines.length > 0);
  const fresh = rows.filter(({ state }) => state === 'new');
  const failing = rows.filter(({ name, fault }) => fault === 'device' && !isFailing(before[name]));
  const back = rows.filter(({ name, state }) => state !== 'failed' && isFailing(before[name]));
  const parts = [
    ...(trouble !== null && trouble !== troubleBefore
      ? [`**Backups cannot be kept:** ${plain(trouble)}`]
      : []),
    ...(trouble === null && troubleBefore !== null ? ['Backups can be kept again.'] : []),
    ...differences(changed, most),
    ...(fresh.length > 0 ? [`Backed up for the first time: ${names(fresh)}.`] : []),
    ...failing.map(({ name, reason }) => `**${plain(name)}** could not be backed up: ${plain(reason ?? '')}`),
    ...(back.length > 0 ? [`Backed up again: ${names(back)}.`] : []),
  ];
  return parts.length === 0 ? null : parts.join('\n\n');
}

function differences(changed: readonly BackupRow[], most: number): string[] {
  let left = most;
  let dropped = 0;
  const told: string[] = [];
  for (const { name, lines } of changed) {
    const shown = lines.slice(0, left);
    left -= shown.length;
    dropped += lines.length - shown.length;
    if (shown.length > 0)
      told.push(
        [
          `**${plain(name)}** is other than at its last backup:`,
          ...shown.map((line) => `- ${plain(line)}`),
        ].join('\n'),
      );
  }
  const unnamed = changed.slice(told.length);
  if (unnamed.length > 0) told.push(`Other as well: ${names(unnamed)}.`);
  return dropped === 0 ? told : [...told, `${dropped} more differences stand in the backups.`];
}

function isFailing(device: BackupState['devices'][string] | undefined): boolean {
  return device !== undefined && device.failingSince !== null;
}

function names(rows: readonly BackupRow[]): string {
  return rows.map(({ name }) => plain(name)).join(', ');
}

/** Marks of Markdown in values and names are shown, not obeyed; a line stays one. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#]/g, '\\$&');
}
