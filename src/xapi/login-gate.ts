import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { DeviceAddress, LoginGate } from './device.ts';
import { XapiError } from './errors.ts';
import { untilAborted } from './until-aborted.ts';

/** What is known of one secret at one device, or of one credentials entry in the fleet. */
export interface LoginRecord {
  /** `open`: nothing is known. `trying`: an attempt began whose outcome is not known (yet, or for ever after a crash). */
  readonly state: 'open' | 'trying' | 'accepted' | 'refused';
  /** At a device: attempts without an outcome. For a credentials entry: devices that refused it. */
  readonly attempts: number;
  /** Wall time of the last change, integer UTC milliseconds. */
  readonly at: number;
  readonly reason: string | null;
}

/** Where records survive restarts. A key holds no secret, only its keyed fingerprint. */
export interface LoginGateStore {
  get(key: string): Promise<LoginRecord | null>;
  put(key: string, record: LoginRecord): Promise<void>;
}

/** A store for one-shot commands and tests. */
export function memoryLoginGateStore(): LoginGateStore {
  const records = new Map<string, LoginRecord>();
  return {
    get: async (key) => records.get(key) ?? null,
    put: async (key, record) => void records.set(key, record),
  };
}

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
 */
export class StoredLoginGate implements LoginGate {
  readonly #fingerprintKey: string;
  readonly #store: LoginGateStore;
  readonly #clock: Clock;
  readonly #records = new Map<string, LoginRecord>();
  /** Attempts under way, by device key and by credentials key. */
  readonly #running = new Map<string, Deferred>();

  constructor(
    options: { fingerprintKey: string },
    { store, clock }: { store: LoginGateStore; clock: Clock },
  ) {
    this.#fingerprintKey = options.fingerprintKey;
    this.#store = store;
    this.#clock = clock;
  }

  async enter(address: DeviceAddress, options: AbortOptions = {}): Promise<void> {
    const keys = this.#keys(address);
    for (;;) {
      const known = await this.#load(keys.device);
      if (known.state === 'accepted') return;
      await this.#load(keys.credential);
      const next = this.#decide(address, keys);
      if (next === 'attempt') {
        await this.#begin(keys);
        return;
      }
      await (options.signal === undefined ? next.promise : untilAborted(next.promise, options.signal));
    }
  }

  async accepted(address: DeviceAddress): Promise<void> {
    const keys = this.#keys(address);
    try {
      for (const key of [keys.device, keys.credential]) {
        if (this.#known(key).state !== 'accepted')
          await this.#save(key, { state: 'accepted', attempts: 0, reason: null });
      }
    } finally {
      this.#end(keys);
    }
  }

  async refused(address: DeviceAddress, error: XapiError): Promise<void> {
    const keys = this.#keys(address);
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

  async abandoned(address: DeviceAddress, { sent }: { readonly sent: boolean }): Promise<void> {
    const keys = this.#keys(address);
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

  /** Forgets that this device, and the fleet, refused the present secret: a person has asked for another attempt. */
  async reopen(address: DeviceAddress): Promise<void> {
    const keys = this.#keys(address);
    await this.#save(keys.device, { state: 'open', attempts: 0, reason: null });
    const credential = await this.#load(keys.credential);
    if (credential.state === 'refused')
      await this.#save(keys.credential, { state: 'open', attempts: 0, reason: null });
  }

  #decide(address: DeviceAddress, keys: Keys): 'attempt' | Deferred {
    const device = this.#known(keys.device);
    const running = this.#running.get(keys.device);
    if (running !== undefined) return running;
    if (device.state === 'refused') throw blocked(address, device.reason);
    const waitMs = device.at + pauseMs(device.attempts) - this.#clock.now();
    if (device.state === 'trying' && waitMs > 0) throw tooSoon(address, waitMs);
    const credential = this.#known(keys.credential);
    if (credential.state === 'accepted') return 'attempt';
    if (credential.state === 'refused') throw blockedEverywhere(address, credential.attempts);
    return this.#running.get(keys.credential) ?? 'attempt';
  }

  /** Takes the turn before the first `await`, so that nobody else can. */
  async #begin(keys: Keys): Promise<void> {
    const deferred = new Deferred();
    this.#running.set(keys.device, deferred);
    if (this.#known(keys.credential).state !== 'accepted') this.#running.set(keys.credential, deferred);
    const attempts = this.#known(keys.device).attempts + 1;
    try {
      await this.#save(keys.device, { state: 'trying', attempts, reason: null });
    } catch (error) {
      this.#end(keys);
      throw error;
    }
  }

  #end(keys: Keys): void {
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
      device: `device:${id}:${username}:${fingerprint}`,
      credential: `credential:${credential}:${username}:${fingerprint}`,
    };
  }

  #known(key: string): LoginRecord {
    return this.#records.get(key) ?? { state: 'open', attempts: 0, at: 0, reason: null };
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

interface Keys {
  readonly device: string;
  readonly credential: string;
}

/** A promise that its owner settles. */
class Deferred {
  resolve: () => void = ignore;
  readonly promise = new Promise<void>((done) => {
    this.resolve = done;
  });
}

function ignore(): void {}

/** None after the first attempt without an outcome; then one minute, doubling to half an hour. */
function pauseMs(attempts: number): number {
  return attempts < 2 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 2));
}

function blocked(address: DeviceAddress, reason: string | null): XapiError {
  return new XapiError(
    'login-blocked',
    `${address.name} refused this password before (${reason ?? 'no reason kept'}), so it is not tried again: correct the credentials "${address.credential}", or run: roomd trust ${address.name} --retry-login`,
  );
}

function blockedEverywhere(address: DeviceAddress, refusals: number): XapiError {
  return new XapiError(
    'login-blocked',
    `${refusals} devices refused the password of the credentials "${address.credential}" and none accepted it, so it is not tried on ${address.name}: correct it, or run: roomd trust ${address.name} --retry-login`,
  );
}

function tooSoon(address: DeviceAddress, waitMs: number): XapiError {
  return new XapiError(
    'busy',
    `the last login attempts at ${address.name} ended without an answer; the next one is made in ${Math.ceil(waitMs / 1000)} s, lest the account be locked`,
    { details: { waitMs } },
  );
}
