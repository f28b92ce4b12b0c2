import { type AbortOptions, sleep } from '../../lib/abort.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { CucmError } from './errors.ts';

export interface PagingModules {
  readonly clock: Clock;
  readonly random: Random;
}

const MOST_TRIES = 6;
const RETRY = { firstMs: 2_000, mostMs: 30_000 };

/**
 * All rows, page by page. A page that is too large is asked for again at the
 * size that Unified CM offers, or half of it; where its memory is used up, half
 * of it after a wait (cloud facts 4.1). It ends with a page that is empty, not
 * with a short one: a short page may have been cut.
 * @throws CucmError `throttled` after six tries of one page, `query-too-large` for a single row
 */
export async function* paged<Row>(
  ask: (skip: number, first: number) => Promise<readonly Row[]>,
  { first: most }: { first: number },
  { clock, random, signal }: PagingModules & AbortOptions,
): AsyncGenerator<Row, void> {
  let skip = 0;
  let first = most;
  let tries = 0;
  for (;;) {
    let rows: readonly Row[];
    try {
      rows = await ask(skip, first);
    } catch (error) {
      if (!(error instanceof CucmError)) throw error;
      tries += 1;
      const smaller = smallerPage(first, error);
      if (smaller === null || tries >= MOST_TRIES) throw error;
      first = smaller;
      if (error.code === 'throttled') await sleep(backoffMs(tries, RETRY, random), clock, { signal });
      continue;
    }
    tries = 0;
    if (rows.length === 0) return;
    yield* rows;
    skip += rows.length;
  }
}

/** Null where another size helps nothing. */
function smallerPage(first: number, { code, rows }: CucmError): number | null {
  const half = Math.floor(first / 2);
  if (code === 'throttled') return Math.max(1, half);
  if (code !== 'query-too-large' || first === 1) return null;
  // "Less than": the row that is named does not fit any more.
  return Math.max(1, rows === null ? half : Math.min(half, rows - 1));
}
