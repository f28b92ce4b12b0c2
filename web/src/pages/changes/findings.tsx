import type { ComponentChildren } from 'preact';
import type { ShownPlan } from '../../../../src/actions/present.ts';
import { Fold, Rooms } from '../../parts/fold.tsx';
import { type Group, grouped } from '../../parts/groups.ts';
import { count } from '../../parts/words.ts';
import { Arrow, Place } from './change-text.tsx';

interface Found {
  readonly devices: readonly ShownPlan[];
}

export function ChangeGroups({ devices }: Found) {
  const groups = grouped(
    devices.flatMap(({ name, changes }) => changes.map((change) => ({ name, ...change }))),
    ({ kind, path, from, to }) => [kind, path, from, to],
  );
  if (groups.length === 0) return null;
  return (
    <section aria-labelledby="changes">
      <h3 id="changes">Changes</h3>
      <Alike
        groups={groups}
        head={({ kind, path, from, to }) => (
          <>
            <code>{path}</code> <Arrow from={from} to={to} />{' '}
            {kind !== 'configuration' && <span class="hint">{kind}</span>}
          </>
        )}
      />
    </section>
  );
}

/** What a product refuses, or nobody can give it; not among the changes. */
export function Problems({ devices }: Found) {
  const groups = grouped(
    devices.flatMap(({ name, problems }) => problems.map((problem) => ({ name, ...problem }))),
    ({ path, message, place }) => [path, message, place],
  );
  if (groups.length === 0) return null;
  return (
    <section aria-labelledby="problems">
      <h3 id="problems">Not written as the file stands</h3>
      <p class="hint">The product refuses it, or it cannot be had. Correct the line or take it out.</p>
      <Alike
        groups={groups}
        isBad
        head={({ path, message, place }) => (
          <>
            {!message.startsWith(path) && <code>{path} </code>}
            {message} <Place of={place} />
          </>
        )}
      />
    </section>
  );
}

export function Hints({ devices }: Found) {
  const groups = grouped(
    devices.flatMap(({ name, hints }) => [...new Set(hints)].map((hint) => ({ name, hint }))),
    ({ hint }) => hint,
  );
  if (groups.length === 0) return null;
  return (
    <section aria-labelledby="hints">
      <h3 id="hints">Hints</h3>
      <Alike groups={groups} head={({ hint }) => hint} />
    </section>
  );
}

/** `312 rooms …`, which opens and names them. */
function Alike<Item extends { readonly name: string }>({
  groups,
  head,
  isBad = false,
}: {
  groups: readonly Group<Item>[];
  head: (item: Item) => ComponentChildren;
  isBad?: boolean;
}) {
  return (
    <ul class={isBad ? 'groups bad' : 'groups'}>
      {groups.map(({ key, first, items }) => (
        <li key={key}>
          <Fold
            head={
              <>
                <strong>{count(items.length, 'room')}</strong> {head(first)}
              </>
            }
          >
            {() => <Rooms rooms={items.map(({ name }) => ({ name }))} />}
          </Fold>
        </li>
      ))}
    </ul>
  );
}

export function Unread({ devices }: Found) {
  const groups = grouped(
    devices.filter(({ remedy }) => remedy !== null),
    ({ state }) => state,
  );
  if (groups.length === 0) return null;
  return (
    <section aria-labelledby="unread">
      <h3 id="unread">Rooms that could not be read</h3>
      <ul class="groups bad">
        {groups.map(({ key, first, items }) => {
          const isShared = items.every(({ remedy }) => remedy === first.remedy);
          return (
            <li key={key}>
              <Fold
                head={
                  <>
                    <strong>{count(items.length, 'room')}</strong> {STATE_TEXT[first.state] ?? first.state}
                    {isShared && <span class="hint">: {first.remedy}</span>}
                  </>
                }
              >
                {() => (
                  <Rooms
                    rooms={items.map(({ name, reason, remedy }) => ({
                      name,
                      note: `${reason ?? ''}${isShared ? '' : `; ${remedy}`}`,
                    }))}
                  />
                )}
              </Fold>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const STATE_TEXT: Readonly<Record<string, string>> = {
  unreachable: 'did not answer',
  'login-refused': 'refused the login',
  'certificate-changed': 'showed another certificate',
  swapped: 'answered with another unit',
  failed: 'answered something that roomd cannot use',
};
