import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../lib/clock.ts';
import type { NewId } from '../../../lib/random.ts';
import { WebexRefusal } from './answer.ts';
import type { WebexPerson, WebexState } from './state.ts';

/** An integration or a service app as the portal knows it. */
export interface WebexApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri?: string;
  /** Of a service app; POST /applications/{applicationId}/token gives its first tokens. */
  readonly applicationId?: string;
  /** As whom it acts: who grants an integration, or the service app's own person. An e-mail address. */
  readonly actsAs: string;
}

export interface WebexLifetimes {
  /** All in seconds; the standards are what the service has been seen to tell (cloud facts 1.1). */
  readonly access?: number;
  readonly refresh?: number;
  readonly guest?: number;
  /** How long a code holds is not published. */
  readonly code?: number;
}

interface Issued {
  readonly person: WebexPerson;
  readonly endsAt: number;
  /** Null: everything. */
  readonly scopes: readonly string[] | null;
  readonly clientId: string | null;
}

interface Code extends Issued {
  readonly redirectUri: string;
  readonly challenge: string | null;
}

const STANDARD = { access: 1_209_600, refresh: 7_776_000, guest: 21_599, code: 300 };

/** Who is behind each bearer token, and what gives new ones. */
export class TokenBook {
  readonly #access = new Map<string, Issued>();
  readonly #refresh = new Map<string, Issued>();
  readonly #codes = new Map<string, Code>();
  readonly #apps: readonly WebexApp[];
  readonly #issuers: readonly { readonly issuerId: string; readonly secret: string }[];
  readonly #rotates: boolean;
  readonly #parts: { readonly state: WebexState; readonly clock: Clock; readonly newId: NewId };
  #lifetimes: Required<WebexLifetimes>;

  constructor(
    options: {
      tokens: Readonly<Record<string, WebexPerson>>;
      scopes?: Readonly<Record<string, readonly string[]>> | undefined;
      apps?: readonly WebexApp[] | undefined;
      guestIssuers?: readonly { readonly issuerId: string; readonly secret: string }[] | undefined;
      lifetimes?: WebexLifetimes | undefined;
      rotatesRefreshTokens?: boolean | undefined;
    },
    parts: { state: WebexState; clock: Clock; newId: NewId },
  ) {
    this.#apps = options.apps ?? [];
    this.#issuers = options.guestIssuers ?? [];
    this.#lifetimes = { ...STANDARD, ...options.lifetimes };
    this.#rotates = options.rotatesRefreshTokens ?? false;
    this.#parts = parts;
    for (const [token, person] of Object.entries(options.tokens)) {
      const scopes = options.scopes?.[token] ?? null;
      this.#access.set(token, { person, endsAt: Number.POSITIVE_INFINITY, scopes, clientId: null });
    }
  }

  /** From now on. */
  setLifetimes(lifetimes: WebexLifetimes): void {
    this.#lifetimes = { ...this.#lifetimes, ...lifetimes };
  }

