import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { StorageError } from '../../../src/storage/errors.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';
import { xmlPost } from '../../feedback/posts.ts';
import { post } from '../../feedback/receiver-client.ts';
import { pause, until, withEars } from './ears.ts';
import type { Fault } from './fault.ts';

const HOOK = fileURLToPath(new URL('../on-dist.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('../children/ears.ts', import.meta.url));

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    fault: 'kill -9 during bursts of posts, again and again',
    expected: 'every answered post is on record, no post twice, the file is sound',
    try: ({ kills }) => withFolder((folder) => killed(folder, kills)),
  },
  {
    fault: 'SIGSTOP for two seconds in a burst of posts',
    expected: 'every post is answered 200 after it, all are on record',
    try: () => withFolder(stopped),
  },
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
    fault: 'another process locks the database for a second',
    expected: 'HTTP 200 once it lets go, and on record',
    try: () => withFolder(locked),
  },
  {
    fault: 'a damaged database file',
    expected: 'refused with what to do, not a byte of it changed',
    try: () => withFolder(damaged),
  },
];

async function killed(folder: string, kills: number): Promise<string> {
  const answered = new Set<string>();
  let sent = 0;
  for (let round = 0; round < kills; round += 1) {
    const { child, port } = await startEars(folder);
    const over = new AbortController();
    const poster = async (): Promise<void> => {
      while (!over.signal.aborted) {
        sent += 1;
        const panel = `p-${sent}`;
        if ((await post(port, '/feedback/token-1', clickOf(panel))) === 200) answered.add(panel);
      }
    };
    const posters = Array.from({ length: 6 }, poster);
    await pause(100 + ((round * 37) % 200));
    child.kill('SIGKILL');
    await once(child, 'exit');
    over.abort();
    await Promise.all(posters);
  }
  const panels = await panelsIn(folder);
  const lost = [...answered].filter((panel) => !panels.includes(panel)).length;
  const twice = panels.length - new Set(panels).size;
  const sound = integrityOf(folder);
  if (lost === 0 && twice === 0 && sound === 'ok' && answered.size > kills)
    return 'every answered post is on record, no post twice, the file is sound';
  return `of ${answered.size} answered posts ${lost} are lost, ${twice} are there twice, the file is ${sound}`;
}

async function stopped(folder: string): Promise<string> {
  const { child, port } = await startEars(folder);
  try {
    await post(port, '/feedback/token-1', clickOf('p-0'));
    child.kill('SIGSTOP');
    const panels = Array.from({ length: 12 }, (_, at) => `q-${at}`);
    const posting = Promise.all(panels.map((panel) => post(port, '/feedback/token-1', clickOf(panel))));
    await pause(2_000);
    child.kill('SIGCONT');
    const statuses = await posting;
    const stored = await panelsIn(folder);
    const isAll =
      statuses.every((status) => status === 200) && panels.every((panel) => stored.includes(panel));
    return isAll ? 'every post is answered 200 after it, all are on record' : `statuses ${statuses.join()}`;
  } finally {
    child.kill('SIGKILL');
  }
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
        const status = await post(port, '/feedback/token-1', clickOf(panel, 20_000));
        if (status === 200) answered.push(panel);
        return status;
      };
      await send();
      await fill(join(folder, 'filler'));
      const refused = await until(async () => (await send()) === 503);
      await rm(join(folder, 'filler'));
      const recovered = await until(async () => (await send()) === 200);
      const stored = await panelsIn(folder);
      const isAll = answered.every((panel) => stored.includes(panel));
      return `${refused ? 'HTTP 503 while it is full' : 'taken all the same'}, ${recovered ? 'HTTP 200 after' : 'refused for ever'}, ${isAll ? 'all answered posts on record' : 'some are lost'}`;
    },
    { folder },
  );
}

function click({ port }: { port: number }) {
  return post(port, '/feedback/token-1', clickOf('p-1'));
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

function locked(folder: string): Promise<string> {
  return withEars(
    async ({ port }) => {
      const other = new Sqlite(join(folder, 'roomd.db'));
      other.exec('BEGIN IMMEDIATE');
      setTimeout(() => other.exec('COMMIT'), 1_000);
      const came = await until(
        async () => (await post(port, '/feedback/token-1', clickOf('locked'))) === 200,
      );
      other.close();
      const isStored = (await panelsIn(folder)).includes('locked');
      return came && isStored ? 'HTTP 200 once it lets go, and on record' : 'it is lost';
    },
    { folder },
  );
}

async function damaged(folder: string): Promise<string> {
  const path = join(folder, 'roomd.db');
  await withEars(({ port }) => post(port, '/feedback/token-1', clickOf('before')), { folder });
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

async function startEars(folder: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['--import', HOOK, CHILD, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const gone = once(child, 'exit').then(() => {
    throw new Error('the receiver ended before it listened');
  });
  const [port] = (await Promise.race([once(lines, 'line'), gone])) as [string];
  gone.catch(() => undefined);
  return { child, port: Number(port) };
}

function clickOf(panel: string, padding = 0): string {
  const id = `${panel}${padding === 0 ? '' : ` ${'x'.repeat(padding)}`}`;
  return xmlPost(
    'Event',
    `<UserInterface item="1"><Extensions item="1"><Panel item="1"><Clicked item="1"><PanelId item="1">${id}</PanelId></Clicked></Panel></Extensions></UserInterface>`,
  );
}

async function panelsIn(folder: string): Promise<string[]> {
  const path = join(folder, 'roomd.db');
  const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
  try {
    const rows = await database.read(
      database.query.selectFrom('event').select('payload_json').where('kind', '=', 'event'),
    );
    return rows.flatMap(({ payload_json }) => /"PanelId":"([\w-]+)/.exec(payload_json)?.[1] ?? []);
  } finally {
    await database.close();
  }
}

function integrityOf(folder: string): string {
  const database = new Sqlite(join(folder, 'roomd.db'));
  try {
    return String(database.pragma('integrity_check', { simple: true }));
  } finally {
    database.close();
  }
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-faults-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
