import type { DeviceState } from './device-state.ts';

export type LoginOutcome = { readonly ok: true; readonly user: string } | { readonly ok: false };

/**
 * Logins to the device's local accounts. RoomOS 26 locks an account after
 * `MaxFailedLogins` (5 there, 0 and so never before) bad logins (SC); while it
 * is locked the right password is refused too.
 */
export class Accounts {
  readonly #state: DeviceState;
  readonly #failures = new Map<string, { count: number; lockedUntil: number }>();
  #failed = 0;

  constructor({ state }: { state: DeviceState }) {
    this.#state = state;
    state.passphrases.wrongOld = (username) => {
      if (state.settings.wrongOldPassphraseCounts) this.#fail(username);
    };
  }

  /** Logins that were refused, ever. */
  get failedLogins(): number {
    return this.#failed;
  }

  isLocked(username: string): boolean {
    return (this.#failures.get(username)?.lockedUntil ?? 0) > this.#state.core.monotonic();
  }

  login(credentials: { username: string; password: string } | null): LoginOutcome {
    if (credentials === null) return { ok: false };
    const { username, password } = credentials;
    if (this.isLocked(username)) {
      this.#failed += 1;
      return { ok: false };
    }
    if (this.#state.passphrases.isRight(username, password)) {
      this.#failures.delete(username);
      return { ok: true, user: username };
    }
    this.#fail(username);
    return { ok: false };
  }

  #fail(username: string): void {
    this.#failed += 1;
    const most = this.#mostFailures();
    const count = (this.#failures.get(username)?.count ?? 0) + 1;
    const locks = most > 0 && count >= most;
    const lockedUntil = locks ? this.#state.core.monotonic() + this.#state.settings.lockoutMs : 0;
    this.#failures.set(username, { count: locks ? 0 : count, lockedUntil });
  }

  #mostFailures(): number {
    const configured = this.#state.configuration('Security.Session.MaxFailedLogins');
    if (configured !== null) return Number(configured);
    return /^(?:ce|RoomOS )?26\./.test(this.#state.software) ? 5 : 0;
  }
}

/** Reads `Authorization: Basic …`; null where it is none. */
export function basicCredentials(header: string | undefined): { username: string; password: string } | null {
  const match = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(header ?? '');
  return match?.[1] === undefined ? null : split(Buffer.from(match[1], 'base64').toString('utf8'));
}

/** The `auth-…` word of `Sec-WebSocket-Protocol` (TG, JX), as offered; null where none was. */
export function offeredAuthProtocol(header: string | undefined): string | null {
  return (
    (header ?? '')
      .split(',')
      .map((word) => word.trim())
      .find((word) => word.startsWith('auth-')) ?? null
  );
}

export function protocolCredentials(protocol: string): { username: string; password: string } | null {
  return split(Buffer.from(protocol.slice('auth-'.length), 'base64url').toString('utf8'));
}

function split(text: string): { username: string; password: string } | null {
  const colon = text.indexOf(':');
  return colon < 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
