import pLimit from 'p-limit';
import type { AbortOptions } from '../lib/abort.ts';
import { messageOf } from '../lib/errors.ts';
import { XapiError } from '../xapi/errors.ts';
import { BackupError, type FolderChange, replaceBackup } from './backup-folder.ts';
import { commitPath, isInRepository } from './backup-git.ts';
import { type BackupState, backupTree } from './backup-tree.ts';
import { readDeviceContent } from './device-content.ts';
import { GitError } from './git.ts';
import { sortHeldSettings } from './held-settings.ts';
import type { Acceptances } from './knowledge/acceptances.ts';
import type { Target } from './plan.ts';

/** What became of one device's backup. */
export interface BackupRow {
  readonly name: string;
  /** `failed`: the device could not be read or its folder not be written; the backup before stands. */
  readonly state: 'new' | 'changed' | 'unchanged' | 'failed';
  /** A sentence; null where all is well. */
  readonly reason: string | null;
  /** Whose failure it is: the device's, or that of the folder and its repository, which concerns every device; null where all is well. */
  readonly fault: 'device' | 'folder' | null;
  /** Paths within the device's folder that are new, other or gone. */
  readonly changed: readonly string[];
  /** What differs from the backup before, setting by setting; empty for a first one. */
  readonly lines: readonly string[];
  /** Parts of which an earlier backup stands because the device did not tell them, and why. */
  readonly kept: readonly { readonly part: string; readonly why: string }[];
  /** The git commit, null where the folder is no repository or nothing differs. */
  readonly commit: string | null;
}

export interface BackupOptions extends AbortOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** Devices that are read at the same time. */
  readonly limit: number;
  readonly onDevice?: (row: BackupRow) => void;
}

export interface BackupModules {
  readonly accepts: Acceptances;
  readonly now: () => number;
}

/**
 * Backs up devices as a readable tree, one folder each, in the order given.
 * Nothing is written to a device. Rejects only when the signal aborts; what
 * goes wrong with a device is its row.
 */
export async function backUpDevices(
  targets: readonly Target[],
  { folder, limit, onDevice, signal }: BackupOptions,
  modules: BackupModules,
): Promise<BackupRow[]> {
  const gate = pLimit(limit);
  // Files are written and committed one device after another: git takes one at a time.
  const oneByOne = pLimit(1);
  // All are waited for, so that none writes on after an abort.
  const settled = await Promise.allSettled(
    targets.map((target) =>
      gate(async () => {
        const state = await readBackup(target, { signal }, modules);
        const row = await oneByOne(() => keep(state, target.desired.name, folder));
        onDevice?.(row);
        return row;
      }),
    ),
  );
  signal?.throwIfAborted();
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/** Reads one device for a backup; a sentence where it cannot be read. Rejects only when the signal aborts. */
export async function readBackup(
  { desired, device }: Target,
  { signal }: AbortOptions,
  { accepts, now }: BackupModules,
): Promise<BackupState | string> {
  try {
    const identity = await device.identify({ signal });
    const document = await device.readConfiguration({ signal });
    const held = sortHeldSettings(document, await accepts.of(device, identity, { signal }));
    const content = await readDeviceContent(device, { withBodies: true, signal });
    return { name: desired.name, identity, held, content, readAt: now() };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof XapiError) return error.message;
    throw error;
  }
}

async function keep(state: BackupState | string, name: string, folder: string): Promise<BackupRow> {
  if (typeof state === 'string') return failed(name, 'device', state);
  const tree = backupTree(state);
  const kept = [...tree.kept].map(([part, why]) => ({ part, why }));
  let change: FolderChange;
  try {
    change = await replaceBackup(folder, name, tree);
  } catch (error) {
    if (error instanceof BackupError) return failed(name, 'folder', error.message);
    return failed(name, 'folder', `${folder} cannot be written: ${messageOf(error)}`);
  }
  const { isNew, changed, lines } = change;
  const row: BackupRow = {
    name,
    state: isNew ? 'new' : changed.length > 0 ? 'changed' : 'unchanged',
    reason: null,
    fault: null,
    changed,
    lines,
    kept,
    commit: null,
  };
  try {
    // Also where nothing changed: an earlier run may have written and not committed.
    const message = `${name}: ${isNew ? 'first backup' : changed.length === 0 ? 'backup' : changed.join(', ')}`;
    return (await isInRepository(folder))
      ? { ...row, commit: await commitPath(folder, { path: name, message }) }
      : row;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const reason = `${folder} is written and not committed: ${error.message}`;
    return { ...row, state: 'failed', fault: 'folder', reason };
  }
}

function failed(name: string, fault: BackupRow['fault'], reason: string): BackupRow {
  return { name, state: 'failed', reason, fault, changed: [], lines: [], kept: [], commit: null };
}
