import type { Clock } from '../lib/clock.ts';
import { KeyedMutex } from '../lib/keyed-mutex.ts';
import type { NewId } from '../lib/random.ts';
import { Secret } from '../lib/secret.ts';
import type { Database } from '../storage/database.ts';
import { pathKey } from '../xapi/path.ts';
import { type ApprovedSettings, approvedOf, CONTENT, settledAt } from './approved-settings.ts';
import type { DesiredDevice, DesiredSetting, Fleet } from './fleet.ts';
import type { Target } from './plan.ts';

/** A state of the fleet that a person approved. */
export interface Revision {
  readonly id: string;
  readonly fingerprint: string;
  readonly approvedAt: number;
  readonly approvedBy: string;
  /** By device id, so that an approval follows its device when that is renamed. */
  readonly desired: ReadonlyMap<number, ApprovedSettings>;
}

/** What persons approved, and on which devices it is still to be carried out. One process at a time owns it. */
export class RevisionStore {
  readonly #fingerprintKey: string;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #newId: NewId;
  /** Approvals build on one another: two at once would forget one. */
  readonly #turns = new KeyedMutex();
  #latest: Revision | null | undefined = undefined;

  constructor(
    { fingerprintKey }: { fingerprintKey: string },
    { database, clock, newId }: { database: Database; clock: Clock; newId: NewId },
  ) {
    this.#fingerprintKey = fingerprintKey;
    this.#database = database;
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
   * approved already gives the same revision.
   */
  approve(fleet: Fleet, names: ReadonlySet<string>, actor: string): Promise<Revision> {
    return this.#turns.run('approve', () => this.#approve(fleet, names, actor));
  }

  /** What an approval of this device as the file has it would put on record. */
  stateOf(device: DesiredDevice): ApprovedSettings {
    return approvedOf(device, this.#fingerprintKey);
  }

  /**
   * Records states that are on record elsewhere as approved, by device id: a
   * rollout's, or those from before it; null means that nothing is approved.
   * The other devices keep what they have. The same state gives the same revision.
   */
  approveStates(
    states: ReadonlyMap<number, ApprovedSettings | null>,
    { fingerprint, actor }: { fingerprint: string; actor: string },
  ): Promise<Revision> {
    return this.#turns.run('approve', async () => {
      const before = await this.latest();
      const desired = new Map(before?.desired);
      for (const [id, settings] of states) {
        if (settings === null) desired.delete(id);
        else desired.set(id, settings);
      }
      return this.#record(desired, { before, fingerprint, actor });
    });
  }

  /**
   * The device with exactly the settings that were approved, null where none
   * were. A secret is not in the record: it is taken from the file while its
   * fingerprint is the approved one, and left alone otherwise.
   */
  approvedState({ desired, device }: Target, revision: Revision | null): DesiredDevice | null {
    const approved = revision?.desired.get(device.address.id);
    if (approved === undefined) return null;
    const inFile = new Map([...desired.configuration.values()].map((one) => [pathKey(one.path), one]));
    const configuration = new Map<string, DesiredSetting>();
    for (const [path, wanted] of Object.entries(settledAt(approved, this.#clock.now()))) {
      const setting = inFile.get(pathKey(path));
      if ('value' in wanted) {
        configuration.set(path, { ...(setting ?? approvedOnly(path, desired)), value: wanted.value });
      } else if (
        setting !== undefined &&
        'fingerprint' in wanted &&
        this.#isOf(setting.value, wanted.fingerprint)
      ) {
        configuration.set(path, setting);
      }
    }
    return { ...desired, configuration };
  }

  /** Whether the panels, macros and the like that the file names for the device are those that were approved. */
  isContentApproved({ desired, device }: Target, revision: Revision | null): boolean {
    const approved = revision?.desired.get(device.address.id);
    const wanted = approvedOf(desired, this.#fingerprintKey)[CONTENT];
    return approved !== undefined && JSON.stringify(approved[CONTENT]) === JSON.stringify(wanted);
  }

  /** Whether the file says something of any device that nobody has approved. */
  async isPending(fleet: Fleet): Promise<boolean> {
    const [revision, ids] = [await this.latest(), await this.#ids()];
    const now = this.#clock.now();
    return fleet.devices.some((device) => {
      const approved = revision?.desired.get(ids.get(device.name) ?? -1);
      const wanted = settledAt(approvedOf(device, this.#fingerprintKey), now);
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

  async #approve(fleet: Fleet, names: ReadonlySet<string>, actor: string): Promise<Revision> {
    const [before, ids] = [await this.latest(), await this.#ids()];
    const desired = new Map<number, ApprovedSettings>();
    for (const device of fleet.devices) {
      const id = ids.get(device.name);
      if (id === undefined) continue;
      const kept = before?.desired.get(id);
      if (names.has(device.name)) desired.set(id, approvedOf(device, this.#fingerprintKey));
      else if (kept !== undefined) desired.set(id, kept);
    }
    return this.#record(desired, { before, fingerprint: fleet.fingerprint, actor });
  }

  async #record(
    desired: ReadonlyMap<number, ApprovedSettings>,
    { before, fingerprint, actor }: { before: Revision | null; fingerprint: string; actor: string },
  ): Promise<Revision> {
    if (before !== null && textOf(before.desired) === textOf(desired)) return before;
    const revision: Revision = {
      id: this.#newId(),
      fingerprint,
      approvedAt: this.#clock.now(),
      approvedBy: actor,
      desired,
    };
    await this.#database.write([
      this.#database.query.insertInto('revision').values({
        id: revision.id,
        fingerprint: revision.fingerprint,
        approved_at: revision.approvedAt,
        approved_by: actor,
        desired_json: textOf(desired),
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
      desired: new Map(Object.entries(desired).map(([id, settings]) => [Number(id), settings])),
    };
  }

  async #ids(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.read(
      this.#database.query.selectFrom('device').select(['id', 'name']).where('removed_at', 'is', null),
    );
    return new Map(rows.map(({ id, name }) => [name, id]));
  }

  #isOf(value: string | Secret, fingerprint: string): boolean {
    return value instanceof Secret && value.fingerprint(this.#fingerprintKey) === fingerprint;
  }
}

/** Devices in the order of their ids (as of all integer keys), settings in that of their paths: one text for one state. */
function textOf(desired: ReadonlyMap<number, ApprovedSettings>): string {
  return JSON.stringify(Object.fromEntries(desired));
}

/** A setting that was approved and is no longer in the file stands until a new approval. */
function approvedOnly(path: string, device: DesiredDevice): DesiredSetting {
  return {
    path,
    value: '',
    origin: { layer: 'approved revision', place: device.place, shown: '' },
    overridden: [],
  };
}
