import { deviceNames, type ShownEvent, showEvent } from '../actions/events.ts';
import type { Ports } from '../actions/ports.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { readEvents } from '../storage/events.ts';

/** An event and its text on a stream, made once for all who hear it. */
export interface Told {
  readonly event: ShownEvent;
  readonly text: string;
}

const MOST_KEPT = 2_000;
const MOST_KEPT_CHARACTERS = 8_000_000;
const PAGE = 500;

/**
 * The latest events, read once for all streams that have come so far; what is
 * older a stream reads for itself. It listens while somebody listens to it.
 */
export class EventHub {
  readonly #ports: Ports;
  readonly #logger: Logger;
  readonly #listeners = new Set<() => void>();
  readonly #kept: Told[] = [];
  #characters = 0;
  /** What is kept is all there is after this one; null before the first. */
  #after: number | null = null;
  #isReading = false;
  #stopHearing: (() => void) | null = null;

  constructor(ports: Ports, logger: Logger) {
    this.#ports = ports;
    this.#logger = logger;
  }

  /** Calls `listen` when there is something new, until the returned function is called. */
  onNews(listen: () => void): () => void {
    this.#listeners.add(listen);
    this.#stopHearing ??= this.#ports.database.eventFeed.onAppended(() => void this.#readOn());
    return () => {
      this.#listeners.delete(listen);
      if (this.#listeners.size > 0) return;
      this.#stopHearing?.();
      this.#stopHearing = null;
      // Nobody hears what comes until the next one listens, so what is kept would have a hole.
      this.#kept.length = 0;
      this.#characters = 0;
      this.#after = null;
    };
  }

  /** Events after one that a stream has come to; null where what is kept does not reach back so far. */
  after(seq: number): readonly Told[] | null {
    if (this.#after === null || seq < this.#after) return null;
    return this.#kept.slice(placeAfter(this.#kept, seq));
  }

  async #readOn(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const { database } = this.#ports;
      this.#after ??= database.eventFeed.lastSeq - 1;
      for (
        let from = this.#newest();
        from !== null && from < database.eventFeed.lastSeq;
        from = this.#newest()
      ) {
        const events = await readEvents(database, { afterSeq: from, limit: PAGE });
        // Somebody erased them meanwhile.
        if (events.length === 0 && this.#after !== null) this.#after = database.eventFeed.lastSeq;
        if (this.#after === null || events.length === 0) break;
        const names = deviceNames(this.#ports);
        for (const stored of events) {
          const event = showEvent(stored, names);
          this.#keep({ event, text: textOf(event) });
        }
      }
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, 'Events could not be read for streams');
    } finally {
      this.#isReading = false;
    }
    for (const listen of this.#listeners) listen();
  }

  #newest(): number | null {
    return this.#kept.at(-1)?.event.seq ?? this.#after;
  }

  #keep(told: Told): void {
    this.#kept.push(told);
    this.#characters += told.text.length;
    while (this.#kept.length > MOST_KEPT || this.#characters > MOST_KEPT_CHARACTERS) {
      const gone = this.#kept.shift();
      if (gone === undefined) return;
      this.#characters -= gone.text.length;
      this.#after = gone.event.seq;
    }
  }
}

/** Where the first event after this one stands; events are in the order of `seq`. */
function placeAfter(kept: readonly Told[], seq: number): number {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.event.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** An event as a server-sent one, `seq` its id. */
export function textOf(event: ShownEvent): string {
  return `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
