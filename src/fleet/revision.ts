import type { Clock } from '../lib/clock.ts';
import { KeyedMutex } from '../lib/keyed-mutex.ts';
import type { NewId } from '../lib/random.ts';
import type { Database } from '../storage/database.ts';
import { blobsOf, ContentDigests } from './approved-content.ts';
import { type ApprovedDevice, approvedDevice, isLegacyOf } from './approved-device.ts';
import {
  type ApprovedSettings,
  approvedOf,
  CONTENT,
  inPathOrder,
  isContent,
  settledAt,
} from './approved-settings.ts';
import type { BlobStore } from './blob-store.ts';
import type { DesiredDevice, Fleet } from './fleet.ts';
import { commitOf, type FleetCommit, rowOfCommit } from './fleet-commit.ts';
import type { Target } from './plan.ts';

/** A state of the fleet that a person approved. */
export interface Revision {
  readonly id: string;
  readonly fingerprint: string;
  readonly approvedAt: number;
  readonly approvedBy: string;
  /** Of the git repository that the fleet file lay in; null where there was none, and for what comes from no file. */
  readonly commit: FleetCommit | null;
  /** By device id, so that an approval follows its device when that is renamed. */
  readonly desired: ReadonlyMap<number, ApprovedSettings>;
}

/** What persons approved, and on which devices it is still to be carried out. One process at a time owns it. */
export class RevisionStore {
  readonly #fingerprintKey: string;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #blobs: BlobStore;
  readonly #digests = new ContentDigests();
  /** Approvals build on one another: two at once would forget one. */
  readonly #turns = new KeyedMutex();
  #latest: Revision | null | undefined = undefined;