  /** Ends every token that an app was given. */
  revoke(clientId: string): void {
    for (const book of [this.#access, this.#refresh])
      for (const [token, issued] of book) if (issued.clientId === clientId) book.delete(token);
  }

  /** Ends one access token, as the service does without a word. */
  endAccess(token: string): void {
    this.#access.delete(token);
  }

  /** Null where the token is unknown or has ended. */
  holderOf(token: string): Issued | null {
    const issued = this.#access.get(token);
    return issued !== undefined && issued.endsAt > this.#parts.clock.now() ? issued : null;
  }

  app(isMeant: (app: WebexApp) => boolean): WebexApp | undefined {
    return this.#apps.find(isMeant);
  }

  newCode(
    app: WebexApp,
    {
      redirectUri,
      scopes,
      challenge,
    }: { redirectUri: string; scopes: readonly string[]; challenge: string | null },
  ): string {
    const code = `code-${this.#parts.newId()}`;
    const person = this.#parts.state.personByEmail(app.actsAs);
    const endsAt = this.#endOf('code');
    this.#codes.set(code, { person, endsAt, scopes, clientId: app.clientId, redirectUri, challenge });
    return code;
  }

  /** The tokens of a code; it holds once, whatever comes of it. */
  redeem(
    app: WebexApp,
    { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier: string | null },
  ): object {
    const kept = this.#codes.get(code);
    this.#codes.delete(code);
    const proof = verifier === null ? null : createHash('sha256').update(verifier).digest('base64url');
    const isGood =
      kept !== undefined &&
      kept.clientId === app.clientId &&
      kept.endsAt > this.#parts.clock.now() &&
      kept.redirectUri === redirectUri &&
      kept.challenge === proof;
    if (!isGood) throw new WebexRefusal(400, 'The code is not valid.');
    return this.#grant({ person: kept.person, scopes: kept.scopes, clientId: app.clientId }, null);
  }

  /** The next access token; the refresh token stays and holds anew (cloud facts 1.1). */
  refresh(app: WebexApp, token: string): object {
    const kept = this.#refresh.get(token);
    if (kept === undefined || kept.clientId !== app.clientId || kept.endsAt <= this.#parts.clock.now())
      throw new WebexRefusal(400, 'The refresh token provided is invalid.');
    if (!this.#rotates) return this.#grant(kept, token);
    this.#refresh.delete(token);
    return this.#grant(kept, null);
  }

  /** The first tokens of a service app. */
  grantApp(app: WebexApp): object {
    const person = this.#parts.state.personByEmail(app.actsAs);
    return this.#grant({ person, scopes: null, clientId: app.clientId }, null);
  }

  /** A guest by the JWT of a guest issuer. */
  loginGuest(jwt: string): { token: string; expiresIn: number } {
    const [head = '', claims = '', signature = ''] = jwt.split('.');
    const { iss, sub, name, exp } = readPart(claims);
    const issuer = this.#issuers.find(({ issuerId }) => issuerId === iss);
    const key = Buffer.from(issuer?.secret ?? '', 'base64');
    const expected = createHmac('sha256', key).update(`${head}.${claims}`).digest();
    const given = Buffer.from(signature, 'base64url');
    const isSigned = given.length === expected.length && timingSafeEqual(given, expected);
    const isHs256 = readPart(head)['alg'] === 'HS256';
    const isInTime = typeof exp === 'number' && exp * 1000 > this.#parts.clock.now();
    if (issuer === undefined || !isSigned || !isHs256 || !isInTime || typeof sub !== 'string')
      throw new WebexRefusal(401, 'The JWT is not valid.');
    return this.#guestToken(`${sub}@${issuer.issuerId}.guest`, typeof name === 'string' ? name : sub);
  }

  /** A guest of a service app, which is what came after guest issuers. */
  newGuest(subject: string, displayName: string) {
    const email = `${createHash('sha256').update(subject).digest('hex').slice(0, 16)}@appid.example`;
    const { token, expiresIn } = this.#guestToken(email, displayName);
    const { personId } = this.#parts.state.personByEmail(email);
    return { id: personId, subject, displayName, email, accessToken: token, expiresIn };
  }

  #guestToken(email: string, displayName: string): { token: string; expiresIn: number } {
    const { state, newId } = this.#parts;
    const known = state.people.find((person) => person.email === email);
    const personId = known?.personId ?? state.newId('PEOPLE');
    const person: WebexPerson = known ?? { personId, email, displayName, type: 'appuser' };
    if (known === undefined) state.people.push(person);
    const token = `guest-${newId()}`;
    this.#access.set(token, { person, endsAt: this.#endOf('guest'), scopes: null, clientId: null });
    return { token, expiresIn: this.#lifetimes.guest };
  }

  #grant({ person, scopes, clientId }: Omit<Issued, 'endsAt'>, refreshToken: string | null): object {
    const access = `access-${this.#parts.newId()}`;
    const refresh = refreshToken ?? `refresh-${this.#parts.newId()}`;
    this.#access.set(access, { person, scopes, clientId, endsAt: this.#endOf('access') });
    this.#refresh.set(refresh, { person, scopes, clientId, endsAt: this.#endOf('refresh') });
    return {
      access_token: access,
      expires_in: this.#lifetimes.access,
      refresh_token: refresh,
      refresh_token_expires_in: this.#lifetimes.refresh,
      token_type: 'Bearer',
    };
  }

  #endOf(kind: keyof WebexLifetimes): number {
    return this.#parts.clock.now() + this.#lifetimes[kind] * 1000;
  }
}

function readPart(encoded: string): Readonly<Record<string, unknown>> {
  try {
    const part: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString());
    return typeof part === 'object' && part !== null ? { ...part } : {};
  } catch {
    return {};
  }
}
