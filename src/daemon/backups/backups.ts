import { type BackupRow, backUpDevices } from '../../fleet/backup.ts';
import { type BackupState, loadBackupState, saveBackupState } from '../../fleet/backup-state.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Acceptances } from '../../fleet/knowledge/acceptances.ts';
import type { Target } from '../../fleet/plan.ts';
import { parseSelector, select } from '../../fleet/selector.ts';
import { fanOut } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { readSchedule } from '../../lib/cron.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import { ZoneClock } from '../../lib/zone.ts';
import type { Message } from '../../notify/notifier.ts';
import type { Database } from '../../storage/database.ts';
import { dueBackup } from './due.ts';
import { backupMessage } from './message.ts';
import { type BackupsSection, backupFolder, backupsOf } from './section.ts';

export interface BackupsModules {
  readonly fleet: () => Fleet;
  readonly targets: (fleet: Fleet, names: ReadonlySet<string>) => readonly Target[];
  readonly accepts: Acceptances;
  readonly enqueue: (notifier: string, message: Message) => Promise<unknown>;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Devices that are read at the same time. */
const PARALLEL = 8;
/** The clock is looked at this often at least, so that a clock that is set is noticed, and a changed file. */
const LOOK_MS = 15_000;

/**
 * Backs up on the file's schedule, one run at a time. Runs that fell into a
 * time when roomd did not run, or were cut off by its end, are made up by one
 * at the next start.
 */
export class Backups implements Part {
  readonly name = 'backups';
  readonly #modules: BackupsModules;
  readonly #stopping = new AbortController();
  #state: BackupState | null = null;
  #cancel: () => void = () => undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(modules: BackupsModules) {
    this.#modules = modules;
    fanOut(this.#stopping.signal);
  }

  async start(): Promise<void> {
    this.#state = await loadBackupState(this.#modules.database);
    this.#turn();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    this.#cancel();
    await this.#working;
  }

  /** What keeps backups from being kept, in a sentence; null while nothing does, or none are asked for. */
  trouble(): string | null {
    return backupsOf(this.#modules.fleet()) === null ? null : (this.#state?.trouble ?? null);
  }

  /** What the file asks for, and when the next run is due; null where it asks for none. */
  plan(): { section: BackupsSection; folder: string; nextAt: number | null } | null {
    const fleet = this.#modules.fleet();
    const section = backupsOf(fleet);
    if (section === null) return null;
    const now = this.#modules.clock.now();
    return { section, folder: backupFolder(fleet, section), nextAt: this.#due(section, now)?.nextAt ?? null };
  }

  #turn(): void {
    const { clock, logger } = this.#modules;
    const { signal } = this.#stopping;
    this.#working = this.#look()
      .catch((error: unknown) => {
        if (!signal.aborted) logger.error({ error: messageOf(error) }, 'A backup could not be carried out');
      })
      .then(() => {
        if (signal.aborted) return;
        const dueInMs = (this.plan()?.nextAt ?? Number.POSITIVE_INFINITY) - clock.now();
        this.#cancel = clock.after(Math.min(LOOK_MS, Math.max(dueInMs, 1)), () => this.#turn(), {
          unref: true,
        });
      });
  }

  async #look(): Promise<void> {
    const { fleet: current, clock, database } = this.#modules;
    const fleet = current();
    const section = backupsOf(fleet);
    if (section === null) return;
    const now = clock.now();
    if (this.#state === null) {
      // Nothing was missed before the schedule was known.
      this.#state = { countedFrom: now, running: null, last: null, trouble: null, devices: {} };
      await saveBackupState(database, this.#state);
    }
    const due = this.#due(section, now);
    const dueAt = due?.dueAt ?? this.#state.running;
    if (due === null || dueAt === null) return;
    await this.#run(section, fleet, { dueAt, missed: due.missed });
  }

  #due(section: BackupsSection, now: number) {
    const { schedule } = readSchedule(section.schedule);
    if (schedule === null) return null;
    const zone = new ZoneClock(section.timezone ?? 'UTC');
    return dueBackup(schedule, zone, { countedFrom: this.#state?.countedFrom ?? now, now });
  }

  async #run(
    section: BackupsSection,
    fleet: Fleet,
    { dueAt, missed }: { dueAt: number; missed: number },
  ): Promise<void> {
    const { clock, database, logger, targets, accepts } = this.#modules;
    const before = this.#state;
    if (before === null) return;
    const startedAt = clock.now();
    this.#state = { ...before, running: dueAt };
    await saveBackupState(database, this.#state);
    const rows = await backUpDevices(
      targets(fleet, namesOf(section, fleet)),
      { folder: backupFolder(fleet, section), limit: PARALLEL, signal: this.#stopping.signal },
      { accepts, now: () => clock.now() },
    );
    this.#stopping.signal.throwIfAborted();
    const endedAt = clock.now();
    const trouble = rows.find(({ fault }) => fault === 'folder')?.reason ?? null;
    const last = { dueAt, startedAt, endedAt, missed, ...tally(rows) };
    const next = {
      countedFrom: Math.max(dueAt, before.countedFrom),
      running: null,
      last,
      trouble,
      devices: devicesAfter(rows, before.devices, endedAt),
    };
    await this.#tell(section, rows, { before, trouble });
    await saveBackupState(database, next);
    this.#state = next;
    logger.info(last, 'Devices were backed up');
    if (trouble !== null) logger.error({ trouble }, 'Backups cannot be kept');
  }

  /** Before the run counts as done: a crash in between tells the same news twice rather than never. */
  async #tell(
    { notify, lines }: BackupsSection,
    rows: readonly BackupRow[],
    { before, trouble }: { before: BackupState; trouble: string | null },
  ): Promise<void> {
    const news = { rows, before: before.devices, trouble, troubleBefore: before.trouble };
    const markdown = notify === undefined ? null : backupMessage(news, lines);
    if (notify === undefined || markdown === null) return;
    await this.#modules.enqueue(notify, { markdown });
  }
}

function namesOf({ devices }: BackupsSection, fleet: Fleet): ReadonlySet<string> {
  const chosen = devices === undefined ? fleet.devices : select(parseSelector(devices), fleet.devices);
  return new Set(chosen.map(({ name }) => name));
}

function tally(rows: readonly BackupRow[]): { changed: number; failed: number } {
  return {
    changed: rows.filter(({ state }) => state === 'new' || state === 'changed').length,
    failed: rows.filter(({ state }) => state === 'failed').length,
  };
}

/** A trouble with the folder is not the device's: whether that was failing stays as it was. */
function devicesAfter(
  rows: readonly BackupRow[],
  before: BackupState['devices'],
  now: number,
): BackupState['devices'] {
  return Object.fromEntries(
    rows.map(({ name, state, reason, fault }) => {
      const known = before[name];
      const failingSince =
        fault === 'device'
          ? (known?.failingSince ?? now)
          : fault === 'folder'
            ? (known?.failingSince ?? null)
            : null;
      const backedUpAt = state === 'failed' ? (known?.backedUpAt ?? null) : now;
      return [name, { state, reason, failingSince, backedUpAt }];
    }),
  );
}
