import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { untilAborted } from '../lib/until-aborted.ts';
import { isSameOrBound } from './address.ts';
import type {
  CommandArguments,
  CommandResult,
  ConfigurationDocument,
  Delta,
  Device,
  DeviceAddress,
  DeviceIdentity,
  DeviceValueSpace,
  LeafMap,
  LoginGate,
  SessionNews,
  SessionStatus,
  Setting,
  SettingAnswer,
  WebSessionLedger,
} from './device.ts';
import { XapiError } from './errors.ts';
import type { Expression } from './expression.ts';
import { toXapiError, withoutLogin } from './failure.ts';
import { checkSerial } from './identity.ts';
import { Keeper, type Trouble } from './keeper.ts';
import type { Limit } from './limit.ts';
import { SessionOpener } from './open-session.ts';
import type { PathText } from './path.ts';
import type { Session } from './session.ts';
import { type SessionCount, sessionCount } from './session-count.ts';
import type { XapiSettings } from './settings.ts';
import { paceWatch } from './slowness.ts';
import { openTransports, type Transports } from './transports.ts';

export interface RemoteDeviceParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly gate: LoginGate;
  readonly ledger: WebSessionLedger;
  /** Fleet-wide caps on what is under way at once. */
  readonly handshakes: Limit;
  readonly exchanges: Limit;
  readonly count: { readonly stray: () => void; readonly stripped: (controls: number) => void };
}

/**
 * A device on the network. Configuration goes over HTTPS; status and commands
 * over the session while it is up, over HTTPS otherwise. Before the first
 * write of each web session the serial number is read over that same session,
 * where the device is bound to one.
 */
export class RemoteDevice implements Device {
  readonly #settings: XapiSettings;
  readonly #parts: RemoteDeviceParts;
  readonly #keeper: Keeper;
  readonly #opener: SessionOpener;
  readonly #listeners = new Set<(news: SessionNews) => void>();
  #transports: Promise<Transports> | null = null;
  #address: DeviceAddress;
  #checkedEpoch = -1;
  #serial: string | null = null;
  #pinned: string | null = null;
  #isStopped = false;

