import type { ShownCommit } from '../actions/present.ts';

/** `, commit 1a2b3c4d5e6f with changes that are not committed`; nothing where there is none. */
export function commitText(commit: ShownCommit | null): string {
  if (commit === null) return '';
  return `, commit ${commit.id.slice(0, 12)}${commit.dirty ? ' with changes that are not committed' : ''}`;
}
