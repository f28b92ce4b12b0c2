import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { untilAborted } from '../lib/until-aborted.ts';
import { loginsOf } from './address.ts';
import { Deferred } from './deferred.ts';
import type { DeviceAddress, LoginGate } from './device.ts';
import type { XapiError } from './errors.ts';
import { chooseSecret } from './login-choice.ts';
import type { LoginGateStore, LoginRecord } from './login-record.ts';
import { blocked, blockedEverywhere, tooSoon } from './login-refusals.ts';

/** Devices that may refuse a secret that none has accepted before nobody tries it any more. */
const REFUSALS_ALLOWED = 2;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 1_800_000;

/**
 * One attempt per secret: RoomOS 26 locks an account after five failures. An
 * attempt is recorded before it is made, so that a crash cannot repeat it
 * unnoticed; one that ended without an outcome allows one more at once and
 * then one after each, ever longer, pause. A refused secret is not tried again
 * at that device until it changes or `reopen` is called.
 *
 * Fleet-wide, a secret that no device has accepted yet is tried on one device
 * at a time; when two have refused it, it is blocked for all.
 *
 * The records say, too, which of two secrets a device accepts while a
 * passphrase is being replaced. Whoever replaces it takes the device in hand:
 * meanwhile nobody else logs in there.
 */
export class StoredLoginGate implements LoginGate {
  readonly #fingerprintKey: string;
  readonly #store: LoginGateStore;
  readonly #clock: Clock;
  readonly #records = new Map<string, LoginRecord>();
  /** Attempts under way, by device key and by credentials key. */
  readonly #running = new Map<string, Deferred>();
  /** How many attempts are under way at a device, by its id. */
  readonly #attempts = new Map<number, number>();
  /** Devices that somebody has in hand, by id, and who waits until the attempts there are over. */
  readonly #inHand = new Map<number, { readonly free: Deferred; readonly quiet: Deferred }>();

  constructor(
    options: { fingerprintKey: string },
    { store, clock }: { store: LoginGateStore; clock: Clock },
  ) {
    this.#fingerprintKey = options.fingerprintKey;
    this.#store = store;
    this.#clock = clock;
  }

  async enter(address: DeviceAddress, { signal }: AbortOptions = {}): Promise<DeviceAddress> {
    const logins = loginsOf(address);
    for (;;) {
      await this.#loadAll(logins);
      const inHand = this.#inHand.get(address.id);
      const next = inHand === undefined ? this.#decide(address, logins) : inHand.free;
      if (!(next instanceof Deferred)) return this.#begin(next);
      await waitFor(next, signal);
    }
  }

