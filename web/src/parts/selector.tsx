import { useEffect, useId, useRef } from 'preact/hooks';
import type { ShownTag, TagList } from '../../../src/actions/tags.ts';
import { useLoaded } from '../loaded.ts';
import { search, setSearch } from '../route.ts';
import { count } from './words.ts';

/** The selector in the address, `?devices=site%3Doslo`; null: all rooms. */
export function selected(): string | null {
  return search.value.get('devices');
}

/** The tags that rooms have; none until that is known. */
export function useTags(): readonly ShownTag[] {
  return useLoaded<TagList>('/tags').data?.items ?? [];
}

/** Which rooms the page is about, kept in the address; it proposes the tags there are. */
export function SelectorField({ tags }: { tags: readonly ShownTag[] }) {
  const list = useId();
  const present = selected();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current !== null) field.current.value = present ?? '';
  }, [present]);
  return (
    <form
      class="selector"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        setSearch({ devices: field.current?.value.trim() ?? null });
      }}
    >
      <label>
        Rooms
        <input ref={field} type="search" list={list} placeholder="all, or such as site=oslo" />
      </label>
      <datalist id={list}>
        {tags.map(({ tag, value, devices }) => (
          <option key={`${tag}=${value}`} value={`${tag}=${value}`}>
            {count(devices, 'room')}
          </option>
        ))}
      </datalist>
      <button type="submit">Show</button>
      {present !== null && (
        <button type="button" class="plain" onClick={() => setSearch({ devices: null })}>
          All rooms
        </button>
      )}
    </form>
  );
}
