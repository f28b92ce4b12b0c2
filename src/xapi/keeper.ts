import { sleep } from '../lib/abort.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { applyDelta } from './delta.ts';
import type {
  Delta,
  DeviceAddress,
  DeviceIdentity,
  LeafMap,
  SessionNews,
  SessionState,
  SessionStatus,
} from './device.ts';
import { XapiError, type XapiErrorCode } from './errors.ts';
import { type Expression, statusPaths } from './expression.ts';
import { toXapiError } from './failure.ts';
import { isWithin, type PathText } from './path.ts';
import type { Session } from './session.ts';
import type { XapiSettings } from './settings.ts';

export interface KeeperParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Opens a session, within the fleet-wide cap on handshakes. */
  readonly open: (onDelta: (delta: Delta) => void, signal: AbortSignal) => Promise<Session>;
  /** Reads over HTTPS, for a device without websocket. */
  readonly identify: (signal: AbortSignal) => Promise<DeviceIdentity>;
  readonly readStatus: (path: PathText, signal: AbortSignal) => Promise<LeafMap>;
  /** Throws `serial-changed` where the device is bound to another serial number. */
  readonly check: (identity: DeviceIdentity) => void;
  /** Takes out of a message what the device must not have repeated. */
  readonly withoutLogin: (error: Error) => Error;
  readonly tell: (news: SessionNews) => void;
}

/** Why something does not work. */
export interface Trouble {
  readonly code: XapiErrorCode;
  readonly message: string;
}

/**
 * Keeps one session to one device: connect, see who answers, subscribe, read
 * the state, pass on the news; and again with back-off when it ends. A device
 * without websocket is read over HTTPS on a timer. A refused password stops it
 * until `wake`; another certificate or serial number is looked at again with
 * back-off, as a wrong device can be unplugged.
 */
export class Keeper {
  readonly #address: DeviceAddress;
  readonly #expressions: readonly Expression[];
  readonly #settings: XapiSettings;
  readonly #parts: KeeperParts;
  readonly #life = new AbortController();
  #running: Promise<void> | null = null;
  #session: Session | null = null;
  #status: SessionStatus;
  #endRest: (() => void) | null = null;
  #failures = 0;
  #isRenewing = false;
  /** What of a session that is up does not work, by what it is. */
  readonly #troubles = new Map<string, Trouble>();

  constructor(
    options: { address: DeviceAddress; expressions: readonly Expression[]; settings: XapiSettings },
    parts: KeeperParts,
  ) {
    this.#address = options.address;
    this.#expressions = options.expressions;
    this.#settings = options.settings;
    this.#parts = parts;
    this.#status = { state: 'idle', since: parts.clock.now(), reason: null, errorCode: null };
  }

  get status(): SessionStatus {
    return this.#status;
  }