  /**
   * Takes the device in hand, once the attempts under way there are over: until
   * `release`, `enter` waits, and only the gate of the hand lets in, with the
   * one secret of the address that it is given. The records of the whole fleet
   * count there as anywhere.
   */
  async takeInHand({ id }: Pick<DeviceAddress, 'id'>, { signal }: AbortOptions = {}): Promise<LoginHand> {
    for (let held = this.#inHand.get(id); held !== undefined; held = this.#inHand.get(id))
      await waitFor(held.free, signal);
    const hand = { free: new Deferred(), quiet: new Deferred() };
    this.#inHand.set(id, hand);
    const release = (): void => {
      if (this.#inHand.get(id) === hand) this.#inHand.delete(id);
      hand.free.resolve();
    };
    try {
      if (this.#attempts.has(id)) await waitFor(hand.quiet, signal);
    } catch (error) {
      release();
      throw error;
    }
    return {
      gate: {
        enter: (address, options) => this.#enterAlone(address, options),
        accepted: (login) => this.accepted(login),
        refused: (login, error) => this.refused(login, error),
        abandoned: (login, attempt) => this.abandoned(login, attempt),
      },
      doubt: async (login) => this.#save(this.#keys(login).device, UNKNOWN),
      retire: async (login, reason) =>
        this.#save(this.#keys(login).device, { state: 'refused', attempts: 0, reason }),
      release,
    };
  }

  /** What is on record of the secret `login.password` at the device. */
  async recordOf(login: DeviceAddress): Promise<LoginRecord> {
    return this.#load(this.#keys(login).device);
  }

  /** Lets a secret be tried again that too many devices of the fleet refused. */
  async reopenFleetWide(login: DeviceAddress): Promise<void> {
    const { credential } = this.#keys(login);
    if ((await this.#load(credential)).state === 'refused') await this.#save(credential, UNKNOWN);
  }

  async accepted(login: DeviceAddress): Promise<void> {
    const keys = this.#keys(login);
    try {
      await this.#explainRefusals(login, keys.device);
      for (const key of [keys.device, keys.credential]) {
        if (this.#known(key).state !== 'accepted')
          await this.#save(key, { state: 'accepted', attempts: 0, reason: null });
      }
    } finally {
      this.#end(keys);
    }
  }

  /** A device that takes another of its secrets has refused the others for that reason: they do not count against the fleet. */
  async #explainRefusals({ id, username, credential }: DeviceAddress, accepted: string): Promise<void> {
    if (this.#known(accepted).state === 'accepted') return;
    const own = `device:${id}:${username}:`;
    for (const [key, { state }] of this.#records) {
      if (!key.startsWith(own) || key === accepted || state !== 'refused') continue;
      const fleetWide = `credential:${credential}:${username}:${key.slice(own.length)}`;
      const known = await this.#load(fleetWide);
      if (known.state === 'accepted' || known.attempts === 0) continue;
      const attempts = known.attempts - 1;
      const isBlocked = attempts >= REFUSALS_ALLOWED;
      await this.#save(fleetWide, { ...known, attempts, state: isBlocked ? 'refused' : 'open' });
    }
  }

  async refused(login: DeviceAddress, error: XapiError): Promise<void> {
    const keys = this.#keys(login);
    const credential = await this.#load(keys.credential);
    try {
      await this.#save(keys.device, { state: 'refused', attempts: 0, reason: error.message });
      if (credential.state !== 'accepted') {
        const attempts = credential.attempts + 1;
        const state = attempts >= REFUSALS_ALLOWED ? 'refused' : 'open';
        await this.#save(keys.credential, { state, attempts, reason: error.message });
      }
    } finally {
      this.#end(keys);
    }
  }

  async abandoned(login: DeviceAddress, { sent }: { readonly sent: boolean }): Promise<void> {
    const keys = this.#keys(login);
    const record = this.#known(keys.device);
    try {
      if (record.state === 'trying' && !sent) {
        const attempts = Math.max(0, record.attempts - 1);
        await this.#save(keys.device, { state: attempts === 0 ? 'open' : 'trying', attempts, reason: null });
      }
    } finally {
      this.#end(keys);
    }
  }

  /** Forgets that this device, and the fleet, refused the present secrets: a person has asked for another attempt. */
  async reopen(address: DeviceAddress): Promise<void> {
    for (const login of loginsOf(address)) {
      await this.#save(this.#keys(login).device, UNKNOWN);
      await this.reopenFleetWide(login);
    }
  }

  async #enterAlone(login: DeviceAddress, { signal }: AbortOptions = {}): Promise<DeviceAddress> {
    for (;;) {
      await this.#loadAll([login]);
      const next = this.#decide(login, [login]);
      if (!(next instanceof Deferred)) return this.#begin(next);
      await waitFor(next, signal);
    }
  }

  /** The login to try now, or what to wait for. */
  #decide(address: DeviceAddress, logins: readonly DeviceAddress[]): DeviceAddress | Deferred {
    const records = logins.map((login) => {
      const keys = this.#keys(login);
      return { device: this.#known(keys.device), credential: this.#known(keys.credential) };
    });
    const choice = chooseSecret(records);
    const login = logins[choice ?? 0] ?? address;
    const [first] = records;
    if (choice === null && first !== undefined && first.device.state !== 'refused')
      throw blockedEverywhere(address, first.credential.attempts);
    if (choice === null) throw blocked(address, first?.device.reason ?? null);
    const keys = this.#keys(login);
    const device = this.#known(keys.device);
    if (device.state === 'accepted') return login;
    const running = this.#running.get(keys.device);
    if (running !== undefined) return running;
    const waitMs = device.at + pauseMs(device.attempts) - this.#clock.now();
    if (device.state === 'trying' && waitMs > 0) throw tooSoon(address, waitMs);
    if (this.#known(keys.credential).state === 'accepted') return login;
    return this.#running.get(keys.credential) ?? login;
  }

  /** Takes the turn before the first `await`, so that nobody else can. */
  async #begin(login: DeviceAddress): Promise<DeviceAddress> {
    const keys = this.#keys(login);
    this.#attempts.set(keys.id, (this.#attempts.get(keys.id) ?? 0) + 1);
    if (this.#known(keys.device).state === 'accepted') return login;
    const deferred = new Deferred();
    this.#running.set(keys.device, deferred);
    if (this.#known(keys.credential).state !== 'accepted') this.#running.set(keys.credential, deferred);
    const attempts = this.#known(keys.device).attempts + 1;
    try {
      await this.#save(keys.device, { state: 'trying', attempts, reason: null });
      return login;
    } catch (error) {
      this.#end(keys);
      throw error;
    }
  }

  #end(keys: Keys): void {
    const left = (this.#attempts.get(keys.id) ?? 1) - 1;
    if (left > 0) this.#attempts.set(keys.id, left);
    else {
      this.#attempts.delete(keys.id);
      this.#inHand.get(keys.id)?.quiet.resolve();
    }
    const deferred = this.#running.get(keys.device);
    if (deferred === undefined) return;
    this.#running.delete(keys.device);
    if (this.#running.get(keys.credential) === deferred) this.#running.delete(keys.credential);
    deferred.resolve();
  }

  #keys(address: DeviceAddress): Keys {
    const { id, username, credential } = address;
    const fingerprint = address.password.fingerprint(this.#fingerprintKey);
    return {
      id,
      device: `device:${id}:${username}:${fingerprint}`,
      credential: `credential:${credential}:${username}:${fingerprint}`,
    };
  }

  #known(key: string): LoginRecord {
    return this.#records.get(key) ?? { state: 'open', attempts: 0, at: 0, reason: null };
  }

  async #loadAll(logins: readonly DeviceAddress[]): Promise<void> {
    for (const login of logins) {
      const keys = this.#keys(login);
      if ((await this.#load(keys.device)).state !== 'accepted') await this.#load(keys.credential);
    }
  }

  async #load(key: string): Promise<LoginRecord> {
    if (!this.#records.has(key)) {
      const stored = await this.#store.get(key);
      if (stored !== null && !this.#records.has(key)) this.#records.set(key, stored);
    }
    return this.#known(key);
  }

  async #save(key: string, change: Omit<LoginRecord, 'at'>): Promise<void> {
    const record = { ...change, at: this.#clock.now() };
    this.#records.set(key, record);
    await this.#store.put(key, record);
  }
}

/** A device whose passphrase somebody is replacing. A login is an address with the one secret that is meant. */
export interface LoginHand {
  readonly gate: LoginGate;
  /** From now on nothing is known of the secret at the device. */
  doubt(login: DeviceAddress): Promise<void>;
  /** From now on the secret is not tried there any more. */
  retire(login: DeviceAddress, reason: string): Promise<void>;
  /** Lets others log in again. Idempotent. */
  release(): void;
}

const UNKNOWN = { state: 'open', attempts: 0, reason: null } as const;

async function waitFor({ promise }: Deferred, signal: AbortSignal | undefined): Promise<void> {
  await (signal === undefined ? promise : untilAborted(promise, signal));
}

interface Keys {
  readonly id: number;
  readonly device: string;
  readonly credential: string;
}

/** None after the first attempt without an outcome; then one minute, doubling to half an hour. */
function pauseMs(attempts: number): number {
  return attempts < 2 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 2));
}
