import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import { Secret } from '../../../lib/secret.ts';
import { WebexError } from '../errors.ts';
import { readBody } from '../response.ts';
import type { WebexTransport } from '../transport.ts';
import { RenewingSource } from './renewing-source.ts';
import type { TokenSource } from './token-source.ts';

export interface GuestIssuer {
  readonly issuerId: string;
  /** As the portal shows it, in base64. */
  readonly secret: Secret;
  /** Which guest: one subject is one guest. */
  readonly subject: string;
  readonly displayName: string;
}

/** The JWT is for one exchange. */
const JWT_LIFE_S = 300;
const Login = z.object({ token: z.string().min(1), expiresIn: z.number() });

/**
 * Tokens of a guest of a guest issuer: a JWT exchanged at /jwt/login, for the
 * JWT itself is no token of the REST service. No new guest issuers are made,
 * those that exist go on (cloud facts 1.1).
 */
export function guestTokens(
  issuer: GuestIssuer,
  { transport, clock }: { transport: WebexTransport; clock: Clock },
): TokenSource {
  return new RenewingSource(
    async () => {
      const now = clock.now();
      const headers = { authorization: `Bearer ${guestJwt(issuer, now).reveal()}` };
      try {
        const response = await transport.send({ method: 'POST', path: '/jwt/login', headers });
        const { token, expiresIn } = readBody(response, Login, 'POST /jwt/login');
        return { accessToken: new Secret(token), accessEndsAt: now + expiresIn * 1000 };
      } catch (error) {
        if (!(error instanceof WebexError) || error.code !== 'unauthorized') throw error;
        throw new WebexError(
          'grant-ended',
          `Webex does not know this guest issuer, or its secret is another: ${error.message}`,
          { trackingId: error.trackingId, cause: error },
        );
      }
    },
    { clock },
  );
}

/** A JWT (RFC 7519) signed with HS256 (RFC 7518 section 3.2); the key is the secret decoded from base64. */
export function guestJwt({ issuerId, secret, subject, displayName }: GuestIssuer, now: number): Secret {
  const exp = Math.floor(now / 1000) + JWT_LIFE_S;
  const head = encoded({ alg: 'HS256', typ: 'JWT' });
  const claims = encoded({ sub: subject, name: displayName, iss: issuerId, exp });
  const key = Buffer.from(secret.reveal(), 'base64');
  const signature = createHmac('sha256', key).update(`${head}.${claims}`).digest('base64url');
  return new Secret(`${head}.${claims}.${signature}`);
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
