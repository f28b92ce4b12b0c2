import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import { problem, sendProblem } from './problem.ts';

const WINDOW_MS = 60_000;
const REQUESTS_A_MINUTE = 6_000;
/** A wrong token costs a slow hash. */
const REFUSALS_A_MINUTE = 60;
/** Statuses of a caller who is not known, or could not be looked up. */
const UNKNOWN: ReadonlySet<number> = new Set([401, 503]);

/** So many requests a minute of an address, and no more. */
export function limitRequests(): RequestHandler {
  return limiter(REQUESTS_A_MINUTE, new MemoryStore());
}

/**
 * So many a minute that are refused for want of a token. Each counts as it
 * comes, so that many at once cannot slip through, and is forgiven once its
 * caller is known: not when it ends, as a stream may last for days.
 */
export function limitRefusals(): Readonly<Record<'count' | 'forgive' | 'forgiveLater', RequestHandler>> {
  const store = new MemoryStore();
  return {
    count: limiter(REFUSALS_A_MINUTE, store),
    async forgive(request, _response, next) {
      await store.decrement(keyOf(request));
      next();
    },
    /** Where the answer itself tells whether the caller was known. */
    forgiveLater(request, response, next) {
      response.once('finish', () => {
        if (!UNKNOWN.has(response.statusCode)) void store.decrement(keyOf(request));
      });
      next();
    },
  };
}

function limiter(limit: number, store: MemoryStore): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit,
    store,
    keyGenerator: keyOf,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, response) =>
      sendProblem(response, problem(429, 'too-many-requests', 'too many requests; try again in a minute')),
  });
}

function keyOf({ ip = '' }: Request): string {
  return ipKeyGenerator(ip);
}
