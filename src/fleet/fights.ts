import type { Compilable } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, type NewEvent, ownEvent } from '../storage/events.ts';
import type { DeviceAddress } from '../xapi/device.ts';
import { type PathText, pathKey } from '../xapi/path.ts';
import type { Change, ChangeResult } from './change.ts';
import {
  byPath,
  FIGHT_WINDOW_MS,
  type Fight,
  fightSentence,
  type HeardValue,
  judgeSetting,
  lastFlipAt,
  type PastWrite,
} from './fight.ts';
import { fightRow, openFights, valuesHeard, writesSince } from './fight-store.ts';

/** Judges the settings of one device that differ in one look at it. */
export interface Referee {
  /** Why drift repair must not write this one, in a sentence; null where it may. */
  leavesAlone(change: Change): string | null;
  /** What it judged to be fights, by the key of their paths. */
  readonly fights: ReadonlyMap<string, Fight>;
}

/** The device, by roomd's own id of it and its name. */
type Fighter = Pick<DeviceAddress, 'id' | 'name'>;

type DeviceFights = ReadonlyMap<string, Fight>;

/**
 * The fights over settings, of all devices: recognised from what is on record
 * of writes and reports, open ones kept in the database, told as events when
 * they begin and end.
 */
export class Fights {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #open = new Map<number, DeviceFights>();