  constructor(
    { fingerprintKey }: { fingerprintKey: string },
    { database, blobs, clock, newId }: { database: Database; blobs: BlobStore; clock: Clock; newId: NewId },
  ) {
    this.#fingerprintKey = fingerprintKey;
    this.#database = database;
    this.#blobs = blobs;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** Kept once read: every look at a device asks for it. */
  async latest(): Promise<Revision | null> {
    if (this.#latest !== undefined) return this.#latest;
    const read = await this.#read();
    this.#latest ??= read;
    return this.#latest;
  }

  /**
   * Records that `actor` approved the fleet as the file has it, for the named
   * devices; the others keep what was approved before. Approving what is
   * approved already gives the same revision. `commit` is where the file stands in git.
   */
  approve(
    fleet: Fleet,
    names: ReadonlySet<string>,
    actor: string,
    commit: FleetCommit | null = null,
  ): Promise<Revision> {
    return this.#turns.run('approve', () => this.#approve(fleet, names, { actor, commit }));
  }

  /** What an approval of this device as the file has it would put on record; `keepContent` puts there what it names. */
  stateOf(device: DesiredDevice): ApprovedSettings {
    return approvedOf(device, { key: this.#fingerprintKey, digests: this.#digests });
  }

  /** Keeps the content that the file gives these devices, so that a record may name it. */
  async keepContent(devices: readonly DesiredDevice[]): Promise<void> {
    const contents = new Set(devices.flatMap(({ content }) => (content === undefined ? [] : [content])));
    await this.#blobs.keep(blobsOf([...contents], this.#digests));
  }

  /**
   * Brings what databases from before schema 6 hold of content, one digest for
   * all, into today's form while the file still has exactly that content.
   */
  async upgradeContent(fleet: Fleet): Promise<void> {
    await this.#turns.run('approve', async () => {
      const latest = await this.latest();
      if (latest === null || ![...latest.desired.values()].some((approved) => CONTENT in approved)) return;
      const ids = await this.#ids();
      const byId = new Map(fleet.devices.map((device) => [ids.get(device.name) ?? -1, device]));
      const desired = new Map<number, ApprovedSettings>();
      const kept: DesiredDevice[] = [];
      for (const [id, approved] of latest.desired) {
        const device = byId.get(id);
        const legacy = approved[CONTENT];
        const isSame =
          device !== undefined &&
          legacy !== undefined &&
          isLegacyOf(device.content, legacy, this.#fingerprintKey);
        desired.set(id, isSame ? withContentOf(approved, this.stateOf(device)) : approved);
        if (isSame) kept.push(device);
      }
      if (kept.length === 0) return;
      await this.keepContent(kept);
      await this.#database.write([
        this.#database.query
          .updateTable('revision')
          .set({ desired_json: textOf(desired) })
          .where('id', '=', latest.id),
      ]);
      this.#latest = { ...latest, desired };
    });
  }

  /**
   * Records states that are on record elsewhere as approved, by device id: a
   * rollout's, or those from before it; null means that nothing is approved.
   * The other devices keep what they have. The same state gives the same revision.
   */
  approveStates(
    states: ReadonlyMap<number, ApprovedSettings | null>,
    {
      fingerprint,
      actor,
      commit = null,
    }: { fingerprint: string; actor: string; commit?: FleetCommit | null },
  ): Promise<Revision> {
    return this.#turns.run('approve', async () => {
      const before = await this.latest();
      const desired = new Map(before?.desired);
      for (const [id, settings] of states) {
        if (settings === null) desired.delete(id);
        else desired.set(id, settings);
      }
      return this.#record(desired, { before, fingerprint, actor, commit });
    });
  }

  /** The device with exactly what was approved, null where nothing was. `givesBack`: also what was another's before a rollout. */
  async approvedState(
    { desired, device }: Target,
    revision: Revision | null,
    { givesBack = false }: { givesBack?: boolean } = {},
  ): Promise<ApprovedDevice | null> {
    const approved = revision?.desired.get(device.address.id);
    if (approved === undefined) return null;
    return approvedDevice(desired, approved, {
      now: this.#clock.now(),
      fingerprintKey: this.#fingerprintKey,
      digests: this.#digests,
      givesBack,
      read: (digest) => this.#blobs.read(digest),
    });
  }

  /** Whether the file says something that nobody has approved, of any device that an apply writes to without its name. */
  async isPending(fleet: Fleet): Promise<boolean> {
    const [revision, ids] = [await this.latest(), await this.#ids()];
    const now = this.#clock.now();
    return fleet.devices.some((device) => {
      if (device.protected) return false;
      const approved = revision?.desired.get(ids.get(device.name) ?? -1);
      const wanted = settledAt(this.stateOf(device), now);
      return approved === undefined || JSON.stringify(settledAt(approved, now)) !== JSON.stringify(wanted);
    });
  }

  /** An apply that a person asked for could not be finished on this device. */
  async putOff(deviceId: number, actor: string): Promise<void> {
    const row = { device_id: deviceId, actor, since_at: this.#clock.now() };
    await this.#database.write([
      this.#database.query
        .insertInto('unfinished_apply')
        .values(row)
        .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row)),
    ]);
  }

  /** Who waits for an apply to be finished on this device; null where nobody does. */
  async waitingActor(deviceId: number): Promise<string | null> {
    const [row] = await this.#database.read(
      this.#database.query.selectFrom('unfinished_apply').select('actor').where('device_id', '=', deviceId),
    );
    return row?.actor ?? null;
  }

  async finished(deviceId: number): Promise<void> {
    await this.#database.write([
      this.#database.query.deleteFrom('unfinished_apply').where('device_id', '=', deviceId),
    ]);
  }

  async #approve(
    fleet: Fleet,
    names: ReadonlySet<string>,
    by: { actor: string; commit: FleetCommit | null },
  ): Promise<Revision> {
    await this.keepContent(fleet.devices.filter(({ name }) => names.has(name)));
    const [before, ids] = [await this.latest(), await this.#ids()];
    const desired = new Map<number, ApprovedSettings>();
    for (const device of fleet.devices) {
      const id = ids.get(device.name);
      if (id === undefined) continue;
      const kept = before?.desired.get(id);
      if (names.has(device.name)) desired.set(id, this.stateOf(device));
      else if (kept !== undefined) desired.set(id, kept);
    }
    return this.#record(desired, { before, fingerprint: fleet.fingerprint, ...by });
  }

  async #record(
    desired: ReadonlyMap<number, ApprovedSettings>,
    {
      before,
      fingerprint,
      actor,
      commit,
    }: { before: Revision | null; fingerprint: string; actor: string; commit: FleetCommit | null },
  ): Promise<Revision> {
    if (before !== null && textOf(before.desired) === textOf(desired)) return before;
    const revision: Revision = {
      id: this.#newId(),
      fingerprint,
      approvedAt: this.#clock.now(),
      approvedBy: actor,
      commit,
      desired,
    };
    await this.#database.write([
      this.#database.query.insertInto('revision').values({
        id: revision.id,
        fingerprint: revision.fingerprint,
        approved_at: revision.approvedAt,
        approved_by: actor,
        desired_json: textOf(desired),
        ...rowOfCommit(commit),
      }),
    ]);
    this.#latest = revision;
    return revision;
  }

  async #read(): Promise<Revision | null> {
    const { query } = this.#database;
    const [row] = await this.#database.read(
      query.selectFrom('revision').selectAll().orderBy('seq', 'desc').limit(1),
    );
    if (row === undefined) return null;
    const desired = JSON.parse(row.desired_json) as Record<string, ApprovedSettings>;
    return {
      id: row.id,
      fingerprint: row.fingerprint,
      approvedAt: row.approved_at,
      approvedBy: row.approved_by,
      commit: commitOf(row),
      desired: new Map(Object.entries(desired).map(([id, settings]) => [Number(id), settings])),
    };
  }

  async #ids(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.read(
      this.#database.query.selectFrom('device').select(['id', 'name']).where('removed_at', 'is', null),
    );
    return new Map(rows.map(({ id, name }) => [name, id]));
  }
}

/** Devices in the order of their ids (as of all integer keys), settings in that of their paths: one text for one state. */
function textOf(desired: ReadonlyMap<number, ApprovedSettings>): string {
  return JSON.stringify(Object.fromEntries(desired));
}

/** The record with its one digest for all content replaced by the content's own entries. */
function withContentOf(approved: ApprovedSettings, inFile: ApprovedSettings): ApprovedSettings {
  const settings = Object.entries(approved).filter(([path]) => path !== CONTENT);
  const content = Object.entries(inFile).filter(([, value]) => isContent(value));
  return inPathOrder([...settings, ...content]);
}
