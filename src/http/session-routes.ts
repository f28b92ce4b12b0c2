import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { ActionError } from '../actions/action.ts';
import type { Grant } from '../fleet/access/access.ts';
import { type ApiModules, guestOf } from './context.ts';
import { clearCookie, cookieOf, csrfOf, isSameOrigin, setCookie } from './cookie.ts';
import { CROSS_SITE, callerBy, refusalOfStranger } from './guard.ts';
import { problem, sendProblem } from './problem.ts';
import { SignInLimits } from './sign-in-limits.ts';

export const SignInBody = z.union([
  z.strictObject({ user: z.string().min(1).max(200), password: z.string().min(1).max(1_000) }),
  z.strictObject({ token: z.string().min(1).max(200) }),
]);

/** Who asks, as every page wants to know first. */
export const ShownSession = z.strictObject({
  actor: z.string().describe('As it stands in every record of what is done: `user:anna`.'),
  name: z.string(),
  role: z.enum(['viewer', 'operator', 'admin']),
  devices: z
    .string()
    .nullable()
    .describe('Selector of the devices that they are limited to; null: the whole fleet.'),
  csrf: z.string().nullable().describe('What each POST must carry in `X-CSRF-Token`; null without a cookie.'),
  by: z
    .enum(['loopback', 'token', 'user'])
    .describe('`loopback`: there is neither token nor user, and they are on this machine.'),
});
export type ShownSession = z.output<typeof ShownSession>;

export const SessionEnded = z.strictObject({
  ended: z.boolean().describe('False: they came without a cookie, and nothing was ended.'),
});

function show(grant: Grant, cookie: string | null): ShownSession {
  const { actor, role } = callerBy(grant);
  const { entry } = grant;
  return {
    actor,
    name: entry?.name ?? 'loopback',
    role,
    devices: entry?.devices ?? null,
    csrf: cookie === null ? null : csrfOf(cookie),
    by: entry?.kind ?? 'loopback',
  };
}

/** GET /session: who asks; 401 where nobody is signed in. */
export const showSession: RequestHandler = (_request, response) => {
  const { grant, cookie } = guestOf(response);
  response.setHeader('Cache-Control', 'no-store').json(show(grant, cookie));
};

/** POST /session/end: signs the browser out; nothing happens to who came without a cookie. */
export function endSession({ access }: Pick<ApiModules, 'access'>): RequestHandler {
  return async (request, response) => {
    const { grant, cookie } = guestOf(response);
    await access.signOut(grant);
    if (cookie !== null) clearCookie(request, response);
    response.json({ ended: cookie !== null });
  };
}

/**
 * POST /session with `{user, password}` or `{token}`: signs a browser in. What
 * is wrong with an attempt is not told apart, neither in words nor by time.
 */
export function beginSession(modules: ApiModules): RequestHandler {
  const limits = new SignInLimits(modules);
  return async (request, response) => {
    const { access, logger } = modules;
    if (!isSameOrigin(request)) return sendProblem(response, CROSS_SITE);
    if (access.isOpen) return refuseWhileOpen(request, response);
    const body = SignInBody.safeParse(request.body ?? {});
    if (!body.success)
      throw new ActionError('bad-input', 'send {"user": NAME, "password": TEXT} or {"token": TEXT}');
    const user = 'user' in body.data ? body.data.user : null;
    const attempt = limits.begin(request.ip ?? '', user);
    if (attempt === null) return tooMany(response);
    try {
      const grant = await tried(body.data, modules);
      if (grant?.entry == null) {
        logger.warn({ address: request.ip, user }, 'Somebody could not sign in');
        sendProblem(
          response,
          problem(401, 'unauthenticated', 'the name, the password or the token is wrong'),
        );
        return;
      }
      attempt.succeeded();
      await endFormer(request, modules);
      const { id, grant: signedIn } = await access.signIn(grant.entry);
      logger.info({ address: request.ip, actor: callerBy(signedIn).actor }, 'Somebody signed in');
      setCookie(request, response, id, access.life.mostMs);
      response.setHeader('Cache-Control', 'no-store').json(show(signedIn, id));
    } finally {
      attempt.done();
    }
  };
}

function tried(body: z.output<typeof SignInBody>, { access }: ApiModules): Promise<Grant | null> {
  return 'user' in body ? access.byPassword(body.user, body.password) : access.byToken(body.token);
}

/** Who signs in anew in the same browser leaves no session behind. */
async function endFormer(request: Request, { access }: ApiModules): Promise<void> {
  const cookie = cookieOf(request);
  const former = cookie === null ? null : access.bySession(cookie);
  if (former !== null) await access.signOut(former);
}

/** @throws ActionError `conflict` for who needs not sign in */
function refuseWhileOpen(request: Request, response: Response): void {
  const refusal = refusalOfStranger(request);
  if (refusal === null)
    throw new ActionError(
      'conflict',
      'there is neither token nor user, so whoever is on this machine is an operator; roomd user create makes one',
    );
  sendProblem(response, refusal);
}

function tooMany(response: Response): void {
  response.setHeader('Retry-After', '900');
  sendProblem(
    response,
    problem(429, 'too-many-requests', 'too many attempts to sign in; wait a quarter of an hour'),
  );
}
