import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../../lib/clock.ts';
import { Secret } from '../../../lib/secret.ts';
import { WebexError } from '../errors.ts';
import { parseJson } from '../response.ts';
import { WEBEX_BASE_URL, type WebexCallOptions, type WebexTransport } from '../transport.ts';
import { type Grant, readGrant } from './grant.ts';

/** An integration or a service app, as the developer portal knows it. */
export interface OAuthApp {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** A secret of the one who asks, proven when the code is exchanged (PKCE, RFC 7636). */
export interface Verifier {
  readonly verifier: Secret;
  readonly challenge: string;
}

export function newVerifier(): Verifier {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier: new Secret(verifier), challenge: challengeOf(verifier) };
}

/** S256 (RFC 7636 section 4.2). */
function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** Where a person grants an integration what it asks for; the browser then comes to `redirectUri` with `code` and `state`. */
export function authorizeUrl(
  {
    clientId,
    redirectUri,
    scopes,
    state,
    challenge,
  }: {
    readonly clientId: string;
    readonly redirectUri: string;
    readonly scopes: readonly string[];
    /** Comes back with the code; compare it. */
    readonly state: string;
    readonly challenge?: string | undefined;
  },
  baseUrl: string = WEBEX_BASE_URL,
): string {
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    ...(challenge === undefined ? {} : { code_challenge: challenge, code_challenge_method: 'S256' }),
  });
  // The service reads a plus sign as itself in some fields, hence %20.
  return `${baseUrl}/authorize?${query.toString().replaceAll('+', '%20')}`;
}

/** The token endpoint of a service (cloud facts 1.1). */
export class TokenEndpoint {
  readonly #transport: WebexTransport;
  readonly #clock: Clock;

  constructor(transport: WebexTransport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /**
   * The tokens for a code that a person's browser brought.
   * @throws WebexError `grant-ended` where the code was used, is too old or does not belong to the app
   */
  async exchangeCode(
    app: OAuthApp,
    { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier?: Secret | undefined },
    options: WebexCallOptions = {},
  ): Promise<Grant> {
    const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    const proof: Record<string, string> = verifier === undefined ? {} : { code_verifier: verifier.reveal() };
    return this.#ask(app, { ...fields, ...proof }, options);
  }

  /**
   * The next access token, and a refresh token that holds anew.
   * @throws WebexError `grant-ended` where the refresh token is revoked or too old, or the app is another
   */
  async refresh(app: OAuthApp, refreshToken: Secret, options: WebexCallOptions = {}): Promise<Grant> {
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken.reveal() };
    const grant = await this.#ask(app, fields, options);
    return { ...grant, refreshToken: grant.refreshToken ?? refreshToken };
  }

  async #ask(
    { clientId, clientSecret }: OAuthApp,
    fields: Readonly<Record<string, string>>,
    options: WebexCallOptions,
  ): Promise<Grant> {
    const login = { client_id: clientId, client_secret: clientSecret.reveal() };
    const body = new URLSearchParams({ ...fields, ...login }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    try {
      const response = await this.#transport.send(
        { method: 'POST', path: '/access_token', headers, body },
        options,
      );
      return readGrant(parseJson(response.body), this.#clock.now());
    } catch (error) {
      if (!(error instanceof WebexError) || !REFUSALS.has(error.code)) throw error;
      throw new WebexError(
        'grant-ended',
        `Webex gives no token any more: ${error.message}. The code or refresh token was used up, revoked or is too old, or clientId and clientSecret are of another app; grant anew`,
        { trackingId: error.trackingId, cause: error },
      );
    }
  }
}

/** 400 and 401: the service does not tell which of the fields it minds. */
const REFUSALS: ReadonlySet<string> = new Set(['invalid', 'unauthorized']);
