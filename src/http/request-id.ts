import type { RequestHandler } from 'express';
import type { NewId } from '../lib/random.ts';

/** What a proxy or a client may call a request; anything else is not written to the log. */
const SANE = /^[\w.:@+/=-]{1,100}$/;

/** Names each request: by the `X-Request-Id` that it came with, or by a new id. Answers, problems and the log say it. */
export function nameRequests(newId: NewId): RequestHandler {
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    response.setHeader('X-Request-Id', typeof given === 'string' && SANE.test(given) ? given : newId());
    next();
  };
}
