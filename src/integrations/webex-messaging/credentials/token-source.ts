import type { AbortOptions } from '../../../lib/abort.ts';
import type { Secret } from '../../../lib/secret.ts';

/** Where a client has its token from. */
export interface TokenSource {
  /**
   * A token that holds for a while yet.
   * @throws WebexError `grant-ended` where nobody but a person can give another, or what the exchange threw
   */
  token(options: AbortOptions): Promise<Secret>;
  /** Another token instead of one that the service refused; null where there is none to be had. Throws as `token`. */
  renew(refused: Secret, options: AbortOptions): Promise<Secret | null>;
}

/** A token that stands as it is: of a bot, or a personal one, which ends 12 hours after it was copied. */
export function fixedToken(token: Secret): TokenSource {
  return { token: async () => token, renew: async () => null };
}