  /** The session while it is up, null otherwise. */
  get session(): Session | null {
    return this.#status.state === 'up' ? this.#session : null;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Tries again now instead of after the wait, also where a login was refused; the gate decides what is sent. */
  wake(): void {
    this.#endRest?.();
  }

  /** Ends the session and opens another at once. */
  renew(): void {
    if (this.#session === null) return this.wake();
    this.#isRenewing = true;
    this.#session.close();
  }

  /** Something of the session does not work, or works again (null); the status tells of it while the session is up. */
  troubled(what: string, trouble: Trouble | null): void {
    this.#note(what, trouble);
    const { state } = this.#status;
    if (state === 'up' || state === 'up-https') this.#setStatus(state, this.#sumOfTroubles());
  }

  async stop(): Promise<void> {
    this.#life.abort(new XapiError('closed', `the session to ${this.#address.name} was ended by roomd`));
    this.#session?.close();
    await this.#running;
    this.#setStatus('stopped', null);
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#parts;
    while (!this.#life.signal.aborted) {
      try {
        await this.#connect();
      } catch (thrown) {
        if (this.#life.signal.aborted) return;
        const error = this.#parts.withoutLogin(toXapiError(thrown, `connecting to ${this.#address.name}`));
        const code = error instanceof XapiError ? error.code : 'rejected';
        this.#failures += 1;
        this.#setStatus(STATE_AFTER[code] ?? 'waiting', { code, message: error.message });
        const isFinal = this.#status.state === 'refused';
        const waitMs = backoffMs(this.#failures, this.#settings.reconnectBackoff, random);
        await this.#rest(isFinal ? null : waitMs, clock);
      }
    }
  }

  async #connect(): Promise<void> {
    if (!STICKY.has(this.#status.state)) this.#setStatus('connecting', null);
    const intake = new Intake((news) => this.#parts.tell(news));
    let session: Session;
    try {
      session = await this.#parts.open((delta) => intake.take(delta), this.#life.signal);
    } catch (error) {
      if (error instanceof XapiError && error.code === 'websocket-off') return this.#readOverHttps(error);
      throw error;
    }
    this.#session = session;
    try {
      if (this.#life.signal.aborted) return;
      await this.#keep(session, intake);
    } finally {
      this.#session = null;
      this.#isRenewing = false;
      session.close();
      await session.closed;
    }
  }

  async #keep(session: Session, intake: Intake): Promise<void> {
    const { clock } = this.#parts;
    const identity = await session.identify();
    this.#parts.check(identity);
    this.#note('websocket', null);
    this.#note('subscription', await this.#subscribe(session));
    for (const path of statusPaths(this.#expressions)) intake.read(path, await session.read('Status', path));
    const upAt = clock.monotonic();
    this.#setStatus('up', this.#sumOfTroubles());
    intake.open(identity);
    const why = await session.closed;
    if (why === null && this.#isRenewing) return;
    if (clock.monotonic() - upAt >= STABLE_MS) this.#failures = 0;
    throw why ?? new XapiError('closed', 'the session was ended');
  }

  /** A subscription that the device refuses leaves the others standing; the status says so. */
  async #subscribe(session: Session): Promise<Trouble | null> {
    let refused: Trouble | null = null;
    for (const expression of this.#expressions) {
      try {
        await session.subscribe(expression);
      } catch (error) {
        if (!(error instanceof XapiError) || error.retryable) throw error;
        refused = { code: error.code, message: error.message };
      }
    }
    return refused;
  }

  /** Returns when it is time to ask for the websocket again. */
  async #readOverHttps(why: XapiError): Promise<void> {
    const { clock, identify, readStatus, tell } = this.#parts;
    const { signal } = this.#life;
    const until = clock.monotonic() + this.#settings.websocketRetryMs;
    while (clock.monotonic() < until && !signal.aborted) {
      const identity = await identify(signal);
      this.#parts.check(identity);
      const status = new Map<PathText, string>();
      for (const path of statusPaths(this.#expressions))
        for (const [leaf, value] of await readStatus(path, signal)) status.set(leaf, value);
      this.#failures = 0;
      this.#note('subscription', null);
      this.#note('websocket', { code: why.code, message: why.message });
      this.#setStatus('up-https', this.#sumOfTroubles());
      tell({ type: 'snapshot', identity, status });
      if (await this.#rest(this.#settings.pollMs, clock)) return;
    }
  }

  /** Waits; null is until woken. @returns whether `wake` ended it */
  async #rest(waitMs: number | null, clock: Clock): Promise<boolean> {
    const woken = new AbortController();
    this.#endRest = () => woken.abort(new Error('woken'));
    const signal = AbortSignal.any([woken.signal, this.#life.signal]);
    try {
      if (waitMs !== null) await sleep(waitMs, clock, { signal });
      else if (!signal.aborted)
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
    } catch {
      // Only the signal ends a sleep early; the loop above looks at what it means.
    } finally {
      this.#endRest = null;
    }
    return woken.signal.aborted;
  }

  #note(what: string, trouble: Trouble | null): void {
    if (trouble === null) this.#troubles.delete(what);
    else this.#troubles.set(what, trouble);
  }

  #sumOfTroubles(): Trouble | null {
    const [first, ...more] = this.#troubles.values();
    return first === undefined
      ? null
      : { code: first.code, message: [first, ...more].map(({ message }) => message).join('; ') };
  }

  #setStatus(state: SessionState, trouble: Trouble | null): void {
    const reason = trouble?.message ?? null;
    if (this.#status.state === state && this.#status.reason === reason) return;
    // Attempts that fail do not make the outage any younger.
    const goesOn =
      (this.#status.state === state &&
        (state !== 'up' || (this.#status.reason === null) === (reason === null))) ||
      (OUT.has(this.#status.state) && OUT.has(state));
    const since = goesOn ? this.#status.since : this.#parts.clock.now();
    this.#status = { state, since, reason, errorCode: trouble?.code ?? null };
    this.#parts.logger.info({ state, reason }, 'session state');
    this.#parts.tell({ type: 'status', status: this.#status });
  }
}

const STATE_AFTER: Partial<Record<XapiErrorCode, SessionState>> = {
  'login-refused': 'refused',
  'login-blocked': 'refused',
  'certificate-changed': 'certificate-changed',
  'serial-changed': 'swapped',
};

/** States that an attempt alone does not end, so that an alarm on them does not flap. */
const STICKY: ReadonlySet<SessionState> = new Set(['refused', 'certificate-changed', 'swapped', 'up-https']);

const OUT: ReadonlySet<SessionState> = new Set(['connecting', 'waiting']);

/** A session that lived this long counts as a success; a shorter one lengthens the back-off. */
const STABLE_MS = 10_000;

/**
 * Puts what was read and what was reported meanwhile into one snapshot, and
 * passes deltas on once that is told. A read is newer than all reported before it.
 */
class Intake {
  readonly #tell: (news: SessionNews) => void;
  readonly #held = new Map<PathText, string>();
  readonly #early: Delta[] = [];
  #isOpen = false;

  constructor(tell: (news: SessionNews) => void) {
    this.#tell = tell;
  }

  take(delta: Delta): void {
    if (this.#isOpen) this.#tell({ type: 'delta', delta });
    else if (delta.tree === 'Status') applyDelta(this.#held, delta);
    else this.#early.push(delta);
  }

  read(path: PathText, leaves: LeafMap): void {
    for (const held of this.#held.keys()) if (isWithin(held, path)) this.#held.delete(held);
    for (const [leaf, value] of leaves) this.#held.set(leaf, value);
  }

  open(identity: DeviceIdentity): void {
    this.#isOpen = true;
    this.#tell({ type: 'snapshot', identity, status: new Map(this.#held) });
    for (const delta of this.#early) this.#tell({ type: 'delta', delta });
    this.#held.clear();
    this.#early.length = 0;
  }
}
