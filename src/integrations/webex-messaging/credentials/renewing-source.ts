import type { AbortOptions } from '../../../lib/abort.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Secret } from '../../../lib/secret.ts';
import { untilAborted } from '../../../lib/until-aborted.ts';
import type { TokenSource } from './token-source.ts';

/** A token and its end in UTC milliseconds. */
export interface EndingToken {
  readonly accessToken: Secret;
  readonly accessEndsAt: number;
}

/** A quarter of an hour, as the service's own kits do (cloud facts 1.1). */
const MARGIN_MS = 15 * 60_000;

/**
 * A source whose tokens end. A token is replaced a quarter of an hour before
 * its end, or in the last tenth of its life where that is shorter; however
 * many ask, one exchange is under way at a time, and who gives up waiting does
 * not end it for the others.
 */
export class RenewingSource implements TokenSource {
  readonly #obtain: (refused: Secret | null) => Promise<EndingToken>;
  readonly #clock: Clock;
  #held: (EndingToken & { readonly renewAt: number }) | null = null;
  #underWay: Promise<Secret> | null = null;

  /** `obtain` is given the token that the service refused, where it did. */
  constructor(obtain: (refused: Secret | null) => Promise<EndingToken>, { clock }: { clock: Clock }) {
    this.#obtain = obtain;
    this.#clock = clock;
  }

  async token(options: AbortOptions): Promise<Secret> {
    const held = this.#held;
    if (held !== null && this.#clock.now() < held.renewAt) return held.accessToken;
    return this.#wait(null, options);
  }

  async renew(refused: Secret, options: AbortOptions): Promise<Secret | null> {
    const held = this.#held;
    if (held !== null && held.accessToken.reveal() !== refused.reveal()) return held.accessToken;
    return this.#wait(refused, options);
  }

  #wait(refused: Secret | null, { signal }: AbortOptions): Promise<Secret> {
    this.#underWay ??= this.#replace(refused).finally(() => {
      this.#underWay = null;
    });
    return signal === undefined ? this.#underWay : untilAborted(this.#underWay, signal);
  }

  async #replace(refused: Secret | null): Promise<Secret> {
    const { accessToken, accessEndsAt } = await this.#obtain(refused);
    const lifeMs = accessEndsAt - this.#clock.now();
    this.#held = { accessToken, accessEndsAt, renewAt: accessEndsAt - Math.min(MARGIN_MS, lifeMs / 10) };
    return accessToken;
  }
}
