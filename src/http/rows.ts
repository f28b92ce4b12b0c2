import type { Request, Response } from 'express';
import { type RowFormat, type Rows, textOf } from '../actions/rows.ts';
import type { Clock } from '../lib/clock.ts';
import { drained } from './drained.ts';

const TYPES: Readonly<Record<RowFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson; charset=utf-8',
};

interface SendTo {
  readonly request: Request;
  readonly response: Response;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Answers with rows as they are made, in the form of `format`, else of
 * `Accept`, else as JSON. The first of them is made before the head goes out,
 * so that a question that cannot be answered is still a proper problem; a
 * failure after that cuts the answer off. While the reader is slow nothing is
 * made, and one that takes nothing at all is let go.
 */
export async function sendRows(rows: Rows, { request, response, signal, clock }: SendTo): Promise<void> {
  const format = rows.format === 'auto' ? wanted(request) : rows.format;
  const text = textOf(rows, format);
  const first = await text.next();
  response.writeHead(200, { 'content-type': TYPES[format], 'cache-control': 'no-store' });
  try {
    for (let piece = first; piece.done !== true && !signal.aborted; piece = await text.next())
      if (!response.write(piece.value) && !(await drained(response, signal, clock))) {
        response.destroy();
        break;
      }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await text.return(undefined);
  if (signal.aborted) response.destroy();
  else response.end();
}

function wanted(request: Request): RowFormat {
  const type = request.accepts(['application/json', 'text/csv', 'application/x-ndjson']);
  if (type === 'text/csv') return 'csv';
  return type === 'application/x-ndjson' ? 'jsonl' : 'json';
}
