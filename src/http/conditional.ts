import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { type Action, ActionError, suffices } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import { callerOf } from './context.ts';

/**
 * Sends 304 where the client already has what a verb would answer, by the
 * verb's own version of it, without asking the verb: who has the tag asked the
 * same before and was answered. Answers that have none get their ETag from
 * their text, after the work.
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
  const tag = tagOf(`${version}\n${actor}\n${request.originalUrl}`);
  response.setHeader('ETag', tag);
  if (!knownTags(request).includes(bare(tag))) return false;
  response.status(304).end();
  return true;
}

/** Sends a text with its ETag, or 304 where the client has it already. */
export function sendTagged(
  text: string,
  type: string,
  { request, response }: { request: Request; response: Response },
): void {
  // An answer whose tag came from elsewhere keeps it.
  const tag = String(response.getHeader('ETag') ?? tagOf(text));
  response.setHeader('ETag', tag);
  const known = knownTags(request);
  if (known.includes('*') || known.includes(bare(tag))) {
    response.status(304).end();
    return;
  }
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

function tagOf(text: string): string {
  return `W/"${createHash('sha1').update(text).digest('base64url')}"`;
}

function bare(tag: string): string {
  return tag.replace(/^W\//, '');
}

/**
 * What the client has, for weak comparison (RFC 9110 section 13.1.2). What the
 * request says of caches is for caches: browsers say `no-cache` with every
 * `If-None-Match` that a script sets.
 */
function knownTags({ method, headers }: Request): readonly string[] {
  if (method !== 'GET' && method !== 'HEAD') return [];
  return (headers['if-none-match'] ?? '').split(',').map((one) => bare(one.trim()));
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
