import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Overrides } from '../fleet/daemon-section.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { type Loaded, loadFleet } from '../fleet/load.ts';
import type { Problem } from '../fleet/problem.ts';
import type { SecretSource } from '../fleet/secret-ref.ts';
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import { sections } from './sections.ts';

export interface FleetSource {
  readonly file: string;
  readonly overrides: Overrides;
  readonly secrets: SecretSource;
}

/** The fleet in force, and what is wrong with the file where it is another. */
export interface Standing {
  readonly fleet: Fleet;
  /** The file's text that made the fleet. */
  readonly text: string;
  readonly problems: readonly Problem[];
  /** Started on the last good fleet because the file was broken; nothing is written until it is mended. */
  readonly safeMode: boolean;
}

/** A loaded file with the text it was made of, so that a later start can fall back on exactly that. */
export type DaemonLoaded = Loaded & { readonly text: string };

/** Loads the fleet as the daemon needs it; a given `text` stands in for what is on the disk. */
export async function loadDaemonFleet(
  source: FleetSource,
  options: { fingerprintKey?: string; text?: string } = {},
): Promise<DaemonLoaded> {
  const { file, overrides, secrets } = source;
  const { fingerprintKey } = options;
  let text = options.text ?? '';
  const loaded = await loadFleet(file, {
    secrets,
    sections,
    overrides,
    ...(fingerprintKey === undefined ? {} : { fingerprintKey }),
    readFile: async (path) => {
      text = options.text ?? (await readFile(path, 'utf8'));
      return text;
    },
  });
  return { ...loaded, text };
}

/**
 * Where the database lies, read from a file that may be broken everywhere
 * else: the last good fleet is in there.
 */
export async function likelyDatabaseFile({ file, overrides }: FleetSource): Promise<string> {
  const named = overrides.database ?? (await namedDatabase(file)) ?? 'sqlite:./data/roomd.db';
  return resolve(overrides.database === undefined ? dirname(file) : '.', named.replace(/^sqlite:/, ''));
}

async function namedDatabase(file: string): Promise<string | null> {
  try {
    const document: unknown = parse(await readFile(file, 'utf8'), { logLevel: 'silent' });
    const daemon = (document as { daemon?: { database?: unknown } } | null)?.daemon;
    return typeof daemon?.database === 'string' ? daemon.database : null;
  } catch {
    return null;
  }
}

/** Editors save in several steps; the file is read when it has been quiet this long. */
const QUIET_MS = 300;

/** Watches the fleet file and asks for a reload when it has changed. */
export class FleetWatch implements Part {
  readonly name = 'fleet watch';
  readonly #file: string;
  readonly #onChange: () => void;
  readonly #clock: Clock;
  #watcher: FSWatcher | null = null;
  #cancel: (() => void) | null = null;

  constructor({ file }: { file: string }, { onChange, clock }: { onChange: () => void; clock: Clock }) {
    this.#file = file;
    this.#onChange = onChange;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    // The folder, not the file: editors and git replace the file by another.
    this.#watcher = watch(dirname(this.#file), (_event, name) => {
      if (name !== null && name !== basename(this.#file)) return;
      this.#cancel?.();
      this.#cancel = this.#clock.after(QUIET_MS, this.#onChange);
    });
    this.#watcher.on('error', () => this.#watcher?.close());
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    this.#watcher?.close();
  }
}
