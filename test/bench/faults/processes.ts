import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { StorageError } from '../../../src/storage/errors.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';
import { post } from '../../feedback/receiver-client.ts';
import { clickOf, clicksIn } from './clicks.ts';
import { until, withEars } from './ears.ts';
import type { Fault, FaultOptions } from './fault.ts';
import { withFolder } from './folder.ts';

const MINE = '/feedback/token-1';
const LOCKED_WELL = 'HTTP 503 or a wait while it is locked, HTTP 200 after, all answered posts on record';

/** What is done to the database of a receiver and to the disk below it. */
export function processFaults({ lockSeconds }: FaultOptions): readonly Fault[] {
  return [
    {
      fault: 'the disk is full, then freed',
      expected: 'HTTP 503 while it is full, HTTP 200 after, all answered posts on record',
      try: () => onSmallDisk(filled),
    },
    {
      fault: 'a database on a read-only file system',
      expected: 'refused with what to do; writable again, posts are taken',
      try: () => onSmallDisk(readOnly),
    },
    {
      fault: `another process locks the database for ${lockSeconds} s`,
      expected: LOCKED_WELL,
      try: () => withFolder((folder) => locked(folder, lockSeconds)),
    },
    {
      fault: 'a damaged database file',
      expected: 'refused with what to do, not a byte of it changed',
      try: () => withFolder(damaged),
    },
  ];
}

/** Work on a file system of 8 MB; null where none can be mounted. */
async function onSmallDisk(work: (folder: string) => Promise<string>): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-faults-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
  try {
    return await work(folder);
  } finally {
    execFileSync('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true, force: true });
  }
}

function filled(folder: string): Promise<string> {
  return withEars(
    async ({ port }) => {
      const answered: string[] = [];
      let count = 0;
      const send = async (): Promise<number> => {
        count += 1;
        const panel = `p-${count}`;
        const status = await post(port, MINE, clickOf(panel, { padding: 20_000 }));
        if (status === 200) answered.push(panel);
        return status;
      };
      await send();
      await fill(join(folder, 'filler'));
      const refused = await until(async () => (await send()) === 503);
      await rm(join(folder, 'filler'));
      const recovered = await until(async () => (await send()) === 200);
      const stored = clicksIn(join(folder, 'roomd.db'));
      const isAll = answered.every((panel) => stored.includes(panel));
      return `${refused ? 'HTTP 503 while it is full' : 'taken all the same'}, ${recovered ? 'HTTP 200 after' : 'refused for ever'}, ${isAll ? 'all answered posts on record' : 'some are lost'}`;
    },
    { folder },
  );
}

function click({ port }: { port: number }) {
  return post(port, MINE, clickOf('p-1'));
}

async function readOnly(folder: string): Promise<string> {
  await withEars(click, { folder });
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  const refusal = await withEars(click, { folder }).catch((error: unknown) => error);
  execFileSync('mount', ['-o', 'remount,rw', folder]);
  const isSaid = refusal instanceof StorageError && refusal.code === 'read-only';
  const status = await withEars(click, { folder });
  return `${isSaid ? 'refused with what to do' : String(refusal)}; writable again, ${status === 200 ? 'posts are taken' : `HTTP ${status}`}`;
}

async function fill(file: string): Promise<void> {
  for (let bytes = 1_048_576; bytes >= 512; bytes /= 2) {
    while (await takes(file, bytes)) continue;
  }
}

async function takes(file: string, bytes: number): Promise<boolean> {
  try {
    await writeFile(file, Buffer.alloc(bytes), { flag: 'a' });
    return true;
  } catch {
    return false;
  }
}

/** Holds the write lock in a process of its own, says so, and lets go after a while. */
const LOCKER = `
const database = require('better-sqlite3')(process.argv[1]);
database.exec('BEGIN IMMEDIATE');
console.log('locked');
setTimeout(() => database.exec('COMMIT'), Number(process.argv[2]));
`;

function locked(folder: string, seconds: number): Promise<string> {
  return withEars(
    async ({ port }) => {
      const file = join(folder, 'roomd.db');
      const locker = spawn(process.execPath, ['-e', LOCKER, file, String(seconds * 1_000)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const letsGo = once(locker, 'exit');
      await once(locker.stdout, 'data');
      const over = new AbortController();
      void letsGo.then(() => over.abort());
      const answered: string[] = [];
      const statuses = new Set<number>();
      for (let count = 0; !over.signal.aborted; count += 1) {
        const panel = `locked-${count}`;
        const status = await post(port, MINE, clickOf(panel));
        if (!over.signal.aborted) statuses.add(status);
        if (status === 200) answered.push(panel);
      }
      const recovered = await until(async () => (await post(port, MINE, clickOf('after'))) === 200);
      const stored = clicksIn(file);
      const isAll = [...answered, 'after'].every((panel) => stored.includes(panel));
      const isHeld = [...statuses].every((status) => status === 503);
      return isHeld && recovered && isAll
        ? LOCKED_WELL
        : `HTTP ${[...statuses].join()} while it is locked, ${recovered ? 'then HTTP 200' : 'refused for ever'}, ${isAll ? 'all' : 'not all'} on record`;
    },
    { folder },
  );
}

async function damaged(folder: string): Promise<string> {
  const path = join(folder, 'roomd.db');
  await withEars(({ port }) => post(port, MINE, clickOf('before')), { folder });
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(8_192, 0x5a), 0, 8_192, 0);
  await file.close();
  const digest = async (): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  const before = await digest();
  try {
    const database = await openDatabase({ path, clock: systemClock(), logger: silentLogger });
    await database.close();
    return 'opened as if nothing were wrong';
  } catch (error) {
    const isSaid = error instanceof StorageError && error.message.length > 40;
    const isSame = (await digest()) === before;
    return `${isSaid ? 'refused with what to do' : `refused with ${String(error)}`}, ${isSame ? 'not a byte of it changed' : 'and changed'}`;
  }
}
