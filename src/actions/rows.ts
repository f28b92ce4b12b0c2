import { csvLine, type Field } from '../lib/csv.ts';

export type Row = Readonly<Record<string, Field>>;

/** `auto` leaves it to the door. */
export const ROW_FORMATS = ['auto', 'json', 'csv', 'jsonl'] as const;
export type RowFormat = Exclude<AskedFormat, 'auto'>;
type AskedFormat = (typeof ROW_FORMATS)[number];

/**
 * The answer of a verb whose rows may be very many. They are made while they
 * are taken: a door writes them as they come and stops taking while its reader
 * is slow, so that no more than a page of them is ever held.
 */
export class Rows {
  readonly columns: readonly string[];
  readonly items: AsyncIterable<Row>;
  readonly format: AskedFormat;

  constructor(columns: readonly string[], items: AsyncIterable<Row>, format: AskedFormat = 'auto') {
    this.columns = columns;
    this.items = items;
    this.format = format;
  }
}

/** Rows as text, some at a time. JSON is one document `{items, nextCursor: null}`, JSON Lines one object a line. */
export async function* textOf({ columns, items }: Rows, format: RowFormat): AsyncGenerator<string> {
  let text = format === 'csv' ? csvLine(columns) : '';
  if (format === 'json') text = '{"items":[';
  let isFirst = true;
  for await (const row of items) {
    if (format === 'csv') text += csvLine(columns.map((column) => row[column] ?? null));
    else if (format === 'jsonl') text += `${JSON.stringify(row)}\n`;
    else text += `${isFirst ? '' : ','}${JSON.stringify(row)}`;
    isFirst = false;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  yield format === 'json' ? `${text}],"nextCursor":null}` : text;
}

/** Characters that are handed on together. */
const CHUNK = 16_384;
