import { sleep } from '../../lib/abort.ts';
import type { PathText } from '../../xapi/path.ts';
import { type StepContext, StepError } from '../step.ts';

/** A status leaf, and the node below which it is read. */
export interface StatusLeaf {
  readonly below: PathText;
  readonly leaf: PathText;
}

/** What a status leaf shows now; null where the device has none. */
export async function readLeaf(
  { device, signal }: Pick<StepContext, 'device' | 'signal'>,
  { below, leaf }: StatusLeaf,
): Promise<string | null> {
  return (await device.readStatus(below, { signal })).get(leaf) ?? null;
}

/**
 * Waits until the status shows one of these words.
 * @throws StepError `failed` where it does not within `settleMs`; `otherwise` begins the sentence
 */
export async function seeLeaf(
  context: StepContext,
  where: StatusLeaf,
  { words, otherwise }: { words: readonly string[]; otherwise: string },
): Promise<void> {
  const { clock, timing, signal } = context;
  const until = clock.monotonic() + timing.settleMs;
  for (;;) {
    const shown = await readLeaf(context, where);
    if (shown !== null && words.includes(shown)) return;
    if (clock.monotonic() >= until)
      throw new StepError(
        'failed',
        `${otherwise} (xStatus ${where.leaf} is ${shown ?? 'not there'}, not ${words.join(' or ')})`,
      );
    await sleep(timing.pollMs, clock, { signal });
  }
}
