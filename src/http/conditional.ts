import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { type Action, ActionError, suffices } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import { callerOf } from './context.ts';

/**
 * Sends 304 where the client already has what a verb would answer, by the
 * verb's own version of it, without asking the verb. Answers that have none
 * get their ETag from their text, after the work.
 * @returns whether it was answered
 */
export function answeredByVersion(
  action: Action,
  ports: Ports,
  { request, response }: { request: Request; response: Response },
): boolean {
  const version = action.version?.(ports) ?? null;
  const { actor, role } = callerOf(response);
  if (version === null || !suffices(role, action.role)) return false;
  const digest = createHash('sha1')
    .update(`${version}\n${actor}\n${request.originalUrl}`)
    .digest('base64url');
  response.setHeader('ETag', `W/"${digest}"`);
  // `fresh` looks at the status, which stands at 200 until something is sent.
  if (!request.fresh) return false;
  response.status(304).end();
  return true;
}

/**
 * `If-Match` on a verb that takes the fingerprint of what its caller saw.
 * @throws ActionError `bad-input` where the verb takes none, or it is no single tag
 */
export function fingerprintAsked(action: Action, request: Request): { fingerprint?: string } {
  const given = request.headers['if-match'];
  if (given === undefined) return {};
  if (!('shape' in action.input) || !Object.hasOwn(action.input.shape as object, 'fingerprint'))
    throw new ActionError('bad-input', 'If-Match: this operation does not depend on what was seen before');
  const [, fingerprint] = /^(?:W\/)?"([^"]+)"$/.exec(given) ?? [];
  if (fingerprint === undefined)
    throw new ActionError('bad-input', 'If-Match: send one fingerprint in quotes, as a plan answered it');
  return { fingerprint };
}
