import type { Clock } from '../../../lib/clock.ts';
import type { Secret } from '../../../lib/secret.ts';
import { WebexError } from '../errors.ts';
import type { Grant, GrantStore } from './grant.ts';
import type { OAuthApp, TokenEndpoint } from './oauth.ts';
import { RenewingSource } from './renewing-source.ts';
import type { TokenSource } from './token-source.ts';

/** An app with the refresh token that stands in the file; null where what it is granted comes by the store alone. */
export type GrantedApp = OAuthApp & { readonly refreshToken: Secret | null };

/** What is left of a stored token's life must be more than this for it to be used. */
const LEAST_LIFE_MS = 15 * 60_000;

interface Modules {
  readonly endpoint: TokenEndpoint;
  readonly store: GrantStore;
  readonly clock: Clock;
}

/**
 * Tokens of an integration or a service app. What the store holds comes first;
 * where its refresh token has ended, the one that stands in the file may be a
 * newer grant of a person and is tried, once.
 */
export function appTokens(app: GrantedApp, modules: Modules): TokenSource {
  return new RenewingSource((refused) => obtain(app, refused, modules), { clock: modules.clock });
}

async function obtain(app: GrantedApp, refused: Secret | null, modules: Modules): Promise<Grant> {
  const { store, clock } = modules;
  const kept = await store.load({});
  if (kept !== null && isGood(kept, refused, clock.now())) return kept;
  const last = kept?.refreshToken ?? app.refreshToken;
  if (last === null)
    throw new WebexError('grant-ended', 'nobody has granted the app anything yet; it has no refresh token');
  try {
    return await refresh(app, last, modules);
  } catch (error) {
    if (!(error instanceof WebexError) || error.code !== 'grant-ended') throw error;
    // Another process of the same file may have used this one up.
    const newer = await store.load({});
    if (newer !== null && !isSame(newer.refreshToken, last) && isGood(newer, refused, clock.now()))
      return newer;
    if (app.refreshToken === null || isSame(app.refreshToken, last)) throw error;
    return refresh(app, app.refreshToken, modules);
  }
}

async function refresh(app: OAuthApp, refreshToken: Secret, { endpoint, store }: Modules): Promise<Grant> {
  const grant = await endpoint.refresh(app, refreshToken);
  await store.save(grant, {});
  return grant;
}

function isGood({ accessToken, accessEndsAt }: Grant, refused: Secret | null, now: number): boolean {
  return accessEndsAt - now > LEAST_LIFE_MS && accessToken.reveal() !== refused?.reveal();
}

function isSame(one: Secret | null, other: Secret): boolean {
  return one?.reveal() === other.reveal();
}
