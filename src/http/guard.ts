import type { Request, RequestHandler, Response } from 'express';
import { ActionError, type Caller } from '../actions/action.ts';
import type { Access, Grant } from '../fleet/access/access.ts';
import { setGuest } from './context.ts';
import { clearCookie, cookieOf, isCsrfOf, isSameOrigin } from './cookie.ts';
import { type ProblemDetails, problem, sendProblem } from './problem.ts';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

const LOOPBACK_PEER = /^(?:::ffff:)?127\.|^::1$/;

const NOBODY: Grant = { entry: null, session: null };

interface Admitted {
  readonly grant: Grant;
  readonly cookie: string | null;
}

/**
 * Lets in who holds a token, or whose browser is signed in. While there is
 * neither token nor user whoever is on the machine is an operator, and nobody
 * else comes in.
 */
export function authenticate(access: Access): RequestHandler {
  return async (request, response, next) => {
    const admitted = await admit(request, access);
    if ('status' in admitted) {
      refuse(request, response, admitted);
      return;
    }
    const ended = new AbortController();
    const unwatch = access.watch(admitted.grant, () =>
      ended.abort(new ActionError('forbidden', 'what let you in was ended meanwhile')),
    );
    response.once('close', unwatch);
    setGuest(response, { ...admitted, caller: callerBy(admitted.grant), signal: ended.signal });
    next();
  };
}

export function callerBy({ entry }: Grant): Caller {
  if (entry === null) return { actor: 'http:loopback', role: 'operator', devices: null };
  return { actor: `${entry.kind}:${entry.name}`, role: entry.role, devices: entry.devices };
}

async function admit(request: Request, access: Access): Promise<Admitted | ProblemDetails> {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const cookie = cookieOf(request);
  if (token === undefined && cookie !== null) return byCookie(cookie, request, access);
  if (access.isOpen) return refusalOfStranger(request) ?? { grant: NOBODY, cookie: null };
  const grant = token === undefined ? null : await access.byToken(token);
  return grant === null ? problem(401, 'unauthenticated', SAY_WHO) : { grant, cookie: null };
}

const SAY_WHO =
  'send a token made by "roomd token create" as "Authorization: Bearer TOKEN", or sign in at /api/v1/session';

function byCookie(cookie: string, request: Request, access: Access): Admitted | ProblemDetails {
  const grant = access.bySession(cookie);
  if (grant === null) return problem(401, 'unauthenticated', 'you are not signed in, or no longer');
  if (request.method === 'GET' || request.method === 'HEAD') return { grant, cookie };
  if (!isSameOrigin(request)) return CROSS_SITE;
  if (isCsrfOf(cookie, request.get('x-csrf-token'))) return { grant, cookie };
  return problem(
    403,
    'forbidden',
    'who is signed in by a cookie sends with each POST the header X-CSRF-Token: csrf of GET /api/v1/session',
  );
}

export const CROSS_SITE = problem(403, 'forbidden', 'this request comes from a page of another site');

/**
 * Why somebody without token or cookie is not let in while there are none; null where they are.
 * The Host header must name loopback too, so that a web page cannot reach it
 * through a name of its own, and what a proxy passes on comes from anywhere.
 */
export function refusalOfStranger(request: Request): ProblemDetails | null {
  const { headers, socket, method } = request;
  const isLocal = LOOPBACK_PEER.test(socket.remoteAddress ?? '') && LOOPBACK_HOST.test(headers.host ?? '');
  const isPassedOn = headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined;
  if (!isLocal || isPassedOn)
    return problem(403, 'forbidden', 'without tokens and users the API answers to localhost only');
  return method === 'GET' || isSameOrigin(request) ? null : CROSS_SITE;
}

/** A cookie that opens nothing is taken back, so that the browser stops sending it. */
function refuse(request: Request, response: Response, details: ProblemDetails): void {
  if (details.status === 401) {
    if (cookieOf(request) !== null) clearCookie(request, response);
    response.setHeader('WWW-Authenticate', 'Bearer realm="roomd"');
  }
  sendProblem(response, details);
}

/** A web page elsewhere can post forms and text, but not JSON, without asking first. */
export const requireJson: RequestHandler = (request, response, next) => {
  const type = request.headers['content-type'] ?? '';
  if (request.method !== 'POST' || /^application\/json\b/i.test(type)) {
    next();
    return;
  }
  sendProblem(
    response,
    problem(415, 'bad-input', 'send a JSON body with "Content-Type: application/json"; {} will do'),
  );
};
