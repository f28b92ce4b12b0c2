import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Database } from '../../storage/database.ts';
import { AccessBook } from './access-book.ts';
import { AccessStore, type StoredEntry, type UseRow } from './access-store.ts';
import { type AccessEntry, entryOfFile, type FileToken, isExpired, proofOf } from './entry.ts';
import { digestOf } from './hash.ts';
import { Sessions, type SignInLife } from './sessions.ts';

/** What somebody was let in by. */
export interface Grant {
  /** Null: nothing, because there is neither token nor user. */
  readonly entry: AccessEntry | null;
  /** Digest of the session that the cookie names; null without a cookie. */
  readonly session: string | null;
}

export interface AccessOptions {
  /** The tokens of the fleet file in force. */
  readonly tokens: () => readonly FileToken[];
  readonly life: () => SignInLife;
}

/** That what let somebody in has expired is noticed by then, also where nothing is asked. */
const LOOK_MS = 15_000;

/**
 * Who may use the API: tokens of the fleet file, tokens and users of the
 * database, and browsers that are signed in. What is changed here counts at
 * once; whoever waits for an answer or follows events hears that it is over.
 */
export class Access implements Part {
  readonly name = 'access';
  readonly #store: AccessStore;
  readonly #options: AccessOptions;
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #watchers = new Set<{ readonly grant: Grant; readonly onEnd: () => void }>();
  readonly #uses = new Map<string, UseRow>();
  readonly #unwritten = new Set<string>();
  #stored: readonly StoredEntry[] = [];
  #known: readonly FileToken[] = [];
  #entries: readonly AccessEntry[] = [];
  #book = new AccessBook([]);
  #loaded: Promise<void> | null = null;
  #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    options: AccessOptions,
    { database, clock, logger }: { database: Database; clock: Clock; logger: Logger },
  ) {
    this.#options = options;
    this.#store = new AccessStore({ database });
    this.#sessions = new Sessions(options, { store: this.#store, clock });
    this.#clock = clock;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    await this.load();
    this.#stopping = new AbortController();
    this.#loop = this.#follow(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the access stops'));
    await this.#loop;
    await this.#writeDown();
  }

  /** Reads what is on record, once. */
  load(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  get life(): SignInLife {
    return this.#options.life();
  }

  /** Neither token nor user: whoever is on this machine may come in. */
  get isOpen(): boolean {
    return this.entries().length === 0;
  }

  /** All there are, those that have expired as well. */
  entries(): readonly AccessEntry[] {
    const tokens = this.#options.tokens();
    if (tokens !== this.#known) {
      this.#known = tokens;
      this.#renew();
    }
    return this.#entries;
  }

  lastUsed({ kind, place, name }: AccessEntry): number | null {
    return this.#uses.get(keyOf(kind, place, name))?.used_at ?? null;
  }

  async byToken(token: string): Promise<Grant | null> {
    this.entries();
    return this.#granted(await this.#book.byToken(token), null);
  }

  async byPassword(user: string, password: string): Promise<Grant | null> {
    this.entries();
    return this.#granted(await this.#book.byPassword(user, password), null);
  }

  /** By the id in a cookie. */
  bySession(id: string): Grant | null {
    const digest = digestOf(id);
    const proof = this.#sessions.proofOf(digest);
    const entry = proof === null ? undefined : this.entries().find((one) => proofOf(one) === proof);
    if (entry === undefined) return null;
    const grant = this.#granted(entry, digest);
    if (grant !== null) this.#sessions.used(digest);
    return grant;
  }

  /** Signs a browser in. @returns the id for its cookie */
  async signIn(entry: AccessEntry): Promise<{ id: string; grant: Grant }> {
    const { id, digest } = await this.#sessions.begin(proofOf(entry));
    return { id, grant: { entry, session: digest } };
  }

  async signOut({ session }: Grant): Promise<void> {
    if (session === null) return;
    await this.#sessions.end([session]);
    this.#tell();
  }

  /** Calls `onEnd` once when what somebody was let in by is no more; the function that comes back calls it off. */
  watch(grant: Grant, onEnd: () => void): () => void {
    const watcher = { grant, onEnd };
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Puts one in, over the one of its name. */
  async put(entry: StoredEntry, change: 'made' | 'changed', actor: string): Promise<void> {
    await this.#store.put(entry, { change, actor, at: this.#clock.now() });
    await this.changed();
  }

  /** Takes one out; who was let in by it is shut out at once. */
  async remove(entry: StoredEntry, actor: string): Promise<void> {
    const key = keyOf(entry.kind, entry.place, entry.name);
    this.#uses.delete(key);
    this.#unwritten.delete(key);
    await this.#store.remove(entry, { actor, at: this.#clock.now() });
    await this.changed();
  }

  /** Changes that depend on what there is go one after another. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** The file in force, or what is on record, is another. */
  async changed(): Promise<void> {
    this.#stored = await this.#store.entries();
    this.#renew();
    this.#tell();
    await this.#sessions.prune(this.#proofs());
  }

  async #load(): Promise<void> {
    this.#stored = await this.#store.entries();
    for (const use of await this.#store.uses()) this.#uses.set(keyOf(use.kind, use.place, use.name), use);
    await this.#sessions.load();
    this.#renew();
  }

  #renew(): void {
    this.#known = this.#options.tokens();
    this.#entries = [...this.#known.map(entryOfFile), ...this.#stored];
    this.#book = new AccessBook(this.#entries);
  }

  #granted(entry: AccessEntry | null, session: string | null): Grant | null {
    const now = this.#clock.now();
    if (entry === null || isExpired(entry, now)) return null;
    const { kind, place, name } = entry;
    const key = keyOf(kind, place, name);
    this.#uses.set(key, { kind, place, name, used_at: now });
    this.#unwritten.add(key);
    return { entry, session };
  }

  #isValid({ entry, session }: Grant): boolean {
    if (entry === null) return this.isOpen;
    const proof = proofOf(entry);
    const same = this.entries().find((one) => proofOf(one) === proof);
    if (same === undefined || isExpired(same, this.#clock.now())) return false;
    return session === null || this.#sessions.proofOf(session) === proof;
  }

  #tell(): void {
    for (const watcher of this.#watchers) {
      if (this.#isValid(watcher.grant)) continue;
      this.#watchers.delete(watcher);
      watcher.onEnd();
    }
  }

  #proofs(): ReadonlySet<string> {
    const now = this.#clock.now();
    return new Set(this.entries().flatMap((entry) => (isExpired(entry, now) ? [] : [proofOf(entry)])));
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(LOOK_MS, this.#clock, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    this.#tell();
    try {
      await this.#sessions.prune(this.#proofs());
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, 'Sessions of browsers could not be ended on record');
    }
    await this.#writeDown();
  }

  async #writeDown(): Promise<void> {
    const uses = [...this.#unwritten].flatMap((key) => this.#uses.get(key) ?? []);
    this.#unwritten.clear();
    try {
      await this.#store.used(this.#sessions.unwritten(), uses);
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, 'When tokens were used last could not be written down');
    }
  }
}

function keyOf(kind: string, place: string, name: string): string {
  return `${kind} ${place} ${name}`;
}
