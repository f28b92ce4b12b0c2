import { sleep } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import { FinesseError } from './errors.ts';
import type { FinesseCallOptions, FinesseLink } from './link.ts';

/** What one look for an effect found: the effect, or in words what is there instead. */
export type Look<Effect> = { readonly effect: Effect } | { readonly instead: string };

/**
 * Waits for the effect of a request that was accepted with 202, by reading.
 * Why an accepted request fails is told by the notification service alone
 * (cloud facts 2.3), so an effect that does not come has no reason here.
 * A look that fails in passing is made again.
 *
 * @throws FinesseError `no-outcome` when the time is over, and whatever `look` throws for good
 */
export async function awaitOutcome<Effect>(
  link: FinesseLink,
  what: string,
  look: () => Promise<Look<Effect>>,
  { signal }: FinesseCallOptions,
): Promise<Effect> {
  const endsAt = link.clock.monotonic() + link.outcomeMs;
  for (;;) {
    const found = await look().catch((error: unknown): Look<Effect> => {
      if (!(error instanceof FinesseError && error.retryable)) throw error;
      return { instead: messageOf(error) };
    });
    if ('effect' in found) return found.effect;
    if (link.clock.monotonic() + link.lookMs > endsAt) throw noOutcome(link, what, found.instead);
    await sleep(link.lookMs, link.clock, { signal });
  }
}

function noOutcome(link: FinesseLink, what: string, instead: string): FinesseError {
  return new FinesseError(
    'no-outcome',
    `Finesse accepted ${what}, and after ${link.outcomeMs / 1_000} s ${instead}. It tells the reason only to its notification service, which roomd does not listen to; look at the agent's desktop`,
    { status: 202 },
  );
}
