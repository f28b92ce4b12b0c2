import { isTechnicalCause } from '../fleet/call-cause.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { readEvents, type StoredEvent } from '../storage/events.ts';
import type { DeviceFacts, EndedCall, MacroOutcome } from './facts.ts';

/** No rule looks further back. */
const LOOKBACK_MS = 24 * 3_600_000;
const PAGE = 1_000;
/** At the start no more than these pages are read backwards. */
const MOST_PAGES_BACK = 50;
const MOST_CALLS = 50;
const KINDS = ['event', 'run'];

interface Heard {
  calls: EndedCall[];
  readonly runs: Map<string, MacroOutcome>;
}

/** What the log of events tells rules about each device, kept up to date page by page. */
export class LogTail {
  readonly #database: Database;
  readonly #devices = new Map<number, Heard>();
  #seq: number | null = null;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** Takes in what was appended since the last call; the first looks back a day. @throws StorageError */
  async follow(now: number, options: AbortOptions = {}): Promise<void> {
    this.#seq ??= await this.#seqBefore(now - LOOKBACK_MS, options);
    for (;;) {
      const page = await readEvents(
        this.#database,
        { afterSeq: this.#seq, limit: PAGE, kinds: KINDS },
        options,
      );
      for (const event of page) this.#take(event);
      this.#seq = page.at(-1)?.seq ?? this.#seq;
      if (page.length < PAGE) return;
    }
  }

  of(deviceId: number, now: number): Pick<DeviceFacts, 'calls' | 'runs'> {
    const heard = this.#devices.get(deviceId);
    if (heard === undefined) return { calls: [], runs: [] };
    heard.calls = heard.calls.filter(({ at }) => at > now - LOOKBACK_MS).slice(-MOST_CALLS);
    return { calls: heard.calls, runs: [...heard.runs.values()] };
  }

  /** The last event of these kinds before a time, looking back from the newest. */
  async #seqBefore(time: number, options: AbortOptions): Promise<number> {
    let before = Number.MAX_SAFE_INTEGER;
    for (let page = 0; page < MOST_PAGES_BACK; page += 1) {
      const rows = await this.#database.read(
        this.#database.query
          .selectFrom('event')
          .select(['seq', 'received_at'])
          .where('seq', '<', before)
          .where('kind', 'in', KINDS)
          .orderBy('seq', 'desc')
          .limit(PAGE),
        options,
      );
      const old = rows.find(({ received_at: at }) => at < time);
      if (old !== undefined) return old.seq;
      if (rows.length < PAGE) return 0;
      before = rows.at(-1)?.seq ?? 0;
    }
    return before;
  }

  #take(event: StoredEvent): void {
    if (event.deviceId === null) return;
    const heard = this.#devices.get(event.deviceId) ?? { calls: [], runs: new Map() };
    if (event.kind === 'event') takeCall(heard, event);
    else takeRun(heard, event);
    this.#devices.set(event.deviceId, heard);
  }
}

function takeCall(heard: Heard, { path, payload, receivedAt }: StoredEvent): void {
  if (path !== 'CallDisconnect') return;
  const { arguments: args = {} } = payload as { arguments?: Readonly<Record<string, string>> };
  const failed = isTechnicalCause(args);
  // A call that nobody took says nothing of the device.
  if (failed || Number(args['Duration'] ?? 0) > 0)
    heard.calls.push({ at: receivedAt, failed, cause: args['CauseType'] ?? '' });
}

function takeRun(heard: Heard, { payload, receivedAt }: StoredEvent): void {
  const { macro, state, reason } = payload as { macro: string; state: string; reason: string | null };
  if (state === 'succeeded') heard.runs.delete(macro);
  if (state !== 'failed') return;
  const failures = (heard.runs.get(macro)?.failures ?? 0) + 1;
  heard.runs.set(macro, { macro, failures, reason, at: receivedAt });
}
