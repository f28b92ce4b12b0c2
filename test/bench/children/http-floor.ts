import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startMeter } from '../spent.ts';
import { answerParent } from './parent.ts';

/** A bare server that has the same devices in memory, makes the same rows of them at each request, and writes them out. */

interface Row {
  readonly [field: string]: unknown;
}

/** A row as a program holds it: times are numbers. */
interface Held {
  readonly row: Row;
  readonly since: number;
}

let server: Server | null = null;
let meter = startMeter();

answerParent({
  open: async ({ items }: { items: readonly Row[] }): Promise<string> => {
    const held = items.map((row): Held => ({ row, since: Date.parse(sessionOf(row).since) }));
    const bare = createServer((_request, response) => {
      const body = JSON.stringify({ items: held.map(rowOf), nextCursor: null });
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.end(body);
    });
    await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
    server = bare;
    return `http://127.0.0.1:${(bare.address() as AddressInfo).port}`;
  },
  begin: () => {
    meter = startMeter();
  },
  spent: () => meter(),
  close: () => server?.close(),
});

/** Every object of the row anew, and its one time as text. */
function rowOf({ row, since }: Held): Row {
  const made: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(row))
    made[field] = typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : value;
  made['session'] = { ...sessionOf(row), since: new Date(since).toISOString() };
  return made;
}

function sessionOf(row: Row): { readonly since: string } {
  return row['session'] as { readonly since: string };
}