  constructor(
    options: { address: DeviceAddress; expressions: readonly Expression[]; settings: XapiSettings },
    parts: RemoteDeviceParts,
  ) {
    this.#address = options.address;
    this.#settings = options.settings;
    this.#parts = parts;
    this.#opener = new SessionOpener(options.settings, { ...parts, onStray: parts.count.stray });
    this.#keeper = new Keeper(options, {
      ...parts,
      check: (identity) => this.#checkSerial(identity),
      open: (onDelta, signal) => this.#openSession(onDelta, signal),
      identify: async (signal) => (await this.#open()).api.identify(signal),
      readStatus: async (path, signal) => (await this.#open()).api.readStatus(path, signal),
      withoutLogin: (error) => withoutLogin(error, this.#address),
      tell: (news) => this.#tell(news),
    });
  }

  get address(): DeviceAddress {
    return this.#address;
  }

  session(): SessionStatus {
    return this.#keeper.status;
  }

  /**
   * Takes over an address that differs from the present one at most in what
   * this device has itself brought to light: its serial number and its
   * certificate, bound after first contact.
   * @returns false where the address says anything else
   */
  bind(address: DeviceAddress): boolean {
    const met = { serial: this.#serial, fingerprint256: this.#pinned };
    if (!isSameOrBound(address, this.#address, met)) return false;
    this.#address = address;
    return true;
  }

  identify(options: AbortOptions = {}): Promise<DeviceIdentity> {
    return this.#guard('identify', options, async (signal) => {
      const session = this.#keeper.session;
      const identity = session === null ? await this.#identifyOverHttps(signal) : await session.identify();
      this.#checkSerial(identity);
      return identity;
    });
  }

  readConfiguration(options: AbortOptions = {}): Promise<ConfigurationDocument> {
    return this.#guard('reading the configuration', options, async (signal) =>
      (await this.#open()).api.readConfiguration(signal),
    );
  }

  readValueSpaces(options: AbortOptions = {}): Promise<ReadonlyMap<string, DeviceValueSpace>> {
    return this.#guard('reading the value spaces', options, async (signal) =>
      (await this.#open()).api.readValueSpaces(signal),
    );
  }

  readStatus(path: PathText, options: AbortOptions = {}): Promise<LeafMap> {
    return this.#guard(`reading Status ${path}`, options, async (signal) => {
      const session = this.#keeper.session;
      return session === null
        ? (await this.#open()).api.readStatus(path, signal)
        : session.read('Status', path);
    });
  }

  writeConfiguration(settings: readonly Setting[], options: AbortOptions = {}): Promise<SettingAnswer[]> {
    return this.#guard('writing the configuration', options, async (signal) => {
      const { api } = await this.#open();
      await this.#checkBeforeWriting(signal);
      return api.writeConfiguration(settings, signal);
    });
  }

  command(
    path: PathText,
    args: CommandArguments = {},
    options: AbortOptions & { readonly body?: string } = {},
  ): Promise<CommandResult> {
    return this.#guard(path, options, async (signal) => {
      const session = this.#keeper.session;
      if (session !== null) return session.command(path, args, options.body);
      const { api } = await this.#open();
      await this.#checkBeforeWriting(signal);
      return api.command(path, args, options.body, signal);
    });
  }

  /**
   * How many web sessions the device has, of whomever.
   * @throws XapiError `permission` where the account may not ask
   */
  countWebSessions(options: AbortOptions & { readonly software: string | null }): Promise<SessionCount> {
    const { software, signal } = options;
    return this.#guard('counting the web sessions', { signal }, async (inner) => {
      const list = await this.command('Security.Session.List', {}, { signal: inner });
      const path = 'Security.Session';
      const session = this.#keeper.session;
      const limits =
        session === null
          ? await (await this.#open()).api.readSettings(path, inner)
          : await session.read('Configuration', path);
      return sessionCount(list, { limits, username: this.address.username, software });
    });
  }

  /** Leaves the device's web sessions to others while there is a `trouble` with them: ends its own when nothing needs it and begins none. */
  async leaveWebSessions(trouble: Trouble | null): Promise<void> {
    this.#keeper.troubled('web sessions', trouble);
    (await this.#open()).web.leaveToOthers(trouble !== null);
  }

  /** Of the web session that it has begun and not ended; null where it has none. */
  async webSessionCookie(): Promise<string | null> {
    return (await this.#transports?.catch(() => null))?.web.cookie ?? null;
  }

  subscribe(listen: (news: SessionNews) => void): () => void {
    this.#listeners.add(listen);
    if (this.#pinned !== null) listen({ type: 'pinned', fingerprint256: this.#pinned });
    listen({ type: 'status', status: this.#keeper.status });
    return () => void this.#listeners.delete(listen);
  }

  /** Begins to keep a session. */
  start(): void {
    if (!this.#isStopped) this.#keeper.start();
  }

  /** Tries to connect now, whatever the keeper waits for. */
  wake(): void {
    this.#keeper.wake();
  }

  /** Ends the session and the web session and logs in anew, with what the device is now on record to accept. */
  async renew(): Promise<void> {
    this.#keeper.renew();
    await (await this.#transports?.catch(() => null))?.web.renew();
  }

  /** Ends the session and the web session and leaves nothing open. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const transports = await this.#transports?.catch(() => null);
    const stopping = this.#keeper.stop();
    transports?.connector.close();
    await stopping;
    await transports?.web.stop();
    await transports?.client.close();
  }

  async #openSession(onDelta: (delta: Delta) => void, signal: AbortSignal): Promise<Session> {
    const { connector } = await this.#open();
    const { slowAnswerMs: slowMs } = this.#settings;
    this.#keeper.troubled('pace', null);
    const onRead = paceWatch({ slowMs }, (trouble) => this.#keeper.troubled('pace', trouble));
    return this.#parts.handshakes(() =>
      this.#opener.open(this.address, { onDelta, onRead }, { connector, signal }),
    );
  }

  async #identifyOverHttps(signal: AbortSignal | undefined): Promise<DeviceIdentity> {
    const { api, web } = await this.#open();
    const identity = await api.identify(signal);
    if (identity.serial === this.address.serial) this.#checkedEpoch = web.epoch;
    return identity;
  }

  async #checkBeforeWriting(signal: AbortSignal | undefined): Promise<void> {
    const { web } = await this.#open();
    if (this.address.serial === null || web.epoch === this.#checkedEpoch) return;
    this.#checkSerial(await this.#identifyOverHttps(signal));
  }

  #checkSerial(identity: DeviceIdentity): void {
    checkSerial(this.#address, identity);
    this.#serial = identity.serial;
  }

  #open(): Promise<Transports> {
    if (this.#isStopped)
      return Promise.reject(new XapiError('closed', `${this.address.name} is no longer spoken to`));
    this.#transports ??= this.#openTransports().catch((error: unknown) => {
      this.#transports = null;
      throw error;
    });
    return this.#transports;
  }

  async #openTransports(): Promise<Transports> {
    return await openTransports(
      { address: () => this.#address, settings: this.#settings },
      {
        ...this.#parts,
        onPinned: (fingerprint256) => {
          this.#pinned = fingerprint256;
          this.#tell({ type: 'pinned', fingerprint256 });
        },
        onShown: (certificate) => this.#tell({ type: 'certificate', certificate }),
      },
    );
  }

  /** Whatever fails leaves as an `XapiError` without the login in it, or as the reason of the caller's signal. */
  async #guard<T>(
    what: string,
    { signal }: AbortOptions,
    work: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    try {
      if (signal === undefined) return await work(undefined);
      return await untilAborted(work(signal), signal);
    } catch (error) {
      throw withoutLogin(toXapiError(error, what, signal), this.address);
    }
  }

  #tell(news: SessionNews): void {
    for (const listen of this.#listeners) {
      try {
        listen(news);
      } catch (error) {
        this.#parts.logger.error({ error: messageOf(error) }, 'a listener failed on session news');
      }
    }
  }
}
