import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Watched } from './fleet-keeper.ts';

/** Editors save in several steps; the files are read when they have been quiet this long. */
const QUIET_MS = 300;
/** Changes that the system tells nothing of, behind a symbolic link or on a network's disk, are seen by then. */
const LOOK_MS = 5_000;

/** Watches the files that a fleet is made of and asks for a reload when one of them has changed. */
export class FleetWatch implements Part {
  readonly name = 'fleet watch';
  readonly #watched: () => Watched;
  readonly #onChange: () => void;
  readonly #clock: Clock;
  readonly #watchers = new Map<string, FSWatcher>();
  #cancelQuiet: () => void = () => undefined;
  #cancelLook: () => void = () => undefined;
  #seen = '';
  #isRunning = false;

  constructor({ watched, onChange, clock }: { watched: () => Watched; onChange: () => void; clock: Clock }) {
    this.#watched = watched;
    this.#onChange = onChange;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#isRunning = true;
    this.#listen();
    this.#seen = await this.#mark();
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelQuiet();
    this.#cancelLook();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Folders, not files: editors and git replace a file by another. */
  #listen(): void {
    const { sources, sourceFolders } = this.#watched();
    const wanted = new Set([...sources.map((source) => dirname(source)), ...sourceFolders]);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#listenTo(folder);
  }

  /** A folder that cannot be watched is looked at all the same. */
  #listenTo(folder: string): void {
    try {
      const watcher = watch(folder, (_event, name) => {
        if (this.#isOurs(folder, name)) this.#soon();
      });
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      this.#watchers.delete(folder);
    }
  }

  #isOurs(folder: string, name: string | null): boolean {
    const { sources, sourceFolders } = this.#watched();
    if (name === null || sourceFolders.includes(folder)) return true;
    return sources.some((source) => dirname(source) === folder && basename(source) === name);
  }

  #soon(): void {
    if (!this.#isRunning) return;
    this.#cancelQuiet();
    this.#cancelQuiet = this.#clock.after(QUIET_MS, () => void this.#report());
  }

  async #report(): Promise<void> {
    this.#seen = await this.#mark();
    if (this.#isRunning) this.#onChange();
  }

  #lookLater(): void {
    this.#cancelLook = this.#clock.after(LOOK_MS, () => void this.#look());
  }

  /** The last reload may have brought other files to watch. */
  async #look(): Promise<void> {
    const mark = await this.#mark();
    if (!this.#isRunning) return;
    this.#listen();
    if (mark !== this.#seen) this.#soon();
    this.#lookLater();
  }

  /** What tells one state of the files from another. */
  async #mark(): Promise<string> {
    const { sources, sourceFolders } = this.#watched();
    const marks = await Promise.all([...sources, ...sourceFolders].map(markOf));
    return marks.join('\n');
  }
}

async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${path} ${ino} ${size} ${mtimeMs}`;
  } catch {
    return `${path} is not there`;
  }
}
