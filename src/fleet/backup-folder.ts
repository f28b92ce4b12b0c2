import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { RoomdError } from '../lib/errors.ts';
import { backupDifferences } from './backup-difference.ts';
import { ABOUT_FILE, type BackupFiles, type BackupTree } from './backup-tree.ts';

/**
 * | code | meaning |
 * |---|---|
 * | backup-not-ours | a folder stands where a backup belongs and is none |
 * | backup-unreadable | there is no backup, or its files are not what a backup has |
 */
export class BackupError extends RoomdError<'backup-not-ours' | 'backup-unreadable'> {}

/** What became of a device's folder: the paths within it that are new, other or gone. */
export interface FolderChange {
  readonly isNew: boolean;
  readonly changed: readonly string[];
  /** The same for people, setting by setting; empty for a new folder. */
  readonly lines: readonly string[];
}

/**
 * Puts a device's tree in the place of the one before, whole or not at all: a
 * new folder is written and synced beside, then takes the name. Where nothing
 * differs, nothing is written. A crash between the two renames is mended when
 * the device is next backed up or its backup is read.
 * @throws BackupError `backup-not-ours`
 */
export async function replaceBackup(folder: string, name: string, tree: BackupTree): Promise<FolderChange> {
  const target = join(folder, name);
  await mkdir(folder, { recursive: true });
  await mendBackup(folder, name);
  const before = await readTree(target);
  if (before !== null && before.size > 0 && !before.has(ABOUT_FILE))
    throw new BackupError(
      'backup-not-ours',
      `${target} holds other files than a backup and stays as it is: back up to another folder`,
    );
  const wanted = withKept(tree, before);
  const changed = differences(before ?? new Map(), wanted);
  if (changed.length === 0) return { isNew: false, changed, lines: [] };
  const lines = before === null ? [] : backupDifferences(before, wanted, changed);
  const fresh = newName(folder, name);
  await rm(fresh, { recursive: true, force: true });
  await writeTree(fresh, wanted);
  if (before !== null) await rename(target, oldName(folder, name));
  await rename(fresh, target);
  await sync(folder);
  await rm(oldName(folder, name), { recursive: true, force: true });
  return { isNew: before === null, changed, lines };
}

/** Puts back what a crash left under its passing name. */
export async function mendBackup(folder: string, name: string): Promise<void> {
  const [target, old] = [join(folder, name), oldName(folder, name)];
  if ((await readdirOrNull(old)) === null) return;
  if ((await readdirOrNull(target)) === null) await rename(old, target);
  else await rm(old, { recursive: true, force: true });
}

/** Names that no device can have: they begin with a dot. */
function newName(folder: string, name: string): string {
  return join(folder, `.${name}.new`);
}

function oldName(folder: string, name: string): string {
  return join(folder, `.${name}.old`);
}

/** What a part that could not be read held before stands. */
function withKept({ files, about, kept }: BackupTree, before: BackupFiles | null): BackupFiles {
  const all = new Map(files);
  for (const [path, body] of before ?? []) if (kept.has(path.split('/')[0] ?? '')) all.set(path, body);
  all.set(ABOUT_FILE, about);
  return all;
}

/** About the same device at another time is no difference. */
function differences(before: BackupFiles, after: BackupFiles): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.filter((path) => {
    const [one, other] = [before.get(path), after.get(path)];
    if (one === undefined || other === undefined) return true;
    return path === ABOUT_FILE
      ? withoutTime(one) !== withoutTime(other)
      : !Buffer.from(one).equals(Buffer.from(other));
  });
}

function withoutTime(about: string | Buffer): string {
  return about.toString().replace(/^readAt:.*$/m, '');
}

async function writeTree(folder: string, files: BackupFiles): Promise<void> {
  const folders = new Set([folder]);
  for (const [path, body] of files) {
    const file = join(folder, path);
    folders.add(dirname(file));
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(file, 'w');
    try {
      await handle.writeFile(body);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
  for (const one of folders) await sync(one);
}

/** Every file below a folder; null where there is none. */
async function readTree(folder: string): Promise<Map<string, Buffer> | null> {
  const entries = await readdirOrNull(folder);
  if (entries === null) return null;
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(relative(folder, file).replaceAll('\\', '/'), await readFile(file));
  }
  return files;
}

async function readdirOrNull(folder: string): Promise<string[] | null> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
