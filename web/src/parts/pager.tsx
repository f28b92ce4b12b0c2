import type { ComponentChildren } from 'preact';
import type { Loaded } from '../loaded.ts';
import { path, search } from '../route.ts';
import { Empty, Shown } from './shown.tsx';

/** One page of a list once it is there, with the way to the others; `empty` is said where there is nothing. */
export function Paged<Item>({
  of,
  word,
  empty,
  children,
}: {
  of: Loaded<{ readonly items: readonly Item[]; readonly nextCursor: string | null }>;
  word: string;
  empty: string;
  children: (items: readonly Item[]) => ComponentChildren;
}) {
  return (
    <Shown of={of}>
      {({ items, nextCursor }) =>
        items.length === 0 ? (
          <Empty>{empty}</Empty>
        ) : (
          <>
            {children(items)}
            <Pager next={nextCursor} word={word} />
          </>
        )
      }
    </Shown>
  );
}

/** From page to page of a list whose newest come first; the place stands in the address. */
function Pager({ next, word }: { next: string | null; word: string }) {
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
