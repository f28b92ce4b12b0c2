import { type ZodType, z } from 'zod';
import { ActionError } from './action-error.ts';

/** What every list that is paged takes. */
export const CursorInput = z.string().nullable().default(null).describe('`nextCursor` of the page before.');

/** How a list by `seq`, newest first, is paged. */
export const seqPageShape = {
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: CursorInput,
};

const Part = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Where the next page of a sorted list goes on: what the last row sorted by, and its name. */
const SortPlace = z.tuple([Part, z.string()]).readonly();
export type SortPlace = z.output<typeof SortPlace>;

const SeqPlace = z.tuple([z.int().min(1)]);
const IdPlace = z.tuple([z.string()]);

/** A cursor for the list, or the order of it, that it was made in. */
export function writeCursor(place: readonly z.output<typeof Part>[], order: string): string {
  return Buffer.from(JSON.stringify([order, ...place])).toString('base64url');
}

/** @throws ActionError `bad-input` for what is no cursor, or one of another order */
export function readCursor(cursor: string, order: string): SortPlace {
  return readPlace(cursor, order, SortPlace);
}

/**
 * The place that a cursor stands for; null where none was given.
 * @throws ActionError `bad-input` for what is no cursor, or one of another order
 */
export function placeIn<Place extends readonly z.output<typeof Part>[]>(
  cursor: string | null,
  order: string,
  form: ZodType<Place>,
): Place | null {
  return cursor === null ? null : readPlace(cursor, order, form);
}

/** The last row's `seq`; null where no cursor was given. @throws ActionError `bad-input` */
export function seqIn(cursor: string | null, order: string): number | null {
  return placeIn(cursor, order, SeqPlace)?.[0] ?? null;
}

/** The last row's id; null where no cursor was given. @throws ActionError `bad-input` */
export function idIn(cursor: string | null, order: string): string | null {
  return placeIn(cursor, order, IdPlace)?.[0] ?? null;
}

function readPlace<Place extends readonly z.output<typeof Part>[]>(
  cursor: string,
  order: string,
  form: ZodType<Place>,
): Place {
  const [madeIn, ...parts] = partsIn(cursor);
  if (typeof madeIn === 'string' && madeIn !== order)
    throw new ActionError('bad-input', 'this cursor is of a list in another order: sort as before');
  const place = form.safeParse(parts);
  // Written anew it must be the same: the decoder passes over what is no base64url.
  if (!place.success || writeCursor(place.data, order) !== cursor)
    throw new ActionError('bad-input', `"${cursor}" is no cursor: give \`nextCursor\` of the page before`);
  return place.data;
}

function partsIn(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
