import { z } from 'zod';
import { SealError, seal, unseal } from '../../../lib/seal.ts';
import { Secret } from '../../../lib/secret.ts';
import type { Grant, GrantStore } from './grant.ts';

/** One text on a disk or in a database. */
export interface TextCell {
  read(options: { readonly signal?: AbortSignal | undefined }): Promise<string | null>;
  write(text: string, options: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

const Kept = z.object({
  accessToken: z.string(),
  accessEndsAt: z.number(),
  refreshToken: z.string().nullable(),
  refreshEndsAt: z.number().nullable(),
});

/**
 * A grant kept sealed with `key`. `name` says whose it is: what was sealed
 * under one name does not open under another. One that another key sealed
 * counts as none, so that a changed key asks for the first refresh token again.
 */
export function sealedGrantStore(cell: TextCell, { key, name }: { key: Secret; name: string }): GrantStore {
  return {
    async load(options) {
      const sealed = await cell.read(options);
      if (sealed === null) return null;
      try {
        const kept = Kept.parse(JSON.parse(await unseal(sealed, key, name)));
        const { accessToken, refreshToken, ...ends } = kept;
        return {
          ...ends,
          accessToken: new Secret(accessToken),
          refreshToken: refreshToken === null ? null : new Secret(refreshToken),
        };
      } catch (error) {
        if (error instanceof SealError) return null;
        throw error;
      }
    },
    async save(grant, options) {
      const text = JSON.stringify(openGrant(grant));
      await cell.write(await seal(text, key, name), options);
    },
  };
}

function openGrant({ accessToken, refreshToken, ...ends }: Grant): z.infer<typeof Kept> {
  return { ...ends, accessToken: accessToken.reveal(), refreshToken: refreshToken?.reveal() ?? null };
}
