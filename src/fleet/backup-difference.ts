import { parse } from 'yaml';
import { z } from 'zod';
import { PathError } from '../xapi/path.ts';
import { ABOUT_FILE, type BackupFiles, CONFIGURATION_FILE } from './backup-tree.ts';
import { isSecretPath } from './secret-paths.ts';

const About = z.record(z.string(), z.union([z.string(), z.array(z.string())])).catch({});
const Settings = z
  .object({ configuration: z.record(z.string(), z.string()).catch({}) })
  .catch({ configuration: {} });

/** What differs between two backups of a device, for people: one line for each setting or file. Secrets are in no backup, and are not shown where somebody wrote one in. */
export function backupDifferences(
  before: BackupFiles,
  after: BackupFiles,
  changed: readonly string[],
): string[] {
  return changed.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (path === CONFIGURATION_FILE) return pairLines(settingsIn(old), settingsIn(now));
    if (path === ABOUT_FILE) return pairLines(aboutIn(old), aboutIn(now));
    if (!before.has(path)) return [`${path}: new`];
    return [after.has(path) ? `${path}: other` : `${path}: gone`];
  });
}

function pairLines(old: Record<string, string>, now: Record<string, string>): string[] {
  const paths = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return paths
    .filter((path) => old[path] !== now[path])
    .map((path) =>
      isHidden(path) ? `${path}: [secret]` : `${path}: ${shown(old[path])} → ${shown(now[path])}`,
    );
}

function settingsIn(text: string | Buffer | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    return Settings.parse(parse(text.toString(), { schema: 'failsafe' })).configuration;
  } catch {
    // Somebody edited it into something else; the new text stands in its place.
    return {};
  }
}

/** Who answered, without when. */
function aboutIn(text: string | Buffer | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    const { readAt: _, ...about } = About.parse(parse(text.toString(), { schema: 'failsafe' }));
    return Object.fromEntries(Object.entries(about).map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}

function isHidden(path: string): boolean {
  try {
    return isSecretPath(path);
  } catch (error) {
    if (error instanceof PathError) return true;
    throw error;
  }
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'nothing';
  return value === '' ? '""' : value;
}
