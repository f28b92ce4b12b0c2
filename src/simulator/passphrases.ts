import type { DeviceCore } from './device-core.ts';

/** How the wire spoils a change of passphrase: it is not made, or no answer comes. */
export type Mishap = 'kept' | 'cut-made' | 'cut-unmade';

/** The device's local accounts, all of them administrators, and the passphrases they had. They outlive a reboot. */
export class Passphrases {
  readonly #core: DeviceCore;
  /** By user name, the present passphrase first. */
  readonly #held = new Map<string, readonly string[]>();
  readonly #listeners = new Set<(username: string) => void>();
  /** What goes wrong with changes now; the device around sets it. */
  mishap: () => Mishap | null = () => null;
  /** Cuts every connection; the device around sets it. */
  cut: () => void = () => undefined;
  /** Told of an old passphrase in a command that was not the right one. */
  wrongOld: (username: string) => void = () => undefined;

  constructor(core: DeviceCore, { username, passphrase }: { username: string; passphrase: string }) {
    this.#core = core;
    this.#held.set(username, [passphrase]);
  }

  has(username: string): boolean {
    return this.#held.has(username);
  }

  isRight(username: string, passphrase: string): boolean {
    return this.#held.get(username)?.[0] === passphrase;
  }

  /** Told of each account whose passphrase has changed. */
  onChange(listener: (username: string) => void): void {
    this.#listeners.add(listener);
  }

  /** Changes it where the policy takes it; else the reason why not. */
  change(username: string, wanted: string): string | null {
    const held = this.#held.get(username) ?? [];
    const refusal = this.#refusal(wanted, held);
    if (refusal !== null) return refusal;
    this.#held.set(username, [wanted, ...held]);
    for (const listener of this.#listeners) listener(username);
    return null;
  }

  /** `UserManagement PasswordPolicy` (schemas 9.15, 11.27 and 26.4, also the defaults). */
  #refusal(wanted: string, held: readonly string[]): string | null {
    const least = this.#policy('Complexity.MinimumLength', 8);
    if (Array.from(wanted).length < least) return `The passphrase must have at least ${least} characters`;
    for (const { setting, pattern, what } of COMPLEXITY) {
      const count = this.#policy(`Complexity.${setting}`, 0);
      if ((wanted.match(pattern) ?? []).length < count)
        return `The passphrase must have at least ${count} ${what}`;
    }
    if (held.slice(0, this.#policy('ReuseLimit', 12)).includes(wanted))
      return 'The passphrase was used before';
    return null;
  }

  #policy(setting: string, otherwise: number): number {
    return Number(this.#core.configuration.get(`UserManagement.PasswordPolicy.${setting}`) ?? otherwise);
  }
}

const COMPLEXITY = [
  { setting: 'MinimumDigits', pattern: /[0-9]/g, what: 'digits' },
  { setting: 'MinimumLowercase', pattern: /\p{Ll}/gu, what: 'lower-case letters' },
  { setting: 'MinimumUppercase', pattern: /\p{Lu}/gu, what: 'upper-case letters' },
  { setting: 'MinimumSpecial', pattern: /[^\p{L}\p{N}]/gu, what: 'special characters' },
] as const;
