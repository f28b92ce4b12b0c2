import type { FinesseTeam, FinesseUser } from './schema.ts';

/** Whom to call for help, or a sentence that says why there is nobody. */
export type Choice =
  | { readonly agent: FinesseUser & { readonly extension: string } }
  | { readonly agent: null; readonly why: string };

/** Of a team's users, the one who has been READY the longest and has an extension; pure. */
export function chooseAgent(team: FinesseTeam): Choice {
  const [longest] = team.users.filter(isReady).filter(hasExtension).toSorted(byTimeInState);
  return longest === undefined ? { agent: null, why: whyNobody(team) } : { agent: longest };
}

function isReady({ state }: FinesseUser): boolean {
  return state === 'READY';
}

function hasExtension(user: FinesseUser): user is FinesseUser & { extension: string } {
  return user.extension !== null;
}

/** A time that nobody knows counts as the latest. */
function byTimeInState(one: FinesseUser, other: FinesseUser): number {
  const [a, b] = [one.stateChangedAt ?? Number.MAX_VALUE, other.stateChangedAt ?? Number.MAX_VALUE];
  return a - b;
}

function whyNobody({ name, users }: FinesseTeam): string {
  const present = users.filter(({ state }) => state !== 'LOGOUT');
  if (present.length === 0) return `nobody of team ${name} is signed in`;
  const is = present.length === 1 ? 'is' : 'are';
  const none = present.some(isReady) ? 'none is READY with an extension' : 'none is READY';
  return `${present.length} of team ${name} ${is} signed in, ${none}: ${counted(present.map(wordFor))}`;
}

function wordFor(user: FinesseUser): string {
  if (isReady(user)) return 'READY without an extension';
  const label = user.reasonCode?.label ?? null;
  return label === null ? user.state : `${user.state} (${label})`;
}

/** "1 NOT_READY (Lunch), 2 TALKING" */
function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}
