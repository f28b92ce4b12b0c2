import { suggesting } from '../lib/suggest.ts';
import { ActionError } from './action-error.ts';

/**
 * The kinds that a text names, with commas between them; null where there is no text.
 * @throws ActionError `bad-input` for one that does not exist
 */
export function kindsIn<Kind extends string>(
  text: string | null,
  kinds: readonly Kind[],
): ReadonlySet<Kind> | null {
  if (text === null) return null;
  return new Set(
    text.split(',').map((written) => {
      const word = written.trim();
      const kind = kinds.find((known) => known === word);
      if (kind !== undefined) return kind;
      const wrong = `kinds: "${word}" is no kind: write some of ${kinds.join(', ')}`;
      throw new ActionError('bad-input', suggesting(wrong, word, kinds));
    }),
  );
}
