import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { compileMigrations } from '../../src/storage/migration.ts';
import { migrations } from '../../src/storage/migrations/all.ts';
import type { Reply, Request, ThreadSettings } from '../../src/storage/protocol.ts';
import { serve } from '../../src/storage/serve.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A database thread without a thread: what it says to its port. */
function serveOn(
  path: string,
  role: ThreadSettings['role'],
): { port: MessagePort; next: () => Promise<Reply> } {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port2.close());
  const replies: Reply[] = [];
  port2.on('message', (reply: Reply) => replies.push(reply));
  serve(port1, { role, path, openedAt: 0, migrations: compileMigrations(migrations) });
  return {
    port: port2,
    next: async () => {
      if (replies.length === 0) await once(port2, 'message');
      const reply = replies.shift();
      if (reply === undefined) throw new Error('no reply');
      return reply;
    },
  };
}

function ask(port: MessagePort, request: Request): void {
  port.postMessage(request);
}

test('a writer and a reader answer one request after another until they close', async () => {
  const path = join(temporaryFolder(), 'roomd.db');
  const writer = serveOn(path, 'writer');
  expect(await writer.next()).toMatchObject({
    answer: 'ready',
    notes: [{ facts: { from: 0, to: migrations.at(-1)?.version } }],
  });
  const reader = serveOn(path, 'reader');
  expect(await reader.next()).toEqual({ answer: 'ready', notes: [] });

  const texts = ['INSERT INTO fact VALUES (?, ?)', 'SELECT count(*) AS n FROM fact'];
  ask(writer.port, {
    ask: 'batch',
    texts,
    writes: [
      [0, ['a', '1'], 1, []],
      [0, ['a', '2']],
      [0, ['b', '3']],
    ],
  });
  expect(await writer.next()).toMatchObject({
    answer: 'batch',
    outcomes: [[1, 1, null, 0, 1, [{ n: 1 }]], { code: 'constraint' }, [1, 2, null]],
  });
  ask(reader.port, { ask: 'read', text: 'SELECT value FROM fact WHERE name = ?', parameters: ['b'] });
  expect(await reader.next()).toEqual({ answer: 'rows', rows: [{ value: '3' }] });
  ask(reader.port, { ask: 'read', text: 'SELECT nothing', parameters: [] });
  expect(await reader.next()).toMatchObject({ answer: 'failed', error: { code: 'failed' } });

  for (const { port, next } of [reader, writer]) {
    ask(port, { ask: 'close' });
    expect(await next()).toEqual({ answer: 'closed' });
  }
});

test('a reader without a file says so instead of making one', async () => {
  const reader = serveOn(join(temporaryFolder(), 'roomd.db'), 'reader');
  expect(await reader.next()).toMatchObject({ answer: 'failed', error: { code: 'failed' } });
});
