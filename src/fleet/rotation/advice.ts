import { isOver } from '../campaign/campaign.ts';
import type { Rotation } from './rotation.ts';

export interface Acceptance {
  readonly name: string;
  readonly accepts: 'password' | 'next' | null;
}

const MOST_NAMES = 5;

/**
 * What a person is to do next about a rotation, in a sentence; null: nothing
 * yet. What counts is which secret every device of the login is on record to
 * accept, also those that the rotation did not take in.
 * @param circumstances.hasNext the file still names the new secret as next
 */
export function adviceOn(
  rotation: Rotation,
  { accepted, hasNext }: { accepted: readonly Acceptance[]; hasNext: boolean },
): string | null {
  if (!hasNext) return null;
  const left = accepted.filter(({ accepts }) => accepts !== 'next').map(({ name }) => name);
  if (left.length === 0) return 'every device accepts next: move it to password in the file and remove next';
  if (!isOver(rotation) && rotation.state !== 'catching-up') return null;
  const named = left.slice(0, MOST_NAMES).join(', ');
  const more = left.length > MOST_NAMES ? ` and ${left.length - MOST_NAMES} more` : '';
  const word = left.length === 1 ? 'does' : 'do';
  return `leave password and next in the file: ${named}${more} ${word} not accept next yet${isOver(rotation) ? '; mend what stands in the way, then roomd rotate start again' : ''}`;
}
