import { bookingsBetween, firstBegun, standingPresence } from '../feedback/room-records.ts';
import { type LoggedEvent, loggedEvent } from '../feedback/stored-event.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { readEvents } from '../storage/events.ts';
import { getFact, setFact } from '../storage/facts.ts';
import type { BoundMacro } from './bind.ts';
import { type Occasion, type Trigger, triggerFacts } from './trigger.ts';
import { HEARD_KINDS, type HeardTrigger, occasionOf } from './trigger-match.ts';

export interface TriggerWatchOptions {
  /** How often bookings and lasting presence are looked at. */
  readonly lookMs: number;
  /** What was due longer ago than this, because roomd was down, is recorded as skipped. */
  readonly onTimeMs: number;
}

/** That a macro is to run, or would have been. */
export interface Occurrence {
  readonly bound: BoundMacro;
  /** Null where it is about none, as alerts may be. */
  readonly deviceId: number | null;
  readonly occasion: Occasion;
  /** Null where it is on time. */
  readonly missed: string | null;
}

interface Parts {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly macros: () => readonly BoundMacro[];
  readonly act: (occurrence: Occurrence) => Promise<void>;
}

const PAGE = 500;
const LOOKED_AT = 'macros.triggers';
/** A post may come twice: the same call does not begin twice within this time. */
const SAME_CALL_MS = 600_000;
/** A restart of roomd, or a session that broke: who was there before so short a time without word is there after it. */
const SAME_STAY_MS = 900_000;

/**
 * Sets macros off by what is told and by what lasts: it follows the log of
 * events from where it stands at the start, and looks at bookings and presence
 * every few seconds. What an occasion is called is the same over restarts, so
 * that nothing runs twice.
 */
export class TriggerWatch {
  readonly #options: TriggerWatchOptions;
  readonly #parts: Parts;
  /** What each leaf was last, so that a value that is told again is no news. */
  readonly #told = new Map<string, string>();
  /** Of what lasts, what was acted upon at the last look, so that it is not asked of the database again. */
  readonly #lasting = new Map<Trigger, ReadonlySet<string>>();
  /** The event that began what stands → the one that began it first. */
  readonly #stays = new Map<Trigger, ReadonlyMap<number, number>>();
  #seq = 0;
  #lookedAt: number | null = null;
  #working: Promise<void> = Promise.resolve();
  #isWanted = false;
  #isStopped = true;
  #callOff: () => void = () => undefined;
  #stopHearing: () => void = () => undefined;

  constructor(options: TriggerWatchOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { database } = this.#parts;
    this.#isStopped = false;
    this.#seq = await lastSeq(database);
    const looked = await getFact(database, LOOKED_AT);
    this.#lookedAt = looked === null ? null : Number(looked);
    this.#stopHearing = database.eventFeed.onAppended(() => this.#want());
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopHearing();
    this.#callOff();
    await this.#working;
  }

  #look(): void {
    if (this.#isStopped) return;
    this.#working = this.#working.then(() => this.#tried(() => this.#lookAround()));
    this.#callOff = this.#parts.clock.after(this.#options.lookMs, () => this.#look());
  }

