import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import type { PulledDevice } from '../inventory/pulled.ts';

/** Where the fleet file, what it includes and what it puts onto devices are read from. Paths are absolute. */
export interface FleetFiles {
  /** Rejects where the file cannot be read. */
  read(path: string): Promise<Uint8Array>;
  /** What lies in a folder; rejects where it cannot be listed. */
  list(folder: string): Promise<readonly FolderEntry[]>;
}

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

export const diskFiles: FleetFiles = {
  read: (path) => readFile(path),
  list: async (folder) =>
    (await readdir(folder, { withFileTypes: true })).map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
    })),
};

/** Everything that loading one fleet read, fit for JSON: the fleet can be loaded from it again when the disk says something else. */
export interface FilesSnapshot {
  /** Absolute path → base64. */
  readonly files: Readonly<Record<string, string>>;
  readonly folders: Readonly<Record<string, readonly FolderEntry[]>>;
  /** Devices that were pulled and joined; absent where the files pull none. */
  readonly inventory?: readonly PulledDevice[];
}

/** Files that remember what was read of them. */
export class RecordedFiles implements FleetFiles {
  readonly #source: FleetFiles;
  readonly #files = new Map<string, string>();
  readonly #folders = new Map<string, readonly FolderEntry[]>();

  constructor(source: FleetFiles) {
    this.#source = source;
  }

  async read(path: string): Promise<Uint8Array> {
    const bytes = await this.#source.read(path);
    this.#files.set(path, Buffer.from(bytes).toString('base64'));
    return bytes;
  }

  async list(folder: string): Promise<readonly FolderEntry[]> {
    const entries = await this.#source.list(folder);
    this.#folders.set(folder, entries);
    return entries;
  }

  snapshot(): FilesSnapshot {
    return { files: Object.fromEntries(this.#files), folders: Object.fromEntries(this.#folders) };
  }
}

/** The files of a snapshot; what is not in it does not exist. */
export function snapshotFiles({ files, folders }: FilesSnapshot): FleetFiles {
  return {
    read: async (path) => Buffer.from(found(files, resolve(path)), 'base64'),
    list: async (folder) => found(folders, resolve(folder)),
  };
}

function found<Value>(record: Readonly<Record<string, Value>>, path: string): Value {
  const value = Object.hasOwn(record, path) ? record[path] : undefined;
  if (value === undefined)
    throw Object.assign(new Error(`${path} is not in the snapshot`), { code: 'ENOENT' });
  return value;
}

/** @throws TypeError where the bytes are not UTF-8; a byte order mark is dropped */
export function utf8Text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

/** Why a file could not be read, to stand behind a colon. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? messageOf(error);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'roomd may not read it',
  EISDIR: 'it is a folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};
