import { type AbortOptions, sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { readEvents } from '../storage/events.ts';
import { devicesWithEvents, firstSeqSince, lastSeqBefore } from './event-range.ts';
import { Fold } from './fold.ts';
import type { Projection } from './projection.ts';
import { begun, loadStates, moveCursor, readBookmarks, setVersion } from './projection-store.ts';
import { type AnyState, projections } from './projections/all.ts';
import { rebase, rederive } from './rederive.ts';
import { loggedEvent } from './stored-event.ts';

export interface ProjectorOptions {
  /** Rounds are at least so far apart, so that a busy log is read in batches; 100 when left out. */
  readonly roundMs?: number;
}

interface Collaborators {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

const PAGE = 1_000;
const RETRY_MS = 1_000;

/**
 * Makes the records (presence, calls, bookings, spans, measurements) out of
 * the log of events, in order of `seq`. The cursor moves in the same
 * transaction as what was derived, so a kill at any moment neither loses nor
 * repeats anything. Whatever else changes records takes its turn here.
 */
export class Projector implements Part {
  readonly name = 'projector';
  readonly #roundMs: number;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** By projection, then by device. */
  #states: ReadonlyMap<string, Map<number, AnyState>> | null = null;
  #seq = 0;
  #turn: Promise<void> = Promise.resolve();
  #stopping = new AbortController();
  #loop: Promise<void> | null = null;
  #wake: () => void = () => undefined;

  constructor({ roundMs = 100 }: ProjectorOptions, { database, clock, logger }: Collaborators) {
    this.#roundMs = roundMs;
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Catches up with the log, then follows it. */
  async start(): Promise<void> {
    await this.projectAll();
    this.#stopping = new AbortController();
    this.#loop = this.#follow(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the projector stops'));
    this.#wake();
    await this.#loop;
    await this.#turn.catch(() => undefined);
  }

  /** Resolves once everything that was appended before is projected. */
  projectAll(): Promise<void> {
    return this.#inTurn(() => this.#catchUp());
  }

  /**
   * Makes the records again from the events that are kept, those since a time
   * (UTC milliseconds) where one is given, device by device; what older events
   * told stays as it is.
   * @returns how many devices it did
   */
  async rebuild({ since = 0, deviceId }: { since?: number; deviceId?: number } = {}): Promise<number> {
    let done = 0;
    for (const id of deviceId === undefined ? await devicesWithEvents(this.#database) : [deviceId]) {
      await this.#inTurn(async () => {
        await this.#catchUp();
        const sinceSeq = since === 0 ? 0 : await firstSeqSince(this.#database, id, since);
        if (sinceSeq !== null) await this.#rederive(id, projections, sinceSeq);
      });
      done += 1;
    }
    return done;
  }

  /** Makes the events before a time (UTC milliseconds) dispensable: rebuilds begin after them from then on. */
  async detach(before: number, options: AbortOptions = {}): Promise<void> {
    for (const deviceId of await devicesWithEvents(this.#database)) {
      options.signal?.throwIfAborted();
      await this.#inTurn(async () => {
        await this.#catchUp();
        const untilSeq = await lastSeqBefore(this.#database, deviceId, before);
        if (untilSeq === null) return;
        await rebase({ database: this.#database, projections, deviceId, untilSeq }, options);
      });
    }
  }

  /** Changes events or records of a device while nothing is projected, then makes the device's records again. */
  change(deviceId: number, work: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#catchUp();
      // Until the records are made again, a start that finds this does so.
      await this.#database.write([begun(deviceId)]);
      await work();
      await this.#rederive(deviceId, projections, 0);
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.catch(() => undefined).then(work);
    this.#turn = turn;
    return turn;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let isFailing = false;
    const unlisten = this.#database.eventFeed.onAppended(() => this.#wake());
    while (!signal.aborted) {
      const appended = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      try {
        await this.projectAll();
        if (isFailing) this.#logger.info({}, 'events are projected again');
        isFailing = false;
      } catch (error) {
        if (!isFailing) this.#logger.error({ error: messageOf(error) }, 'events cannot be projected');
        isFailing = true;
      }
      if (!isFailing && !signal.aborted) await appended;
      await sleep(isFailing ? RETRY_MS : this.#roundMs, this.#clock, { signal }).catch(() => undefined);
    }
    unlisten();
    if (!isFailing) await this.projectAll().catch(() => undefined);
  }

  async #catchUp(): Promise<void> {
    while (await this.#projectPage());
  }

  /** @returns whether there may be more */
  async #projectPage(): Promise<boolean> {
    const states = await this.#load();
    const rows = await readEvents(this.#database, { afterSeq: this.#seq, limit: PAGE });
    const last = rows.at(-1);
    if (last === undefined) return false;
    const fold = new Fold();
    for (const event of rows.map(loggedEvent)) {
      if (event === null || event.deviceId === null) continue;
      const { deviceId } = event;
      for (const projection of projections)
        fold.take(projection, { ...event, deviceId }, states.get(projection.name)?.get(deviceId) ?? null);
    }
    const statements = [...fold.takeRows(), ...fold.stateStatements()];
    // Events that say nothing are worth a write only by the page; after a kill they are passed over again.
    if (statements.length > 0 || rows.length === PAGE)
      await this.#database.write([...statements, moveCursor(last.seq)]);
    for (const { name, deviceId, state } of fold.states) states.get(name)?.set(deviceId, state);
    this.#seq = last.seq;
    return rows.length === PAGE;
  }

  /** The states in memory, read where they are not; records of another version, or half made ones, are made anew first. */
  async #load(): Promise<ReadonlyMap<string, Map<number, AnyState>>> {
    if (this.#states !== null) return this.#states;
    const { cursor, versions, unfinished } = await readBookmarks(this.#database);
    this.#seq = cursor;
    const states = new Map<string, Map<number, AnyState>>();
    for (const { name, version } of projections)
      states.set(name, versions.get(name) === version ? await loadStates(this.#database, name) : new Map());
    this.#states = states;
    await this.#renew(projections.filter(({ name, version }) => versions.get(name) !== version));
    for (const deviceId of unfinished) await this.#rederive(deviceId, projections, 0);
    return states;
  }

  async #renew(outdated: readonly Projection<AnyState>[]): Promise<void> {
    if (outdated.length === 0) return;
    const names = outdated.map(({ name }) => name);
    const { query } = this.#database;
    // A state of another version is nothing to begin from.
    await this.#database.write([
      query.updateTable('projection').set({ base_json: null }).where('name', 'in', names),
    ]);
    if (this.#seq > 0) {
      this.#logger.info({ records: names }, 'records are made anew from the events that are kept');
      for (const deviceId of await devicesWithEvents(this.#database))
        await this.#rederive(deviceId, outdated, 0);
    }
    await this.#database.write(outdated.map(({ name, version }) => setVersion(name, version)));
  }

  async #rederive(deviceId: number, which: readonly Projection<AnyState>[], sinceSeq: number): Promise<void> {
    const scope = { database: this.#database, projections: which, deviceId, untilSeq: this.#seq };
    const states = await rederive({ ...scope, sinceSeq });
    for (const { name } of which) {
      const state = states.get(name) ?? null;
      if (state === null) this.#states?.get(name)?.delete(deviceId);
      else this.#states?.get(name)?.set(deviceId, state);
    }
  }
}