  constructor({ database, clock, logger }: { database: Database; clock: Clock; logger: Logger }) {
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Takes over those that were open when roomd last ran. */
  async load(): Promise<void> {
    this.#open.clear();
    for (const { deviceId, fight } of await openFights(this.#database)) {
      const known = this.#open.get(deviceId) ?? new Map<string, Fight>();
      this.#open.set(deviceId, new Map(known).set(pathKey(fight.path), fight));
    }
  }

  /** The open fights of a device, by path. */
  list(deviceId: number): readonly Fight[] {
    const fights = [...(this.#open.get(deviceId)?.values() ?? [])];
    return fights.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  /** Reads what is on record of the device, so that each setting can be judged without waiting. */
  async referee(deviceId: number): Promise<Referee> {
    const now = this.#clock.now();
    const open = this.#open.get(deviceId) ?? NONE;
    const since = Math.min(now - FIGHT_WINDOW_MS, ...[...open.values()].map(({ openedAt }) => openedAt));
    const writes = byPath(await writesSince(this.#database, deviceId, since));
    const heard = await this.#heard(deviceId, { writes, open, since: now - FIGHT_WINDOW_MS });
    const fights = new Map<string, Fight>();
    return {
      fights,
      leavesAlone: (change) => {
        const key = pathKey(change.path);
        const past = {
          writes: writes.get(key) ?? [],
          heard: heard.get(key) ?? [],
          open: open.get(key) ?? null,
        };
        const stand = judgeSetting(past, change, this.#clock.now());
        if (stand.verdict === 'correct') return null;
        if (stand.verdict === 'refused')
          return `${change.path} was written ${stand.times} times within the hour and the device refused it each time: left alone`;
        fights.set(key, stand.fight);
        return fightSentence(stand.fight);
      },
    };
  }

  /**
   * Records what a look at the device found. Fights that the referee did not
   * judge go on only where a hold or the room kept it from judging.
   * @param kept whether drift repair would keep the setting at this path
   * @param by who applied, where a person did: that ends the fights that were settled by it
   */
  async settle(
    { id, name }: Fighter,
    results: readonly ChangeResult[],
    {
      referee = null,
      kept = () => true,
      by = null,
    }: { referee?: Referee | null; kept?: (path: PathText) => boolean; by?: string | null },
  ): Promise<void> {
    const open = this.#open.get(id) ?? NONE;
    const judged = referee?.fights ?? NONE;
    if (open.size === 0 && judged.size === 0) return;
    const left = new Set(
      results
        .filter(({ outcome }) => outcome !== 'accepted' && outcome !== 'accepted-unreadable')
        .map(({ change }) => pathKey(change.path)),
    );
    const next = new Map(judged);
    const ended: { fight: Fight; reason: string }[] = [];
    for (const [key, fight] of open) {
      if (next.has(key)) continue;
      if (left.has(key) && kept(fight.path) && this.#isFresh(fight)) next.set(key, fight);
      else ended.push({ fight, reason: this.#whyOver(fight, { isLeft: left.has(key), kept, by }) });
    }
    await this.#record({ id, name }, { open, next, ended });
  }

  /** Ends the fights of a device on which roomd corrects nothing now. */
  async abandon({ id, name }: Fighter, reason: string): Promise<void> {
    const open = this.#open.get(id);
    if (open === undefined) return;
    const ended = [...open.values()].map((fight) => ({ fight, reason }));
    await this.#record({ id, name }, { open, next: NONE, ended });
  }

  /** Read only where some setting was put right often enough, or is fought over already. */
  async #heard(
    deviceId: number,
    { writes, open, since }: { writes: ReadonlyMap<string, PastWrite[]>; open: DeviceFights; since: number },
  ): Promise<ReadonlyMap<string, HeardValue[]>> {
    const keys = new Set([
      ...open.keys(),
      ...[...writes].filter(([, rows]) => rows.length >= WORTH_ASKING).map(([key]) => key),
    ]);
    return keys.size === 0 ? new Map() : byPath(await valuesHeard(this.#database, { deviceId, keys, since }));
  }

  #isFresh(fight: Fight): boolean {
    return this.#clock.now() - lastFlipAt(fight) <= FIGHT_WINDOW_MS;
  }

  #whyOver(
    fight: Fight,
    { isLeft, kept, by }: { isLeft: boolean; kept: (path: PathText) => boolean; by: string | null },
  ): string {
    if (!kept(fight.path)) return 'roomd does not keep this setting any more';
    if (isLeft || !this.#isFresh(fight)) return 'nobody changed it for an hour';
    return by === null ? 'the device holds what was approved' : `${by} applied it`;
  }

  async #record(
    { id: deviceId, name: device }: Fighter,
    {
      open,
      next,
      ended,
    }: { open: DeviceFights; next: DeviceFights; ended: readonly { fight: Fight; reason: string }[] },
  ): Promise<void> {
    const opened = [...next].filter(([key]) => !open.has(key)).map(([, fight]) => fight);
    const changed = [...next]
      .filter(([key, fight]) => !isSame(open.get(key), fight))
      .map(([, fight]) => fight);
    if (changed.length === 0 && ended.length === 0) return;
    const { query } = this.#database;
    const statements: Compilable[] = [
      ...changed.map((fight) => {
        const row = fightRow(deviceId, fight);
        return query
          .insertInto('fight')
          .values(row)
          .onConflict((conflict) => conflict.columns(['device_id', 'path']).doUpdateSet(row));
      }),
      ...ended.map(({ fight }) =>
        query.deleteFrom('fight').where('device_id', '=', deviceId).where('path', '=', fight.path),
      ),
    ];
    const events = [
      ...opened.map((fight) => this.#event(deviceId, fight, { state: 'opened' })),
      ...ended.map(({ fight, reason }) => this.#event(deviceId, fight, { state: 'ended', reason })),
    ];
    await appendEvents(this.#database, events, statements);
    if (next.size === 0) this.#open.delete(deviceId);
    else this.#open.set(deviceId, next);
    for (const fight of opened)
      this.#logger.warn(
        { device, path: fight.path, reason: fightSentence(fight) },
        'A setting is fought over: roomd leaves it alone',
      );
    for (const { fight, reason } of ended)
      this.#logger.info({ device, path: fight.path, reason }, 'A fight over a setting has ended');
  }

  #event(deviceId: number, { path, ours, theirs, since, flips }: Fight, more: object): NewEvent {
    const payload = { ...more, ours, theirs, since, flips };
    return ownEvent({ deviceId, kind: 'fight', path, payload, at: this.#clock.now() });
  }
}

const NONE: DeviceFights = new Map();

/** Fewer writes of one setting than this are no fight, whatever was heard. */
const WORTH_ASKING = 3;

function isSame(one: Fight | undefined, other: Fight): boolean {
  return one !== undefined && one.theirs === other.theirs && lastFlipAt(one) === lastFlipAt(other);
}
