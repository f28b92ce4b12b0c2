import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import BetterSqlite3 from 'better-sqlite3';
import { type Spent, startMeter } from '../spent.ts';
import { answerParent } from './parent.ts';

/**
 * The least that a durable answer can cost: bodies are read and not looked at,
 * and as many posts as roomd had in one commit are committed as the same rows
 * by the same thread. A thread for the database would be a cost of a design,
 * not of the work, so the floor has none.
 */

/** The last posts, which no others follow, are committed once they have waited this long. */
const LONGEST_WAIT_MS = 100;

const waiting: ServerResponse[] = [];
let waitingSince = 0;
let flush: () => void = () => undefined;
let commits = 0;
let end: () => Spent & { commits: number } = () => ({ cpuMs: 0, wallMs: 0, commits: 0 });
let database: BetterSqlite3.Database | null = null;

answerParent({
  start: async ({ path, batch }: { path: string; batch: number }) => {
    database = openLikeRoomd(path);
    flush = committer(database);
    const isFull = batches(batch);
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (waiting.length === 0) waitingSince = performance.now();
        waiting.push(response);
        if (isFull(waiting.length)) flush();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    setInterval(() => {
      if (performance.now() - waitingSince > LONGEST_WAIT_MS) flush();
    }, LONGEST_WAIT_MS);
    return (server.address() as AddressInfo).port;
  },
  begin: () => {
    const meter = startMeter();
    const before = commits;
    end = () => ({ ...meter(), commits: commits - before });
  },
  end: () => end(),
  stop: () => void database?.close(),
});

/** The settings that roomd opens its database with. */
function openLikeRoomd(path: string): BetterSqlite3.Database {
  const opened = new BetterSqlite3(path);
  opened.pragma('journal_mode = WAL');
  opened.pragma('synchronous = FULL');
  opened.pragma('foreign_keys = ON');
  return opened;
}

function committer(to: BetterSqlite3.Database): () => void {
  const insert = to.prepare(
    'INSERT INTO event (device_id, kind, path, payload_json, source, received_at, device_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const payload = '{"leaves":{"RoomAnalytics.PeopleCount.Current":"3"},"gone":[]}';
  const commit = to.transaction((count: number) => {
    const now = Date.now();
    for (let at = 0; at < count; at += 1)
      insert.run(
        (at % 100) + 1,
        'status',
        'RoomAnalytics.PeopleCount.Current',
        payload,
        'webhook',
        now,
        null,
      );
  });
  return () => {
    if (waiting.length === 0) return;
    const done = waiting.splice(0);
    commit.immediate(done.length);
    commits += 1;
    for (const response of done) response.writeHead(200, { 'Content-Length': 0 }).end();
  };
}

/** Says when enough wait, so that on average `mean` posts share a commit. */
function batches(mean: number): (waiting: number) => boolean {
  let owed = mean;
  return (count) => {
    if (count < Math.max(1, Math.floor(owed))) return false;
    owed += mean - count;
    return true;
  };
}
