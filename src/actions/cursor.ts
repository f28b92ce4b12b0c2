import { z } from 'zod';
import { ActionError } from './action.ts';

/** How a list by `seq`, newest first, is paged. */
export const seqPageShape = {
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.coerce
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('`nextCursor` of the page before.'),
};

/** Where the next page of a sorted list goes on: what the last row sorted by, and its name. */
export type SortPlace = readonly [value: string | number | boolean | null, name: string];

/** A cursor for the order that it was made in. */
export function writeCursor(place: SortPlace, order: string): string {
  return Buffer.from(JSON.stringify([order, ...place])).toString('base64url');
}

/** @throws ActionError `bad-input` for what is no cursor, or one of another order */
export function readCursor(cursor: string, order: string): SortPlace {
  const parts = parsed(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(parts) || parts.length !== 3 || typeof parts[2] !== 'string')
    throw new ActionError('bad-input', `"${cursor}" is no cursor: give \`nextCursor\` of the page before`);
  const [madeIn, value, name] = parts as [unknown, SortPlace[0], string];
  if (madeIn !== order)
    throw new ActionError('bad-input', 'this cursor is of a list in another order: sort as before');
  return [value, name];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
