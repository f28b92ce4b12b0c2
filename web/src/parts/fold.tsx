import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { DeviceLink } from './shown.tsx';

/** A line that opens; what is in it is made only then, however much it is. */
export function Fold({ head, children }: { head: ComponentChildren; children: () => ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{head}</summary>
      {isOpen && <div class="folded">{children()}</div>}
    </details>
  );
}

/** Rooms by name, each a link, with something to say of it where there is. */
export function Rooms({
  rooms,
}: {
  rooms: readonly { readonly name: string; readonly note?: ComponentChildren }[];
}) {
  const isNoted = rooms.some(({ note }) => note !== undefined);
  return (
    <ul class={isNoted ? 'plain-list' : 'names'}>
      {rooms.map(({ name, note }) => (
        <li key={name}>
          <DeviceLink name={name} />
          {note !== undefined && <span class="hint"> {note}</span>}
        </li>
      ))}
    </ul>
  );
}
