import { z } from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import { Secret } from '../../../lib/secret.ts';
import type { WebexCore } from '../core.ts';
import { type Grant, readGrant } from '../credentials/grant.ts';
import { text } from '../fields.ts';
import { pathOf } from '../resource.ts';
import type { WebexCallOptions } from '../transport.ts';

export const Guest = z
  .object({
    id: z.string(),
    subject: text,
    displayName: text,
    email: text,
    accessToken: z.string(),
    expiresIn: z.number(),
  })
  .transform(({ accessToken, ...guest }) => ({ ...guest, accessToken: new Secret(accessToken) }));
export type Guest = z.output<typeof Guest>;

export interface Access {
  /** When the credential's token ends, in UTC milliseconds. */
  readonly tokenExpiry: (options?: WebexCallOptions) => Promise<number>;
  /** A guest and a token for it, by a service app with `guest-issuer:write`: what came after guest issuers. `expiresIn` in seconds. */
  readonly createGuest: (
    guest: { readonly subject: string; readonly displayName: string },
    options?: WebexCallOptions,
  ) => Promise<Guest>;
  /** How many guests there are. */
  readonly countGuests: (options?: WebexCallOptions) => Promise<number>;
  /** The first tokens of a service app for an organization that authorised it; needs `spark:applications_token`. */
  readonly grantServiceApp: (
    app: {
      readonly applicationId: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly targetOrgId: string;
    },
    options?: WebexCallOptions,
  ) => Promise<Grant>;
}

/** Tokens by means of a token (cloud facts 1.1). */
export function accessOf(core: WebexCore, clock: Clock): Access {
  return {
    async tokenExpiry(options = {}) {
      const schema = z.object({ exp: z.number() });
      return (await core.ask({ method: 'GET', path: '/authorizations/tokenExpiry' }, schema, options)).exp;
    },
    createGuest: (json, options = {}) =>
      core.ask({ method: 'POST', path: '/guests/token', json }, Guest, options),
    countGuests: (options = {}) =>
      core.ask({ method: 'GET', path: '/guests/count' }, z.coerce.number(), options),
    async grantServiceApp({ applicationId, clientId, clientSecret, targetOrgId }, options = {}) {
      const path = `${pathOf('/applications', applicationId)}/token`;
      const json = { clientId, clientSecret: clientSecret.reveal(), targetOrgId };
      return readGrant(await core.ask({ method: 'POST', path, json }, z.unknown(), options), clock.now());
    },
  };
}
