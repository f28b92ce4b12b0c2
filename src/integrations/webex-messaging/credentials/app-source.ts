import type { Clock } from '../../../lib/clock.ts';
import type { Secret } from '../../../lib/secret.ts';
import { WebexError } from '../errors.ts';
import type { Grant, GrantStore } from './grant.ts';
import type { OAuthApp, TokenEndpoint } from './oauth.ts';
import { RenewingSource } from './renewing-source.ts';
import type { TokenSource } from './token-source.ts';

/** What is left of a stored token's life must be more than this for it to be used. */
const LEAST_LIFE_MS = 15 * 60_000;

/**
 * Tokens of an integration or a service app. What the store holds comes first;
 * where its refresh token has ended, the one that stands in the file may be a
 * newer grant of a person and is tried, once.
 */
export function appTokens(
  app: OAuthApp & { readonly refreshToken: Secret },
  { endpoint, store, clock }: { endpoint: TokenEndpoint; store: GrantStore; clock: Clock },
): TokenSource {
  const refresh = async (refreshToken: Secret): Promise<Grant> => {
    const grant = await endpoint.refresh(app, refreshToken);
    await store.save(grant, {});
    return grant;
  };
  return new RenewingSource(
    async (refused) => {
      const kept = await store.load({});
      if (kept !== null && isGood(kept, refused, clock.now())) return kept;
      const last = kept?.refreshToken ?? app.refreshToken;
      try {
        return await refresh(last);
      } catch (error) {
        const isOver = error instanceof WebexError && error.code === 'grant-ended';
        if (!isOver || last.reveal() === app.refreshToken.reveal()) throw error;
        return refresh(app.refreshToken);
      }
    },
    { clock },
  );
}

function isGood({ accessToken, accessEndsAt }: Grant, refused: Secret | null, now: number): boolean {
  return accessEndsAt - now > LEAST_LIFE_MS && accessToken.reveal() !== refused?.reveal();
}
