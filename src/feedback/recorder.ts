import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents } from '../storage/events.ts';
import type { Delta, Device, LeafMap, SessionNews } from '../xapi/device.ts';
import { partOf } from './channel.ts';
import { CommitGroup } from './commit-group.ts';
import {
  type BookingsPayload,
  type EventSource,
  eventsOf,
  type FeedbackEvent,
  storedLeaves,
} from './event.ts';
import { EventQueue } from './event-queue.ts';
import { gapsAtStart } from './gaps-at-start.ts';
import { NO_IDENTITIES, type Privacy } from './identity-form.ts';
import { lastHeard, silentSince } from './last-heard.ts';
import { LifeNote } from './life-note.ts';
import type { Live } from './live.ts';
import { MacroLogFilter } from './macro-log.ts';
import { doubtsSlots } from './slot-doubt.ts';
import { toStore } from './stored-event.ts';
import {
  heardEvents,
  heardReading,
  heardSession,
  heardSlot,
  isUp,
  lose,
  postsMissed,
  type Step,
  type Track,
  trustExpired,
} from './track.ts';
import { type Unconfirmed, UnconfirmedNews } from './unconfirmed.ts';
import { Watched } from './watched.ts';
import { isSnapshotLeaf, NO_WORDS, SNAPSHOT_NODES } from './words.ts';

export interface RecorderOptions {
  /** A healthy slot is believed so long without a post or a look at it while no session is up. */
  readonly slotTrustMs: number;
  /** How often it is noted that roomd lives; after a kill nothing is known from the last note on. 30 s when left out. */
  readonly aliveMs?: number;
  /** A post waits so long for others to share its commit with; 5 ms when left out. */
  readonly gatherMs?: number;
  /** What a session tells must come as a post within this time where the webhook counts; 20 s when left out. */
  readonly postGraceMs?: number;
  /** A post told of settings that changed. */
  readonly onConfiguration?: (deviceId: number, delta: Delta) => void;
  /** A device told something after which its slots are to be looked at. */
  readonly onSlotDoubt?: (deviceId: number) => void;
  /** Record and device may disagree: the device's state is to be read and handed to `reading`. */
  readonly onDoubt: (deviceId: number) => void;
}

interface Collaborators {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: Live;
  readonly logger: Logger;
}

/**
 * Writes what devices tell into the log of events: posts at once, so that an
 * answered post is on the disk; news of sessions in order through a queue. Of
 * each expression one channel counts, and whatever could not be
 * heard is recorded as a gap. Start it after the projector has caught up.
 */
export class Recorder implements Part {
  readonly name = 'recorder';
  readonly #options: RecorderOptions;
  readonly #lifeNote: LifeNote;
  readonly #group: CommitGroup;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #live: Live;
  readonly #queue: EventQueue;
  readonly #devices = new Map<number, Watched>();
  #recorded: ReadonlyMap<number, number> = new Map();
  #privacy: Privacy = NO_IDENTITIES;
  #isRunning = false;

  constructor(options: RecorderOptions, { database, clock, live, logger }: Collaborators) {
    this.#options = options;
    this.#lifeNote = new LifeNote(
      { everyMs: options.aliveMs ?? 30_000, onBeat: () => this.#lookAtTrust() },
      { database, clock },
    );
    this.#group = new CommitGroup({ gatherMs: options.gatherMs ?? 5 }, { clock });
    this.#database = database;
    this.#clock = clock;
    this.#live = live;
    this.#queue = new EventQueue(
      { onDropped: (deviceId, since) => this.#dropped(deviceId, since) },
      { database, clock, logger },
    );
  }

