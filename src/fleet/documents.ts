import { Secret } from '../lib/secret.ts';
import type { Change } from './change.ts';

/** Web servers of the kind that devices have take bodies up to 1 MB; escaping and nesting make a document grow. */
const MOST_BYTES = 256 * 1_024;

/** What nesting and escaping add to a setting, by estimate. */
const MARKUP_FACTOR = 3;

/** The changes in documents that a device can take, in order: nearly always one. A change that is too large by itself goes alone. */
export function inDocuments(changes: readonly Change[], mostBytes = MOST_BYTES): Change[][] {
  const documents: Change[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const change of changes) {
    const size = sizeOf(change);
    if (bytes + size > mostBytes) {
      documents.push([]);
      bytes = 0;
    }
    documents.at(-1)?.push(change);
    bytes += size;
  }
  return documents;
}

function sizeOf({ path, wanted }: Change): number {
  const value = wanted instanceof Secret ? wanted.reveal() : wanted;
  return MARKUP_FACTOR * (Buffer.byteLength(path) + Buffer.byteLength(value));
}
