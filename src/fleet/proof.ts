import { type AbortOptions, sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { Secret } from '../lib/secret.ts';
import type { SettingAnswer } from '../xapi/device.ts';
import { XapiError, type XapiErrorCode } from '../xapi/errors.ts';
import { pathKey } from '../xapi/path.ts';
import type { Change, ChangeResult, Outcome } from './change.ts';
import type { ResourceDiff } from './resource.ts';

/** What a device said to a document: a word on each change, or why there is none. */
export type Word = readonly SettingAnswer[] | Error;

/** How long a device that fell silent in the middle of a write is given to come back for the read-back. */
export const READ_BACK_WAITS_MS: readonly number[] = [250, 1_000, 3_000];

/** Reads back and judges each change by what the device holds now; what it answered counts only where that cannot be seen. */
export async function prove(
  changes: readonly Change[],
  word: Word,
  inspect: () => Promise<ResourceDiff>,
  { clock, waitsMs, signal }: { clock: Clock; waitsMs: readonly number[] } & AbortOptions,
): Promise<ChangeResult[]> {
  let after: ResourceDiff;
  try {
    after = await inspectPatiently(inspect, waitsMs, clock, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const why = word instanceof Error ? word : error;
    return changes.map((change) =>
      result(change, 'failed', `not proven: ${messageOf(why)}; it could not be read back`),
    );
  }
  const left = new Map(after.changes.map((change) => [pathKey(change.path), change]));
  const problems = new Map(after.problems.map(({ path, message }) => [pathKey(path), message]));
  return changes.map((change, position) =>
    judge(change, {
      answer: word instanceof Error ? null : (word[position] ?? null),
      error: word instanceof Error ? word : null,
      left: left.get(pathKey(change.path)) ?? null,
      problem: problems.get(pathKey(change.path)) ?? null,
    }),
  );
}

/** Once at once, then with growing waits while the device is merely out of reach (a reboot in the middle of an apply). */
async function inspectPatiently(
  inspect: () => Promise<ResourceDiff>,
  waitsMs: readonly number[],
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<ResourceDiff> {
  for (const waitMs of waitsMs) {
    try {
      return await inspect();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof XapiError && error.retryable)) throw error;
      await sleep(waitMs, clock, { signal });
    }
  }
  return inspect();
}

interface Seen {
  readonly answer: SettingAnswer | null;
  readonly error: Error | null;
  /** The change that a new comparison still asks for. */
  readonly left: Change | null;
  readonly problem: string | null;
}

function judge(change: Change, { answer, error, left, problem }: Seen): ChangeResult {
  if (left === null && problem === null) return result(change, 'accepted', null);
  if (answer?.outcome === 'refused') return result(change, 'refused', answer.reason);
  if (error instanceof XapiError && REFUSALS.has(error.code)) return result(change, 'refused', error.message);
  if (error !== null) return result(change, 'failed', `not proven: ${error.message}`);
  if (problem !== null) return result(change, 'differs', problem);
  if (left?.unreadable !== true)
    return result(change, 'differs', `the device said Success and holds "${left?.from ?? ''}"`);
  return answer === null
    ? result(change, 'failed', 'not proven: the device did not answer for it')
    : result(change, 'accepted-unreadable', 'the device accepted it and does not show it');
}

/** The device's "no" to a whole document. */
const REFUSALS: ReadonlySet<XapiErrorCode> = new Set([
  'unknown-path',
  'bad-value',
  'permission',
  'command-failed',
  'rejected',
]);

/** A result whose sentence does not hold the secret, should the device have repeated it. */
export function result(change: Change, outcome: Outcome, detail: string | null): ChangeResult {
  const { wanted } = change;
  const secret = wanted instanceof Secret ? wanted.reveal() : '';
  return {
    change,
    outcome,
    detail: secret === '' ? detail : (detail?.replaceAll(secret, String(wanted)) ?? null),
  };
}
