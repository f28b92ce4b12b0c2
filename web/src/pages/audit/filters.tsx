import { useEffect, useState } from 'preact/hooks';
import { query } from '../../api.ts';
import { search, setSearch } from '../../route.ts';

const SINCE = { '1d': 'a day', '7d': '7 days', '30d': '30 days', '365d': 'a year' };

/** Filters whose names are those of the API's inputs, so that an address tells what is shown. */
export function Filters({ hasPath }: { hasPath: boolean }) {
  const since = search.value.get('since') ?? '';
  const revision = search.value.get('revision');
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Text name="device" label="Device" hint="boardroom-1" />
      <Text name="actor" label="Who" hint="user:anna" />
      {hasPath && <Text name="path" label="Setting, or a node above it" hint="Audio" />}
      <label>
        Within
        <select
          value={since}
          onChange={(event) => setSearch({ since: event.currentTarget.value, before: null })}
        >
          <option value="">all time</option>
          {Object.entries(SINCE).map(([key, words]) => (
            <option key={key} value={key}>
              {words}
            </option>
          ))}
          {since !== '' && !(since in SINCE) && <option value={since}>{since}</option>}
        </select>
      </label>
      {hasPath && revision !== null && (
        <button type="button" onClick={() => setSearch({ revision: null, before: null })}>
          Any revision, not only {revision.slice(-8)}
        </button>
      )}
    </form>
  );
}

const PAUSE_MS = 400;

/** Goes into the address when its writer pauses: each change asks the API. */
function Text({ name, label, hint }: { name: string; label: string; hint: string }) {
  const given = search.value.get(name) ?? '';
  const [text, setText] = useState(given);
  useEffect(() => setText(given), [given]);
  useEffect(() => {
    if (text.trim() === given) return undefined;
    const pause = setTimeout(() => setSearch({ [name]: text.trim(), before: null }), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [text]);
  return (
    <label>
      {label}
      <input
        type="search"
        value={text}
        placeholder={hint}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  );
}

const ON_A_PAGE = 50;

/** What the address asks for, as an input of the API. */
export function asked(keys: readonly string[]): string {
  const given = Object.fromEntries(keys.map((key) => [key, search.value.get(key)]));
  return query({ ...given, cursor: search.value.get('before'), limit: ON_A_PAGE });
}
