import type { Caller, FinesseState } from './finesse-state.ts';
import { FinesseRefusal } from './finesse-xml.ts';

const MOST_FAILURES = 5;

/** Who may log in: five wrong passwords in a row lock an account for a while (cloud facts 2.1). */
export class FinesseLogins {
  readonly #state: FinesseState;
  readonly #tokens: Readonly<Record<string, string>> | null;
  readonly #lockMs: number;
  readonly #failures = new Map<string, { count: number; lockedUntil: number }>();

  /** With `tokens` (bearer token → user id) the system is in SSO mode and takes no passwords. */
  constructor(
    state: FinesseState,
    { tokens, lockMs }: { tokens: Readonly<Record<string, string>> | null; lockMs: number },
  ) {
    this.#state = state;
    this.#tokens = tokens;
    this.#lockMs = lockMs;
  }

  isLocked(userId: string): boolean {
    return (this.#failures.get(userId)?.lockedUntil ?? 0) > this.#state.clock.monotonic();
  }

  /** @throws FinesseRefusal 401 */
  login(authorization: string): Caller {
    return this.#tokens === null
      ? this.#byPassword(authorization)
      : this.#byToken(authorization, this.#tokens);
  }

  #byToken(authorization: string, tokens: Readonly<Record<string, string>>): Caller {
    const token = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? '';
    return this.#caller(Object.hasOwn(tokens, token) ? (tokens[token] ?? '') : '');
  }

  #byPassword(authorization: string): Caller {
    const basic = /^Basic (.+)$/i.exec(authorization)?.[1] ?? '';
    const text = Buffer.from(basic, 'base64').toString();
    const [id, password] = [text.slice(0, Math.max(0, text.indexOf(':'))), text.slice(text.indexOf(':') + 1)];
    const user = this.#state.user(id);
    if (user === null || this.isLocked(id) || user.password !== password) {
      if (user !== null) this.#count(id);
      throw refused(id);
    }
    this.#failures.delete(id);
    return this.#caller(id);
  }

  #count(id: string): void {
    const count = (this.#failures.get(id)?.count ?? 0) + 1;
    const lockedUntil = count >= MOST_FAILURES ? this.#state.clock.monotonic() + this.#lockMs : 0;
    this.#failures.set(id, { count, lockedUntil });
  }

  #caller(id: string): Caller {
    const user = this.#state.user(id);
    if (user === null) throw refused(id);
    return { user, isAdministrator: user.roles.includes('Administrator') };
  }
}

function refused(id: string): FinesseRefusal {
  return new FinesseRefusal(401, 'Authorization Failure', 'UNAUTHORIZED', id);
}
