import { sql } from 'kysely';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Database } from '../../storage/database.ts';
import { isTechnicalCause } from '../call-cause.ts';

/** What a device told of one call (events CallSuccessful and CallDisconnect). */
export interface CallEvent {
  /** When the call came about or, of one that never did, ended; UTC milliseconds. */
  readonly at: number;
  readonly told: 'connected' | 'ended-after-talk' | 'failed';
}

/** Calls that one device began or got in some time. */
export interface CallTally {
  readonly connected: number;
  readonly failed: number;
}

/** So many failed attempts since the write make a device unhealthy, where none was connected since. */
export const MOST_FAILED_CALLS = 3;

/** Before the write at most this share of the attempts may have failed, else failing is nothing new. */
const USUAL_SHARE = 0.5;

/** How far back calls before the write count. */
const LOOK_BACK_MS = 30 * 86_400_000;

/**
 * Why a device's calls speak against what was written, in a sentence; null
 * where they do not. At least three attempts failed since, none succeeded, and
 * before the write calls are on record of which no more than half failed. A
 * device of which no call is known is not judged.
 */
export function callsAgainst(before: CallTally, since: CallTally): string | null {
  if (since.failed < MOST_FAILED_CALLS || since.connected > 0) return null;
  const attempts = before.connected + before.failed;
  if (before.connected === 0 || before.failed / attempts > USUAL_SHARE) return null;
  return `${since.failed} calls failed since the write and none was connected; before, ${before.connected} of ${attempts} were`;
}

/** A connected call is told twice, once it is and when it ends; where one of the two was missed, the other counts. */
export function tallyOf(events: readonly CallEvent[]): CallTally {
  const count = (wanted: CallEvent['told']): number => events.filter(({ told }) => told === wanted).length;
  return {
    connected: Math.max(count('connected'), count('ended-after-talk')),
    failed: count('failed'),
  };
}

/** What an event tells of a call; null where it says nothing for or against the device. */
export function callEventOf(
  path: string,
  args: Readonly<Record<string, string>>,
  at: number,
): CallEvent | null {
  if (path === 'CallSuccessful') return { at, told: 'connected' };
  if (path !== 'CallDisconnect') return null;
  const seconds = Number(args['Duration'] ?? 0);
  if (seconds > 0) return { at: at - seconds * 1_000, told: 'ended-after-talk' };
  return isTechnicalCause(args) ? { at, told: 'failed' } : null;
}

/** Whether a device's calls speak against a write at `writtenAt`, by the events on record. @throws StorageError */
export async function readCallsAgainst(
  database: Database,
  { deviceId, writtenAt }: { deviceId: number; writtenAt: number },
  { signal }: AbortOptions,
): Promise<string | null> {
  const rows = await database.read(
    database.query
      .selectFrom('event')
      .select(['path', 'payload_json', 'received_at'])
      .where('device_id', '=', deviceId)
      // The words of the partial index `event_of_calls`, without which every event of the device would be read.
      .where(sql<boolean>`path in ('CallDisconnect', 'CallSuccessful')`)
      .where('received_at', '>=', writtenAt - LOOK_BACK_MS)
      .orderBy('seq', 'desc')
      .limit(MOST_EVENTS),
    { signal },
  );
  const events = rows.flatMap(({ path, payload_json, received_at }) => {
    const { arguments: args = {} } = JSON.parse(payload_json) as { arguments?: Record<string, string> };
    return callEventOf(path ?? '', args, received_at) ?? [];
  });
  return callsAgainst(
    tallyOf(events.filter(({ at }) => at < writtenAt)),
    tallyOf(events.filter(({ at }) => at >= writtenAt)),
  );
}

const MOST_EVENTS = 500;
