import type { DeedList, ShownDeed } from '../../../../src/actions/deeds.ts';
import { useLoaded } from '../../loaded.ts';
import { Heads } from '../../parts/heads.tsx';
import { Paged } from '../../parts/pager.tsx';
import { DeviceLink } from '../../parts/shown.tsx';
import { search } from '../../route.ts';
import { full } from '../../time.ts';
import { asked } from './filters.tsx';
import { Actor } from './writes.tsx';

/** Events that tell of a deed, or that something came of one. */
const TELLING: ReadonlySet<string> = new Set([
  'hold',
  'trust',
  'retire',
  'maintenance',
  'alert',
  'chat',
  'deed',
  'run',
  'write',
]);

/** What people did: approvals, holds, maintenances, alerts looked after, macros by hand, trust and more. */
export function Deeds() {
  const isNewest = !search.value.has('before');
  const deeds = useLoaded<DeedList>(`/deeds${asked(['device', 'actor', 'since'])}`, {
    when: ({ kind }) => TELLING.has(kind) && isNewest,
  });
  return (
    <Paged of={deeds} word="deeds" empty="Nobody did anything like that.">
      {(items) => (
        <table class="stack">
          <Heads of={['When', 'Who', 'What', 'Device']} />
          <tbody>
            {items.map((deed, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two deeds may be alike in all
              <Deed key={`${deed.at} ${deed.kind} ${at}`} deed={deed} />
            ))}
          </tbody>
        </table>
      )}
    </Paged>
  );
}

function Deed({ deed }: { deed: ShownDeed }) {
  const { at, actor, what, device } = deed;
  const href = hrefOf(deed);
  return (
    <tr>
      <td>
        <time dateTime={at}>{full(at)}</time>
      </td>
      <td>
        <Actor actor={actor} />
      </td>
      <td>{href === null ? what : <a href={href}>{what}</a>}</td>
      <td>{device !== null && <DeviceLink name={device} />}</td>
    </tr>
  );
}

/** Where more of it is told. */
function hrefOf({ kind, id }: ShownDeed): string | null {
  if (id === null) return null;
  if (kind === 'run') return `/macros?run=${id}`;
  if (kind === 'acknowledge') return `/alerts?alert=${id}`;
  return kind === 'approve' ? `/audit?revision=${id}` : null;
}
