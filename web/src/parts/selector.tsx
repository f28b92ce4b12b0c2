import { useId } from 'preact/hooks';
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
  const take = (text: string): void => setSearch({ devices: text.trim() });
  return (
    <form
      class="selector"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget as HTMLFormElement).get('devices');
        take(typeof given === 'string' ? given : '');
      }}
    >
      <label>
        Rooms
        <input
          // Another address is another text.
          key={present}
          name="devices"
          type="search"
          list={list}
          defaultValue={present ?? ''}
          placeholder="all, or such as site=oslo"
          onChange={(event) => take(event.currentTarget.value)}
        />
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
