import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acquireOwnership } from '../../src/storage/lock.ts';
import { startChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a directory has one owner, and the second is told the process of the first', async () => {
  const directory = join(temporaryFolder(), 'data');
  const child = startChild('owns', directory);
  await child.saidLines(1);
  await expect(acquireOwnership(directory)).rejects.toMatchObject({
    name: 'StorageError',
    code: 'already-running',
    message: expect.stringContaining(`process ${child.pid}`),
    details: { pid: child.pid },
  });
});

test('an owner that was killed leaves nothing in the way', async () => {
  const directory = temporaryFolder();
  const child = startChild('owns', directory);
  await child.saidLines(1);
  await child.kill();
  expect(existsSync(join(directory, 'roomd.pid'))).toBe(true);
  const ownership = await acquireOwnership(directory);
  ownership.release();
});

test('ownership ends with its release, and only once', async () => {
  const directory = temporaryFolder();
  const first = await acquireOwnership(directory);
  await expect(acquireOwnership(directory)).rejects.toMatchObject({ details: { pid: process.pid } });
  first.release();
  const second = await acquireOwnership(directory);
  first.release();
  await expect(acquireOwnership(directory)).rejects.toMatchObject({ code: 'already-running' });
  second.release();
});

test('a second attempt in the same process does not loosen the lock for others', async () => {
  const directory = temporaryFolder();
  const ownership = await acquireOwnership(directory);
  await expect(acquireOwnership(directory)).rejects.toMatchObject({ code: 'already-running' });
  const child = startChild('owns', directory);
  await child.saidLines(1);
  expect(child.lines).toEqual(['already-running']);
  ownership.release();
});

test('the lock file belongs to roomd alone', async () => {
  const directory = temporaryFolder();
  const ownership = await acquireOwnership(directory);
  expect(statSync(join(directory, 'roomd.lock')).mode & 0o777).toBe(0o600);
  ownership.release();
});

test('an aborted start takes no ownership', async () => {
  const directory = temporaryFolder();
  const signal = AbortSignal.abort(new Error('stopping'));
  await expect(acquireOwnership(directory, { signal })).rejects.toThrow('stopping');
  (await acquireOwnership(directory)).release();
});
