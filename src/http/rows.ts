import type { Request, Response } from 'express';
import { type RowFormat, type Rows, textOf } from '../actions/rows.ts';

const TYPES: Readonly<Record<RowFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson; charset=utf-8',
};

/**
 * Answers with rows as they are made, in the form of `format`, else of
 * `Accept`, else as JSON. The first of them is made before the head goes out,
 * so that a question that cannot be answered is still a proper problem; a
 * failure after that cuts the answer off. While the reader is slow nothing is
 * made.
 */
export async function sendRows(
  rows: Rows,
  { request, response, signal }: { request: Request; response: Response; signal: AbortSignal },
): Promise<void> {
  const format = rows.format === 'auto' ? wanted(request) : rows.format;
  const text = textOf(rows, format);
  const first = await text.next();
  response.writeHead(200, { 'content-type': TYPES[format], 'cache-control': 'no-store' });
  try {
    for (let piece = first; piece.done !== true && !signal.aborted; piece = await text.next())
      if (!response.write(piece.value)) await drained(response, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await text.return(undefined);
  if (signal.aborted) response.destroy();
  else response.end();
}

/** Resolves when what was written has left, or nobody waits for it any more. */
export function drained(response: Response, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}

function wanted(request: Request): RowFormat {
  const type = request.accepts(['application/json', 'text/csv', 'application/x-ndjson']);
  if (type === 'text/csv') return 'csv';
  return type === 'application/x-ndjson' ? 'jsonl' : 'json';
}
