import type { WebexClient } from '../integrations/webex-messaging/client.ts';
import type { PostedMessage } from '../integrations/webex-messaging/resources/messages.ts';
import type { Room } from '../integrations/webex-messaging/resources/rooms.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';

interface Parts {
  readonly client: Pick<WebexClient, 'rooms' | 'messages'>;
  readonly clock: Clock;
}

/** Where no room tells a time, the service's clock is taken to be at most so far behind ours. */
const SKEW_MS = 60_000;
/** Messages of one room that are read at one look. */
const MOST_MESSAGES = 50;
const MOST_REMEMBERED = 1_000;

/**
 * Finds messages to the bot by asking (cloud facts 1.4): of a group room those
 * that mention it, of a direct one all. What was written before the first look
 * is not answered, and nothing is answered twice. All times are the service's.
 */
export class Poller {
  readonly #parts: Parts;
  /** No message that is older than the first look. */
  #floor: number | null = null;
  /** Up to when all rooms were looked through. */
  #seenTo = 0;
  readonly #handled = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * What is new, oldest first; the first call answers nothing.
   * @throws WebexError; then the next call finds what this one would have
   */
  async look(options: AbortOptions): Promise<readonly PostedMessage[]> {
    const { client, clock } = this.#parts;
    const rooms: Room[] = [];
    for await (const room of client.rooms.list({ sortBy: 'lastactivity', max: 100 }, options))
      rooms.push(room);
    const latest = Math.max(...rooms.map(({ lastActivity }) => timeOf(lastActivity)), 0);
    if (this.#floor === null) {
      this.#floor = latest === 0 ? clock.now() - SKEW_MS : latest;
      this.#seenTo = this.#floor;
      return [];
    }
    const lively = rooms.filter(({ lastActivity }) => timeOf(lastActivity) >= this.#seenTo);
    const found = [];
    for (const room of lively) found.push(...(await this.#newIn(room, this.#floor, options)));
    for (const { id } of found) this.#remember(id);
    this.#seenTo = Math.max(this.#seenTo, latest);
    return found.sort((one, other) => timeOf(one.created) - timeOf(other.created));
  }

  async #newIn(room: Room, floor: number, options: AbortOptions): Promise<PostedMessage[]> {
    const mentionedPeople = room.type === 'direct' ? undefined : 'me';
    const query = { roomId: room.id, mentionedPeople, max: MOST_MESSAGES } as const;
    const found: PostedMessage[] = [];
    for await (const message of this.#parts.client.messages.list(query, options)) {
      const at = timeOf(message.created);
      if (at < this.#seenTo || found.length >= MOST_MESSAGES) break;
      if (at > floor && !this.#handled.has(message.id)) found.push(message);
    }
    return found;
  }

  #remember(id: string): void {
    this.#handled.add(id);
    const [oldest] = this.#handled;
    if (this.#handled.size > MOST_REMEMBERED && oldest !== undefined) this.#handled.delete(oldest);
  }
}

function timeOf(rfc3339: string | null): number {
  const at = Date.parse(rfc3339 ?? '');
  return Number.isNaN(at) ? 0 : at;
}