  /** Records that nothing is known since roomd last lived, for every device of which something stands open. */
  async start(): Promise<void> {
    const now = this.#clock.now();
    const aliveAt = (await this.#lifeNote.last()) ?? now;
    const { heardAt, open } = await lastHeard(this.#database);
    const silent = await silentSince(this.#database);
    this.#recorded = heardAt;
    const gaps = gapsAtStart(open, { heardAt, silent, aliveAt, now });
    await appendEvents(this.#database, gaps);
    this.#isRunning = true;
    this.#lifeNote.start();
  }

  /** Whoever is heard no more has a gap from now on. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    await this.#lifeNote.stop();
    for (const deviceId of this.#devices.keys()) this.unwatch(deviceId);
    await this.#queue.stop();
    await this.#lifeNote.note();
  }

  /** What may be stored of identities from now on. */
  allow(privacy: Privacy): void {
    this.#privacy = privacy;
  }

  get privacy(): Privacy {
    return this.#privacy;
  }

  /** The device posts too fast and is held back, or no longer. */
  flooded(deviceId: number, isHeldBack: boolean): void {
    const watched = this.#devices.get(deviceId);
    if (watched === undefined) return;
    const payload = { stage: isHeldBack ? 'begun' : 'ended' };
    this.#push(watched, { kind: 'flood', path: null, payload }, 'roomd');
  }

  /** The device's list of bookings was read; it is recorded where it says something new. */
  listed(deviceId: number, payload: BookingsPayload): void {
    const watched = this.#devices.get(deviceId);
    if (watched === undefined) return;
    this.#push(watched, { kind: 'bookings', path: null, payload }, 'sweep');
  }

  /** What was recorded of the device up to now is erased: whatever stands is to be told anew. */
  erased(deviceId: number): void {
    const watched = this.#devices.get(deviceId);
    if (watched === undefined) return;
    const { session } = watched.track;
    watched.track = { ...watched.track, presence: 'unknown', count: null, words: NO_WORDS, isLost: true };
    if (session !== null) {
      const payload = { state: session, reason: null, errorCode: null };
      this.#push(watched, { kind: 'session', path: null, payload }, 'roomd');
    }
    this.#options.onDoubt(deviceId);
  }

  /** Listens to a device's session; `expressions` are those of its feedback slot. Again for one already watched: takes the new device and the new ones. */
  watch(device: Device, expressions: readonly string[]): void {
    const deviceId = device.address.id;
    const before = this.#devices.get(deviceId);
    before?.unsubscribe();
    const watched = before ?? this.#newlyWatched(device);
    watched.expect(expressions);
    this.#devices.set(deviceId, watched);
    watched.unsubscribe = device.subscribe((news) => this.#hear(watched, news));
  }

  unwatch(deviceId: number): void {
    const watched = this.#devices.get(deviceId);
    if (watched === undefined) return;
    watched.unsubscribe();
    watched.unconfirmed.release();
    const at = this.#stamp(watched);
    // What nothing has shown to be well by now will not be.
    const from = watched.track.hole?.from ?? at;
    this.#take(watched, lose(watched.track, { from, at, reason: 'roomd no longer listens' }));
    this.#devices.delete(deviceId);
    this.#live.forget(deviceId);
  }

  /**
   * Records a post. Resolves once it is on the disk.
   * @throws StorageError
   */
  async accept(deviceId: number, deltas: readonly Delta[]): Promise<void> {
    const watched = this.#devices.get(deviceId);
    const at = watched === undefined ? this.#clock.now() : this.#stamp(watched);
    const told = deltas.flatMap((delta) => eventsOf(delta, this.#privacy));
    const events = (watched?.log ?? new MacroLogFilter('')).keep(told, at);
    if (events.length > 0) {
      await this.#group.joined();
      await appendEvents(
        this.#database,
        events.map((event) => toStore(deviceId, { event, source: 'webhook', at })),
      );
    }
    if (watched !== undefined) this.#posted(watched, events, at);
    for (const delta of deltas) {
      this.#live.change(deviceId, delta, { at, source: 'webhook' });
      if (delta.tree === 'Configuration') this.#options.onConfiguration?.(deviceId, delta);
      if (doubtsSlots(delta)) this.#options.onSlotDoubt?.(deviceId);
    }
  }

  /**
   * The device's feedback slots were looked at; `carried` is what those that are
   * well post, all of the device's expressions where it is left out. `doubt`:
   * the device gave one up, which it does after many posts that failed.
   */
  slotSeen(
    deviceId: number,
    isWell: boolean,
    { carried, doubt = null }: { carried?: readonly string[]; doubt?: string | null } = {},
  ): void {
    const watched = this.#devices.get(deviceId);
    if (watched === undefined) return;
    const isOther = watched.carry(carried);
    // What one of two slots carried, and posted while nobody listened, is lost.
    if (isWell && watched.track.slot.isHealthy && isOther) this.#options.onDoubt(deviceId);
    if (!isWell) watched.unconfirmed.release();
    this.#take(watched, heardSlot(watched.track, isWell, this.#stamp(watched), { doubt }));
  }

  /**
   * The device's status, read apart from any channel (`SNAPSHOT_NODES`).
   * @returns whether record and device agree now; false asks for another,
   * conclusive reading, after posts that were under way have had their time
   */
  reading(deviceId: number, status: LeafMap, { conclusive }: { conclusive: boolean }): boolean {
    const watched = this.#devices.get(deviceId);
    if (watched === undefined) return true;
    // What the session told of already is no contradiction, although its post is still to come.
    if (conclusive) watched.unconfirmed.release();
    const heard = { at: this.#stamp(watched), source: 'sweep' as const };
    const step = heardReading(watched.track, snapshotOf(status, this.#privacy), {
      ...heard,
      conclusive,
      isFirst: false,
    });
    if (!step.readAgain)
      this.#live.replace(deviceId, status, {
        ...heard,
        nodes: SNAPSHOT_NODES,
        tellsCalls: watched.tellsCalls,
      });
    this.#take(watched, { ...step, readAgain: false });
    return !step.readAgain;
  }

  /** What is believed of a device; null where it is not watched. */
  track(deviceId: number): Track | null {
    return this.#devices.get(deviceId)?.track ?? null;
  }

  /** Resolves once all news of sessions so far is on the disk. */
  flushed(): Promise<void> {
    return this.#queue.flushed();
  }

  #newlyWatched({ address: { id: deviceId, password } }: Device): Watched {
    return new Watched(
      {
        deviceId,
        password: password.reveal(),
        recordedAt: this.#recorded.get(deviceId) ?? 0,
        now: this.#clock.now(),
      },
      {
        unconfirmed: new UnconfirmedNews(
          {
            graceMs: this.#options.postGraceMs ?? 20_000,
            onUnposted: (held, isEvidence) => this.#unposted(deviceId, held, isEvidence),
          },
          { clock: this.#clock },
        ),
      },
    );
  }

  #hear(watched: Watched, news: SessionNews): void {
    const { deviceId } = watched;
    const heard = { at: this.#stamp(watched), source: 'session' as const };
    switch (news.type) {
      case 'status':
        if (!isUp(news.status.state)) watched.unconfirmed.release();
        this.#take(watched, heardSession(watched.track, news.status, heard.at));
        break;
      case 'snapshot':
        this.#live.replace(deviceId, news.status, { ...heard, tellsCalls: watched.tellsCalls });
        this.#take(
          watched,
          heardReading(watched.track, snapshotOf(news.status, this.#privacy), {
            ...heard,
            conclusive: !watched.track.slot.isHealthy,
            isFirst: watched.track.session !== 'up-https',
          }),
        );
        break;
      case 'delta':
        this.#live.change(deviceId, news.delta, heard);
        this.#record(watched, news.delta, heard);
        if (doubtsSlots(news.delta)) this.#options.onSlotDoubt?.(deviceId);
        break;
      case 'pinned':
      case 'certificate':
        break;
    }
  }

  #record(watched: Watched, delta: Delta, heard: { at: number; source: EventSource }): void {
    const { deviceId, track, carried } = watched;
    const hearing = { slotHealthy: track.slot.isHealthy, expressions: carried };
    const posted = partOf('webhook', delta, hearing);
    if (posted !== null) watched.unconfirmed.hold(eventsOf(posted, this.#privacy), heard.at);
    const part = partOf('session', delta, hearing);
    if (part === null) return;
    const events = watched.log.keep(eventsOf(part, this.#privacy), heard.at);
    this.#queue.push(events.map((event) => toStore(deviceId, { event, ...heard })));
    watched.track = heardEvents(track, events, heard);
  }

  #posted(watched: Watched, events: readonly FeedbackEvent[], at: number): void {
    const { deviceId } = watched;
    watched.unconfirmed.posted(events, at);
    const { isHealthy: wasHealthy, doubt } = watched.track.slot;
    watched.track = heardEvents(watched.track, events, { at, source: 'webhook' });
    if (doubt === null || wasHealthy || !watched.track.slot.isHealthy) return;
    const event: FeedbackEvent = { kind: 'slot', path: null, payload: { healthy: true } };
    this.#queue.push([toStore(deviceId, { event, source: 'roomd', at })]);
    // Posts that the device kept for later may be old news.
    this.#options.onDoubt(deviceId);
  }

  /** No post brought what the session told: it is recorded now, and where that shows that posts are lost, the session is what counts. */
  #unposted(deviceId: number, held: readonly Unconfirmed[], isEvidence: boolean): void {
    const watched = this.#devices.get(deviceId);
    if (watched === undefined) return;
    for (const { events, at } of held) {
      const kept = watched.log.keep(events, at);
      this.#queue.push(kept.map((event) => toStore(deviceId, { event, source: 'session', at })));
      watched.track = heardEvents(watched.track, kept, { at, source: 'session' });
    }
    if (!isEvidence) return;
    const since = new Date(held[0]?.at ?? this.#clock.now()).toISOString();
    const doubt = `the session tells of changes that no post brought, the first at ${since}`;
    this.#take(watched, postsMissed(watched.track, this.#stamp(watched), doubt));
  }

  #push(watched: Watched, event: FeedbackEvent, source: EventSource): void {
    this.#queue.push([toStore(watched.deviceId, { event, source, at: this.#stamp(watched) })]);
  }

  #take(watched: Watched, step: Step): void {
    const { deviceId } = watched;
    const isNewlyLost = step.track.isLost && !watched.track.isLost;
    watched.track = step.track;
    this.#queue.push(step.events.map((event) => toStore(deviceId, event)));
    if (isNewlyLost) this.#live.lose(deviceId, this.#clock.now());
    if (step.readAgain) this.#options.onDoubt(deviceId);
  }

  #dropped(deviceId: number, since: number): void {
    const watched = this.#devices.get(deviceId);
    if (watched === undefined) return;
    const at = this.#stamp(watched);
    // Whatever the track believes, the log lacks it.
    const believed = { ...watched.track, isLost: false };
    this.#take(watched, lose(believed, { from: since, at, reason: 'events could not be stored' }));
    this.#options.onDoubt(deviceId);
  }

  #stamp(watched: Watched): number {
    return watched.stamp(this.#clock.now());
  }

  /** A slot that nothing has spoken for is not believed for ever. */
  #lookAtTrust(): void {
    for (const watched of this.#devices.values()) {
      const step = trustExpired(watched.track, this.#stamp(watched), this.#options.slotTrustMs);
      this.#take(watched, step);
    }
  }
}

function snapshotOf(status: LeafMap, privacy: Privacy) {
  const wanted = [...status].filter(([path]) => isSnapshotLeaf(path));
  return storedLeaves('Status', new Map(wanted), privacy);
}
