import type { WebexClient } from '../integrations/webex-messaging/client.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { type Writer, writerOf } from './who.ts';

/** Somebody who changed organizations or names is known anew after this long. */
const KEPT_MS = 600_000;
const MOST_PEOPLE = 1_000;

/** Who the people are that the service tells of by an id. */
export class People {
  readonly #client: Pick<WebexClient, 'people'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly writer: Writer; readonly until: number }>();

  constructor({ client, clock }: { client: Pick<WebexClient, 'people'>; clock: Clock }) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws WebexError */
  async get(personId: string, options: AbortOptions): Promise<Writer> {
    const known = this.#known.get(personId);
    if (known !== undefined && known.until > this.#clock.monotonic()) return known.writer;
    const writer = writerOf(await this.#client.people.get(personId, options));
    this.#known.delete(personId);
    this.#known.set(personId, { writer, until: this.#clock.monotonic() + KEPT_MS });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_PEOPLE && oldest !== undefined) this.#known.delete(oldest);
    return writer;
  }
}
