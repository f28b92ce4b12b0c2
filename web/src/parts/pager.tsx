import { path, search } from '../route.ts';

/** From page to page of a list whose newest come first; the place stands in the address. */
export function Pager({ next, word }: { next: string | null; word: string }) {
  const isFirst = !search.value.has('before');
  if (isFirst && next === null) return null;
  return (
    <nav class="buttons" aria-label={`Pages of ${word}`}>
      {!isFirst && <a href={at(null)}>Newest {word}</a>}
      {next === null ? <span class="hint">These are the oldest.</span> : <a href={at(next)}>Older {word}</a>}
    </nav>
  );
}

function at(before: string | null): string {
  const parts = new URLSearchParams(search.value);
  if (before === null) parts.delete('before');
  else parts.set('before', before);
  const text = parts.toString();
  return text === '' ? path.value : `${path.value}?${text}`;
}
