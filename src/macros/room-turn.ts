import type { Place } from './place.ts';
import type { Turn } from './turn.ts';
import type { Turns } from './turns.ts';

/**
 * The turn of a room of an each and of all that its steps reach: what the run
 * holds is had from it by one room after another (`among`), the rest from all
 * other macros (`others`).
 */
export async function roomTurn(
  names: readonly string[],
  { turn: run, signal }: Pick<Place, 'turn' | 'signal'>,
  { among, others }: { readonly among: Turns; readonly others: Turns },
): Promise<Turn> {
  const held = await among.take(
    names.filter((name) => run.keys.has(name)),
    { signal, within: run },
  );
  const rest = names.filter((name) => !run.keys.has(name));
  if (rest.length === 0) return held;
  try {
    const taken = await others.take(rest, { signal, within: held });
    return {
      keys: new Set(names),
      outer: taken,
      giveBack() {
        taken.giveBack();
        held.giveBack();
      },
    };
  } catch (error) {
    held.giveBack();
    throw error;
  }
}
