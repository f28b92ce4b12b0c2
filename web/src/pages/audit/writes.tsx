import type { History, ShownWrite } from '../../../../src/actions/history.ts';
import { useLoaded } from '../../loaded.ts';
import { Heads } from '../../parts/heads.tsx';
import { Paged } from '../../parts/pager.tsx';
import { Badge, DeviceLink, Narrow, type Tone } from '../../parts/shown.tsx';
import { search, setSearch } from '../../route.ts';
import { full } from '../../time.ts';
import { asked } from './filters.tsx';

const STATE: Readonly<Record<ShownWrite['state'], readonly [Tone, string]>> = {
  accepted: ['good', 'proven'],
  'accepted-unreadable': ['good', 'taken, and cannot be read back'],
  refused: ['bad', 'refused'],
  differs: ['bad', 'reads otherwise'],
  unknown: ['warn', 'not known'],
  intended: ['info', 'about to be written'],
  withdrawn: ['calm', 'not sent'],
};

/** Every write to any device: who, when, on which revision, before, after, and what the device answered. */
export function Writes() {
  const isNewest = !search.value.has('before');
  const writes = useLoaded<History>(`/history${asked(['device', 'actor', 'path', 'revision', 'since'])}`, {
    when: ({ kind }) => kind === 'write' && isNewest,
  });
  return (
    <Paged of={writes} word="writes" empty="Nothing like that was written.">
      {(items) => (
        <table class="stack">
          <Heads of={['When', 'Device', 'Setting', 'Before', 'After', 'Answer', 'Who', 'Revision']} />
          <tbody>
            {items.map((write) => (
              <Write key={write.id} write={write} />
            ))}
          </tbody>
        </table>
      )}
    </Paged>
  );
}

function Write({ write }: { write: ShownWrite }) {
  const { at, device, resource, path, before, after, state, answer, actor, revision, commit } = write;
  const [tone, word] = STATE[state];
  return (
    <tr>
      <td>
        <time dateTime={at}>{full(at)}</time>
      </td>
      <td>
        <DeviceLink name={device} />
      </td>
      <td>
        <code>{path}</code>
        {resource !== 'configuration' && <span class="hint"> {resource}</span>}
      </td>
      <td>
        <Value text={before} label="before" />
      </td>
      <td>
        <Value text={after} label="after" />
      </td>
      <td>
        <Badge tone={tone}>{word}</Badge>
        {answer !== null && <div class="hint">{answer}</div>}
      </td>
      <td>
        <Actor actor={actor} />
      </td>
      <td>
        {revision === null ? (
          <span class="hint">none</span>
        ) : (
          <Only name="revision" value={revision} short={revision.slice(-8)} />
        )}
        {commit !== null && <div class="hint">commit {commit.id.slice(0, 8)}</div>}
      </td>
    </tr>
  );
}

function Value({ text, label }: { text: string | null; label: string }) {
  return (
    <>
      <Narrow>{label}</Narrow>
      {text === null ? <span class="hint">nothing</span> : <code>{text}</code>}
    </>
  );
}

/** A rollout writes under its id, of which a piece is enough to tell two apart. */
export function Actor({ actor }: { actor: string }) {
  return <Only name="actor" value={actor} short={actor.replace(ID, '$<piece>')} />;
}

const ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{4}(?<piece>[0-9a-f]{8})/;

/** Chooses what else has the same. */
export function Only({ name, value, short = value }: { name: string; value: string; short?: string }) {
  return (
    <button
      type="button"
      class="plain"
      title={`Only ${value}`}
      onClick={() => setSearch({ [name]: value, before: null })}
    >
      {short}
    </button>
  );
}
