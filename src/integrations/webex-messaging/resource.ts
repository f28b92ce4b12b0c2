import type { z } from 'zod';
import { queryText, type WebexCore, type WebexQuery } from './core.ts';
import type { WebexCallOptions } from './transport.ts';

/** The verbs that a collection may have; each resource says which of them it has. */
export interface Verbs<Item, Query extends object, New extends object, Change extends object> {
  /** Page by page; the deadline counts for each page. */
  readonly list: (query?: Query, options?: WebexCallOptions) => AsyncGenerator<Item, void>;
  readonly get: (id: string, options?: WebexCallOptions) => Promise<Item>;
  /** Not repeated by itself: after `deadline` or `unreachable` it may have been made all the same. */
  readonly create: (body: New, options?: WebexCallOptions) => Promise<Item>;
  readonly update: (id: string, change: Change, options?: WebexCallOptions) => Promise<Item>;
  readonly delete: (id: string, options?: WebexCallOptions) => Promise<void>;
}

/** All verbs of the collection at `path`, whose items are read by `item`. Throws WebexError. */
export function verbsOf<Item, Query extends object, New extends object, Change extends object>(
  core: WebexCore,
  { path, item }: { path: string; item: z.ZodType<Item> },
): Verbs<Item, Query, New, Change> {
  return {
    list: (query, options = {}) => core.list(path, { ...query } satisfies WebexQuery, item, options),
    get: (id, options = {}) => core.ask({ method: 'GET', path: pathOf(path, id) }, item, options),
    create: (json, options = {}) => core.ask({ method: 'POST', path, json }, item, options),
    update: (id, json, options = {}) =>
      core.ask({ method: 'PUT', path: pathOf(path, id), json }, item, options),
    async delete(id, options = {}) {
      await core.send({ method: 'DELETE', path: pathOf(path, id) }, options);
    },
  };
}

/** The address of one item. */
export function pathOf(path: string, id: string, query: WebexQuery = {}): string {
  return `${path}/${encodeURIComponent(id)}${queryText(query)}`;
}
