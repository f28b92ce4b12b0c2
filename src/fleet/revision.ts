import type { Clock } from '../lib/clock.ts';
import type { NewId } from '../lib/random.ts';
import { Secret } from '../lib/secret.ts';
import type { Database } from '../storage/database.ts';
import type { DesiredDevice, DesiredSetting, Fleet } from './fleet.ts';

/** A state of the fleet that a person approved. */
export interface Revision {
  readonly id: string;
  readonly fingerprint: string;
  readonly approvedAt: number;
  readonly approvedBy: string;
  /** Device → path → value; secrets as keyed fingerprints. */
  readonly desired: Readonly<Record<string, Readonly<Record<string, ApprovedValue>>>>;
}

type ApprovedValue = { readonly value: string } | { readonly fingerprint: string };

export class RevisionStore {
  readonly #fingerprintKey: string;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #newId: NewId;

  constructor(
    { fingerprintKey }: { fingerprintKey: string },
    { database, clock, newId }: { database: Database; clock: Clock; newId: NewId },
  ) {
    this.#fingerprintKey = fingerprintKey;
    this.#database = database;
    this.#clock = clock;
    this.#newId = newId;
  }

  async latest(): Promise<Revision | null> {
    const { query } = this.#database;
    const [row] = await this.#database.read(
      query.selectFrom('revision').selectAll().orderBy('id', 'desc').limit(1),
    );
    if (row === undefined) return null;
    return {
      id: row.id,
      fingerprint: row.fingerprint,
      approvedAt: row.approved_at,
      approvedBy: row.approved_by,
      desired: JSON.parse(row.desired_json) as Revision['desired'],
    };
  }

  /**
   * Records that `actor` approved the fleet as the file has it, for the named
   * devices; the others keep what was approved before. Approving what is
   * approved already gives the same revision.
   */
  async approve(fleet: Fleet, names: ReadonlySet<string>, actor: string): Promise<Revision> {
    const before = await this.latest();
    const desired: Record<string, Record<string, ApprovedValue>> = {};
    for (const device of fleet.devices) {
      const kept = before?.desired[device.name];
      if (names.has(device.name)) desired[device.name] = this.#snapshot(device);
      else if (kept !== undefined) desired[device.name] = kept;
    }
    if (before !== null && JSON.stringify(before.desired) === JSON.stringify(desired)) return before;
    const revision: Revision = {
      id: this.#newId(),
      fingerprint: fleet.fingerprint,
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
        desired_json: JSON.stringify(desired),
      }),
    ]);
    return revision;
  }

  /**
   * The device with exactly the settings that were approved. A secret is not
   * in the record: it is taken from the file while its fingerprint is the
   * approved one, and left alone otherwise.
   */
  approvedState(device: DesiredDevice, revision: Revision): DesiredDevice {
    const approved = revision.desired[device.name] ?? {};
    const configuration = new Map<string, DesiredSetting>();
    for (const [path, wanted] of Object.entries(approved)) {
      const inFile = device.configuration.get(path);
      if ('value' in wanted) {
        configuration.set(path, { ...(inFile ?? approvedOrigin(path, device)), value: wanted.value });
      } else if (
        inFile?.value instanceof Secret &&
        inFile.value.fingerprint(this.#fingerprintKey) === wanted.fingerprint
      ) {
        configuration.set(path, inFile);
      }
    }
    return { ...device, configuration };
  }

  /** Whether what the file says of this device is what was approved. */
  isApproved(device: DesiredDevice, revision: Revision | null): boolean {
    return JSON.stringify(revision?.desired[device.name]) === JSON.stringify(this.#snapshot(device));
  }

  #snapshot(device: DesiredDevice): Record<string, ApprovedValue> {
    const settings = [...device.configuration.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    return Object.fromEntries(
      settings.map(({ path, value }) => [
        path,
        value instanceof Secret ? { fingerprint: value.fingerprint(this.#fingerprintKey) } : { value },
      ]),
    );
  }
}

/** A setting that was approved and is no longer in the file stands until a new approval. */
function approvedOrigin(path: string, device: DesiredDevice): DesiredSetting {
  return {
    path,
    value: '',
    origin: { layer: 'approved revision', place: device.place, shown: '' },
    overridden: [],
  };
}
