import type { Action } from '../actions/action.ts';
import { type Row, type RowFormat, Rows, textOf } from '../actions/rows.ts';
import type { Terminal } from './terminal.ts';
import type { Verbs } from './verbs.ts';

/** Prints the rows of a verb as they come; while whoever reads is slow, none are made. */
export async function printRows<Input>(
  verbs: Verbs,
  { action, input, format }: { action: Action<Input, Rows>; input: Partial<Input>; format: RowFormat },
  terminal: Terminal,
): Promise<void> {
  const write = terminal.write ?? (async (text: string) => terminal.out(text.replace(/\r?\n$/, '')));
  let isHeadDue = true;
  if (format === 'json') {
    const all: Row[] = [];
    await verbs.rows(action, input, async (rows) => void all.push(...rows));
    terminal.out(JSON.stringify({ items: all, nextCursor: null }, null, 2));
    return;
  }
  await verbs.rows(action, input, async (rows, columns) => {
    for await (const text of textOf(new Rows(columns, iterated(rows)), format)) {
      const shown = isHeadDue || format !== 'csv' ? text : withoutHead(text);
      if (shown !== '') await write(shown);
    }
    isHeadDue = false;
  });
}

/** The line of column names holds no quotes and ends as every line of CSV. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf('\r\n') + 2);
}

async function* iterated(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}
