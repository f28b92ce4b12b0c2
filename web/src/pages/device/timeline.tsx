import { useState } from 'preact/hooks';
import type { Timeline as TimelineAnswer } from '../../../../src/actions/timeline.ts';
import { query } from '../../api.ts';
import { useLoaded } from '../../loaded.ts';
import { OneOf } from '../../parts/choice.tsx';
import { Empty, Shown } from '../../parts/shown.tsx';
import { full, lasting } from '../../time.ts';
import { about } from '../device.tsx';

const SPANS = { '6h': '6 hours', '1d': 'a day', '7d': 'a week' } as const;
const PAGE = 100;

/** What happened to the room and what lasted there, the latest first. */
export function Timeline({ name }: { name: string }) {
  const [span, setSpan] = useState<keyof typeof SPANS>('1d');
  const [before, setBefore] = useState<string | null>(null);
  const path = `/devices/${encodeURIComponent(name)}/timeline${query({ since: span, limit: PAGE, before: before ?? 'end' })}`;
  const page = useLoaded<TimelineAnswer>(path, { when: about(name) });
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <form class="filters">
        <OneOf
          label="Back"
          value={span}
          of={SPANS}
          set={(chosen) => {
            setBefore(null);
            setSpan(chosen);
          }}
        />
      </form>
      <Shown of={page}>
        {({ items, previousCursor }) => (
          <>
            {items.length === 0 && <Empty>Nothing is on record in this time.</Empty>}
            <ol class="timeline">
              {items.toReversed().map(({ id, kind, at, until, isOpen, title }) => (
                <li key={id}>
                  <time dateTime={at}>{full(at)}</time>
                  <span class="kind">{kind}</span>
                  <span>
                    {title}
                    {until !== null && ` (${lasting(Date.parse(until) - Date.parse(at))})`}
                    {isOpen && until === null && ' (lasts)'}
                  </span>
                </li>
              ))}
            </ol>
            <div class="buttons">
              {before !== null && (
                <button type="button" onClick={() => setBefore(null)}>
                  Latest
                </button>
              )}
              {previousCursor !== null && (
                <button type="button" onClick={() => setBefore(previousCursor)}>
                  Earlier
                </button>
              )}
            </div>
          </>
        )}
      </Shown>
    </section>
  );
}