  #want(): void {
    if (this.#isWanted || this.#isStopped) return;
    this.#isWanted = true;
    this.#working = this.#working.then(() => {
      this.#isWanted = false;
      return this.#tried(() => this.#follow());
    });
  }

  /** A database that does not answer is told elsewhere; the next look goes on from here. */
  async #tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#parts.logger.warn({ error: messageOf(error) }, 'triggers of macros could not be looked at');
    }
  }

  async #follow(): Promise<void> {
    const { database, macros } = this.#parts;
    const watched = heardBy(macros());
    if (watched.length === 0) {
      this.#seq = Math.max(this.#seq, database.eventFeed.lastSeq);
      return;
    }
    for (;;) {
      const page = await readEvents(database, { afterSeq: this.#seq, limit: PAGE });
      for (const row of page) {
        const logged = loggedEvent(row);
        // Said before it is acted on: a failure is not repeated for ever.
        this.#seq = row.seq;
        if (logged !== null && this.#isNews(logged)) await this.#match(watched, logged);
      }
      if (page.length < PAGE) return;
    }
  }

  async #match(
    watched: readonly { bound: BoundMacro; trigger: HeardTrigger }[],
    logged: LoggedEvent,
  ): Promise<void> {
    for (const { bound, trigger } of watched) {
      const occasion = occasionOf(trigger, logged);
      if (occasion === null || this.#isSameCall(trigger, occasion, logged.deviceId)) continue;
      await this.#parts.act({ bound, deviceId: logged.deviceId, occasion, missed: null });
    }
  }

  /** Whether a status says something else than it did; events are always news. */
  #isNews({ deviceId, event }: LoggedEvent): boolean {
    if (event.kind !== 'status' && event.kind !== 'configuration') return true;
    let isNews = false;
    for (const [leaf, value] of Object.entries(event.payload.leaves)) {
      const key = `${deviceId} ${event.kind} ${leaf}`;
      if (this.#told.get(key) !== value) isNews = true;
      this.#told.set(key, value);
    }
    for (const leaf of event.payload.gone) this.#told.delete(`${deviceId} ${event.kind} ${leaf}`);
    return isNews;
  }

  #isSameCall({ kind }: HeardTrigger, { facts, dueAt }: Occasion, deviceId: number | null): boolean {
    if (kind !== 'call') return false;
    const key = `${deviceId} call ${facts.value} ${facts.id}`;
    const before = Number(this.#told.get(key) ?? Number.NaN);
    this.#told.set(key, String(dueAt));
    return dueAt - before < SAME_CALL_MS;
  }

  async #lookAround(): Promise<void> {
    const { clock, database, macros } = this.#parts;
    const now = clock.now();
    const from = this.#lookedAt ?? now;
    const lasting = lastingOf(macros());
    if (lasting.length === 0) return;
    for (const { bound, trigger } of lasting) {
      if (trigger.kind === 'presence') await this.#lookAtPresence(bound, trigger, now);
      else await this.#lookAtBookings(bound, trigger, { from, now });
    }
    this.#lookedAt = now;
    await setFact(database, LOOKED_AT, String(now));
  }

  async #lookAtPresence(
    bound: BoundMacro,
    trigger: Extract<Trigger, { kind: 'presence' }>,
    now: number,
  ): Promise<void> {
    const { is, forMs } = trigger;
    const standing = await standingPresence(this.#parts.database, { state: is, before: now - forMs });
    const before = this.#stays.get(trigger);
    const stays = new Map<number, number>();
    for (const one of standing) {
      const first = before?.get(one.seq) ?? (await firstBegun(this.#parts.database, one, SAME_STAY_MS));
      stays.set(one.seq, first);
    }
    this.#stays.set(trigger, stays);
    const found = standing.map(({ deviceId, since, seq }) => ({
      bound,
      deviceId,
      missed: null,
      occasion: {
        key: `presence:${stays.get(seq)}:${forMs}`,
        dueAt: since + forMs,
        facts: triggerFacts('presence', { value: is }),
      },
    }));
    await this.#actOnNew(trigger, found);
  }

  /** Looks a little further back than it must: a booking may be told of late, and what ran does not run again. */
  async #lookAtBookings(
    bound: BoundMacro,
    trigger: Extract<Trigger, { kind: 'booking' }>,
    { from, now }: { from: number; now: number },
  ): Promise<void> {
    const { at, offsetMs } = trigger;
    const { onTimeMs } = this.#options;
    const bookings = await bookingsBetween(this.#parts.database, {
      at,
      from: Math.min(from, now - onTimeMs) - offsetMs,
      to: now - offsetMs + 1,
    });
    const found = bookings.map(({ deviceId, id, dueAt: edge }) => ({
      bound,
      deviceId,
      missed: now - edge - offsetMs > onTimeMs ? 'it was due while roomd was down' : null,
      occasion: {
        key: `booking:${id}:${at}:${offsetMs}:${edge}`,
        dueAt: edge + offsetMs,
        facts: triggerFacts('booking', { id, value: at }),
      },
    }));
    await this.#actOnNew(trigger, found);
  }

  async #actOnNew(trigger: Trigger, found: readonly Occurrence[]): Promise<void> {
    const before = this.#lasting.get(trigger);
    const name = ({ deviceId, occasion }: Occurrence): string => `${deviceId} ${occasion.key}`;
    this.#lasting.set(trigger, new Set(found.map(name)));
    for (const one of found) if (before?.has(name(one)) !== true) await this.#parts.act(one);
  }
}

interface Bound<Kind extends Trigger> {
  readonly bound: BoundMacro;
  readonly trigger: Kind;
}

type LastingTrigger = Extract<Trigger, { readonly kind: 'presence' | 'booking' }>;

function heardBy(macros: readonly BoundMacro[]): Bound<HeardTrigger>[] {
  return triggersOf(macros, isHeard);
}

function lastingOf(macros: readonly BoundMacro[]): Bound<LastingTrigger>[] {
  return triggersOf(macros, isLasting);
}

function triggersOf<Kind extends Trigger>(
  macros: readonly BoundMacro[],
  is: (trigger: Trigger) => trigger is Kind,
): Bound<Kind>[] {
  return macros
    .filter(({ macro }) => macro.enabled)
    .flatMap((bound) =>
      (bound.macro.when ?? []).flatMap((trigger) => (is(trigger) ? [{ bound, trigger }] : [])),
    );
}

function isHeard(trigger: Trigger): trigger is HeardTrigger {
  return HEARD_KINDS.some((kind) => kind === trigger.kind);
}

function isLasting(trigger: Trigger): trigger is LastingTrigger {
  return trigger.kind === 'presence' || trigger.kind === 'booking';
}

async function lastSeq(database: Database): Promise<number> {
  const [row] = await database.read(
    database.query.selectFrom('event').select((eb) => eb.fn.max('seq').as('seq')),
  );
  return row?.seq ?? 0;
}
