import { z } from 'zod';
import { Secret } from '../../../lib/secret.ts';
import { WebexError } from '../errors.ts';

/** What a grant is worth at a time. Times are UTC milliseconds. */
export interface Grant {
  readonly accessToken: Secret;
  readonly accessEndsAt: number;
  readonly refreshToken: Secret | null;
  /** Null: not told. */
  readonly refreshEndsAt: number | null;
}

const GrantBody = z.object({
  access_token: z.string().min(1),
  expires_in: z.number(),
  refresh_token: z.string().min(1).optional(),
  refresh_token_expires_in: z.number().optional(),
});

/**
 * Tokens as a token endpoint answers them (RFC 6749 section 5.1), with the
 * lifetimes that it tells and no others: they differ by site (cloud facts 1.1).
 * @throws WebexError `malformed`
 */
export function readGrant(body: unknown, now: number): Grant {
  const parsed = GrantBody.safeParse(body);
  if (!parsed.success)
    throw new WebexError('malformed', 'the token endpoint answered without a token or its lifetime', {
      cause: parsed.error,
    });
  const { access_token, expires_in, refresh_token, refresh_token_expires_in } = parsed.data;
  return {
    accessToken: new Secret(access_token),
    accessEndsAt: now + expires_in * 1000,
    refreshToken: refresh_token === undefined ? null : new Secret(refresh_token),
    refreshEndsAt: refresh_token_expires_in === undefined ? null : now + refresh_token_expires_in * 1000,
  };
}

/** Where a grant is kept over restarts, so that the first refresh token need not serve for ever. */
export interface GrantStore {
  /** Null where nothing is kept yet. */
  load(options: { readonly signal?: AbortSignal | undefined }): Promise<Grant | null>;
  save(grant: Grant, options: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** One that forgets with the process; for one-shot commands. */
export function memoryGrantStore(): GrantStore {
  let kept: Grant | null = null;
  return {
    load: async () => kept,
    save: async (grant) => {
      kept = grant;
    },
  };
}
