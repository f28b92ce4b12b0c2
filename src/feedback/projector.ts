import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { readEvents } from '../storage/events.ts';
import { applyPresence, type PresenceInterval, type PresenceState, presenceNews } from './presence.ts';
import {
  loadPresence,
  type PresenceChange,
  presenceStatements,
  readCursor,
  rewindStatements,
} from './presence-store.ts';
import { type LoggedEvent, loggedEvent } from './stored-event.ts';

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
 * Makes the `presence` table out of the log of events, in order of `seq`. The
 * cursor moves in the same transaction as what was derived, so a kill at any
 * moment neither loses nor repeats anything.
 */
export class Projector implements Part {
  readonly name = 'projector';
  readonly #roundMs: number;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #states: Map<number, PresenceState> | null = null;
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
    return this.#inTurn(async () => {
      while (await this.#projectPage());
    });
  }

  /** Makes presence again from the events that are kept; what is older than they are stays as it is. */
  rebuild(): Promise<void> {
    return this.#inTurn(async () => {
      this.#states = null;
      await this.#database.write(await rewindStatements(this.#database));
      while (await this.#projectPage());
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
        if (isFailing) this.#logger.info({}, 'presence is projected again');
        isFailing = false;
      } catch (error) {
        if (!isFailing) this.#logger.error({ error: messageOf(error) }, 'presence cannot be projected');
        isFailing = true;
      }
      if (!isFailing && !signal.aborted) await appended;
      await sleep(isFailing ? RETRY_MS : this.#roundMs, this.#clock, { signal }).catch(() => undefined);
    }
    unlisten();
    if (!isFailing) await this.projectAll().catch(() => undefined);
  }

  /** @returns whether there may be more */
  async #projectPage(): Promise<boolean> {
    const states = await this.#load();
    const rows = await readEvents(this.#database, { afterSeq: this.#seq, limit: PAGE });
    const last = rows.at(-1);
    if (last === undefined) return false;
    const events = rows.map(loggedEvent).filter((event) => event !== null);
    const changes = fold(states, events);
    // Events that say nothing of presence are worth a write only by the page; after a kill they are passed over again.
    if (changes.length > 0 || rows.length === PAGE) {
      await this.#database.write(presenceStatements(changes, last.seq));
    }
    for (const { deviceId, state } of changes) states.set(deviceId, state);
    this.#seq = last.seq;
    return rows.length === PAGE;
  }

  async #load(): Promise<Map<number, PresenceState>> {
    if (this.#states !== null) return this.#states;
    this.#seq = await readCursor(this.#database);
    this.#states = await loadPresence(this.#database);
    return this.#states;
  }
}

/** What the events make of the states, by device; `states` itself stays as it is. */
function fold(states: ReadonlyMap<number, PresenceState>, events: readonly LoggedEvent[]): PresenceChange[] {
  const changed = new Map<number, { wasOpen: boolean; closed: PresenceInterval[]; state: PresenceState }>();
  for (const { deviceId, event, ...heard } of events) {
    const news = presenceNews(event, heard);
    if (news === null || deviceId === null) continue;
    const before = states.get(deviceId) ?? { open: null, lastAt: 0 };
    const change = changed.get(deviceId) ?? { wasOpen: before.open !== null, closed: [], state: before };
    const { closed, open, lastAt } = applyPresence(change.state, news);
    if (closed !== null) change.closed.push(closed);
    change.state = { open, lastAt };
    changed.set(deviceId, change);
  }
  return [...changed].map(([deviceId, change]) => ({ deviceId, ...change }));
}
