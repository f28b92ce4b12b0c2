import type { Secret } from '../../lib/secret.ts';
import { FinesseError } from './errors.ts';

/** Who asks: a password (Basic), or a bearer token where `systemAuthMode` is SSO. `userId` is the account's own. */
export type FinesseLogin = { readonly userId: string } & (
  | { readonly password: Secret }
  | { readonly token: Secret }
);

/**
 * What is known of the login. Five wrong passwords lock an account for five
 * minutes (cloud facts 2.1), and a locked agent cannot take calls: so a secret
 * that was refused once is never sent again.
 */
export class LoginState {
  #login: FinesseLogin;
  #is: 'untried' | 'taken' | 'refused' = 'untried';

  constructor(login: FinesseLogin) {
    this.#login = login;
  }

  get userId(): string {
    return this.#login.userId;
  }

  get wasTaken(): boolean {
    return this.#is === 'taken';
  }

  /** The Authorization header. @throws FinesseError `login-refused` where this login was refused before */
  header(what: string): string {
    if (this.#is === 'refused') {
      throw new FinesseError(
        'login-refused',
        `${what} was not sent: the login of ${this.userId} was refused before, and trying again could lock the account. Give another secret`,
      );
    }
    const login = this.#login;
    if ('token' in login) return `Bearer ${login.token.reveal()}`;
    return `Basic ${Buffer.from(`${login.userId}:${login.password.reveal()}`).toString('base64')}`;
  }

  taken(): void {
    this.#is = 'taken';
  }

  refused(): void {
    this.#is = 'refused';
  }

  /** Goes on with another login. The same one again changes nothing. */
  replace(login: FinesseLogin): void {
    if (login.userId === this.#login.userId && secretOf(login) === secretOf(this.#login)) return;
    this.#login = login;
    this.#is = 'untried';
  }
}

function secretOf(login: FinesseLogin): string {
  return 'token' in login ? `token ${login.token.reveal()}` : `password ${login.password.reveal()}`;
}
