import type { AlertList } from '../../../../src/actions/alerts.ts';
import { query } from '../../api.ts';
import { useLoaded } from '../../loaded.ts';
import { Words } from '../../parts/sentence.tsx';
import { Badge, Empty, Shown, Since, toneOf } from '../../parts/shown.tsx';

export function OpenAlerts({ name }: { name: string }) {
  const alerts = useLoaded<AlertList>(`/alerts${query({ devices: `"${name}"` })}`, { everyMs: 20_000 });
  return (
    <section aria-labelledby="alerts">
      <h2 id="alerts">Alerts</h2>
      <Shown of={alerts}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>None is open.</Empty>
          ) : (
            <ul class="plain-list">
              {items.map(({ id, severity, title, openedAt, acknowledgedBy, remedy }) => (
                <li key={id}>
                  <Badge tone={toneOf(severity)}>
                    <a href={`/alerts?alert=${id}`}>{title}</a>
                  </Badge>{' '}
                  <Since at={openedAt} before="for " />
                  {acknowledgedBy !== null && <span> · {acknowledgedBy} looks after it</span>}
                  <span class="doing">
                    <Words>{remedy}</Words>
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  );
}
