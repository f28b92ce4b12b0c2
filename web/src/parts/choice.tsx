/** One of some words; null is what `all` says. */
export function Choice({
  label,
  value,
  all,
  of,
  set,
}: {
  label: string;
  value: string | null;
  all: string;
  of: readonly (readonly [string, string])[];
  set: (value: string | null) => void;
}) {
  return (
    <label>
      {label}
      <select value={value ?? ''} onChange={(event) => set(event.currentTarget.value || null)}>
        <option value="">{all}</option>
        {of.map(([key, title]) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

/** One of some words, of which one is always chosen. */
export function OneOf<Key extends string>({
  label,
  value,
  of,
  set,
}: {
  label: string;
  value: Key;
  of: Readonly<Record<Key, string>>;
  set: (value: Key) => void;
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => set(event.currentTarget.value as Key)}>
        {Object.entries<string>(of).map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
