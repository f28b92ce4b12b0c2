import type { MessagePort } from 'node:worker_threads';
import { BatchRunner } from './batch.ts';
import { Checkpointer } from './checkpoint.ts';
import { type Connection, configureForWriting, openForInspection, openForReading } from './connection.ts';
import { prepareFile, restrictAccess } from './database-file.ts';
import { storageErrorOf, toPlain } from './errors.ts';
import { refuseDamage } from './integrity.ts';
import { migrate, refuseUnfit } from './migrate.ts';
import type { Note, PackedOutcome, Reply, Request, ThreadSettings } from './protocol.ts';
import { StatementCache } from './statement-cache.ts';

/**
 * What a database thread does: opens the file, says `ready` or `failed`, then
 * answers one request after another until it is asked to close.
 */
export function serve(port: MessagePort, settings: ThreadSettings): void {
  const say = (reply: Reply): void => port.postMessage(reply);
  try {
    const { connection, notes } = open(settings);
    port.on(
      'message',
      settings.role === 'writer' ? writer(connection, port, say) : reader(connection, port, say),
    );
    say({ answer: 'ready', notes });
  } catch (error) {
    say({ answer: 'failed', error: toPlain(storageErrorOf(error, settings.path)) });
    port.close();
  }
}

function open({ role, path, openedAt, migrations }: ThreadSettings): {
  connection: Connection;
  notes: Note[];
} {
  if (role === 'reader') return { connection: openForReading(path), notes: [] };
  prepareFile(path);
  const connection = openForInspection(path);
  try {
    refuseDamage(connection);
    refuseUnfit(connection, migrations);
    restrictAccess(path);
    configureForWriting(connection);
    return { connection, notes: migrate(connection, migrations, openedAt) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

type Say = (reply: Reply) => void;

function writer(connection: Connection, port: MessagePort, say: Say): (request: Request) => void {
  const runner = new BatchRunner(connection);
  const checkpointer = new Checkpointer(connection);
  return (request) => {
    if (request.ask === 'close') close(connection, port, say);
    if (request.ask !== 'batch') return;
    const outcomes = runner.run(request.texts, request.writes);
    say({ answer: 'batch', outcomes });
    try {
      if (outcomes.some(isDiskFull)) checkpointer.startOver();
      else checkpointer.afterBatch();
    } catch {
      // A checkpoint that fails loses nothing: the log still holds every page, and the next batch tries again.
    }
  };
}

function reader(connection: Connection, port: MessagePort, say: Say): (request: Request) => void {
  const statements = new StatementCache(connection);
  return (request) => {
    if (request.ask === 'close') close(connection, port, say);
    if (request.ask !== 'read') return;
    try {
      say({ answer: 'rows', rows: statements.prepare(request.text).all(request.parameters) });
    } catch (error) {
      say({ answer: 'failed', error: toPlain(storageErrorOf(error, connection.name, request.text)) });
    }
  };
}

function isDiskFull(outcome: PackedOutcome): boolean {
  return 'code' in outcome && outcome.code === 'disk-full';
}

function close(connection: Connection, port: MessagePort, say: Say): void {
  connection.close();
  say({ answer: 'closed' });
  port.close();
}
