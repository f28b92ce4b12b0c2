import type { Compilable } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { MacroSettingTable } from '../storage/tables/macros.ts';
import { type PathText, pathKey } from '../xapi/path.ts';

/** A setting that a macro changed for a time and that is not put back yet. Times are UTC milliseconds. */
export interface LentSetting {
  readonly runId: string;
  readonly macro: string;
  readonly deviceId: number;
  /** The device's name today. */
  readonly device: string;
  readonly path: PathText;
  readonly before: string;
  readonly value: string;
  /** Null: until its run ends. */
  readonly untilAt: number | null;
}

export type NewLent = Omit<LentSetting, 'device'>;

/** What became of one; a reason where it was not put back. */
export interface Settled {
  readonly lent: LentSetting;
  readonly state: Exclude<MacroSettingTable['state'], 'held'>;
  readonly reason: string | null;
}

/** The queries on macro_setting. Of a device and a path there is at most one that is held. */
export class SettingStore {
  readonly #database: Database;
  /** It was read that none is held, and none came since: what is looked for at each turn need not be asked then. */
  #isNoneHeld = false;
  #lends = 0;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  async held(): Promise<LentSetting[]> {
    if (this.#isNoneHeld) return [];
    const lends = this.#lends;
    const rows = await this.#database.read(
      this.#database.query
        .selectFrom('macro_setting')
        .innerJoin('device', 'device.id', 'macro_setting.device_id')
        .selectAll('macro_setting')
        .select('device.name as device')
        .where('state', '=', 'held'),
    );
    this.#isNoneHeld = rows.length === 0 && lends === this.#lends;
    return rows.map((row) => ({
      runId: row.run_id,
      macro: row.macro,
      deviceId: row.device_id,
      device: row.device,
      path: row.path,
      before: row.before,
      value: row.value,
      untilAt: row.until_at,
    }));
  }

  /** Records what is about to be set, and until when what is set already stays, in one transaction. */
  async lend(
    lent: readonly NewLent[],
    longer: readonly Pick<LentSetting, 'deviceId' | 'path'>[],
    { at, untilAt }: { at: number; untilAt: number | null },
  ): Promise<void> {
    const { query } = this.#database;
    const inserts: Compilable[] = lent.map((one) =>
      query.insertInto('macro_setting').values({
        run_id: one.runId,
        macro: one.macro,
        device_id: one.deviceId,
        path: one.path,
        before: one.before,
        value: one.value,
        set_at: at,
        until_at: one.untilAt,
        state: 'held',
        reason: null,
        settled_at: null,
      }),
    );
    this.#holdsAgain();
    try {
      await this.#database.write([
        ...inserts,
        ...longer.map((one) => this.#change(one, { until_at: untilAt })),
      ]);
    } finally {
      // Once more, for who read between the two and saw nothing yet.
      this.#holdsAgain();
    }
  }

  #holdsAgain(): void {
    this.#lends += 1;
    this.#isNoneHeld = false;
  }

  /** They are due from now on. */
  async due(lent: readonly LentSetting[], at: number): Promise<void> {
    if (lent.length > 0) await this.#database.write(lent.map((one) => this.#change(one, { until_at: at })));
  }

  /** The device shows another text for what it was given. */
  async shown(lent: Pick<LentSetting, 'deviceId' | 'path'>, value: string): Promise<void> {
    await this.#database.write([this.#change(lent, { value })]);
  }

  async settle(settled: readonly Settled[], at: number): Promise<void> {
    if (settled.length === 0) return;
    await this.#database.write(
      settled.map(({ lent, state, reason }) => this.#change(lent, { state, reason, settled_at: at })),
    );
  }

  #change(
    { deviceId, path }: Pick<LentSetting, 'deviceId' | 'path'>,
    values: Partial<MacroSettingTable>,
  ): Compilable {
    return this.#database.query
      .updateTable('macro_setting')
      .set(values)
      .where('device_id', '=', deviceId)
      .where('path', '=', path)
      .where('state', '=', 'held');
  }
}

/** Why drift repair leaves settings of a device alone for now, in a sentence each, by the keys of their paths. */
export async function lentSentences(
  database: Database,
  deviceId: number,
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.read(
    database.query
      .selectFrom('macro_setting')
      .select(['path', 'macro', 'until_at'])
      .where('device_id', '=', deviceId)
      .where('state', '=', 'held'),
  );
  return new Map(
    rows.map(({ path, macro, until_at: untilAt }) => [
      pathKey(path),
      `${path} is set by the macro "${macro}" ${untilText(untilAt)}, and put back then`,
    ]),
  );
}

export function untilText(untilAt: number | null): string {
  return untilAt === null
    ? 'until its run ends'
    : `until ${new Date(untilAt).toISOString().replace(/\.\d+Z$/, 'Z')}`;
}
