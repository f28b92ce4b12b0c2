import type { AlertList } from '../../../src/actions/alerts.ts';
import { query } from '../api.ts';
import { useLoaded } from '../loaded.ts';
import { Paged } from '../parts/pager.tsx';
import { Words } from '../parts/sentence.tsx';
import { Badge, Since, toneOf } from '../parts/shown.tsx';
import { search, setSearch } from '../route.ts';
import { clock } from '../time.ts';
import { MaintenanceNow } from './alerts/maintenance.tsx';
import { OneAlert } from './alerts/one.tsx';
import { About, Care, Told } from './alerts/parts.tsx';

/** What is wrong and who looks after it, and where nobody is to be told; or one alert (`?alert=`). */
export function Alerts() {
  const alert = search.value.get('alert');
  return alert === null ? <AllAlerts /> : <OneAlert key={alert} id={alert} />;
}

type Alert = AlertList['items'][number];

/** All that are open are asked for at once, so that the gravest can stand first; those that are over, page by page. */
const MOST_OPEN = 500;
const ON_A_PAGE = 50;

function AllAlerts() {
  const isAll = search.value.get('show') === 'all';
  const devices = search.value.get('devices');
  const cursor = search.value.get('before');
  const asked = { all: isAll, devices, cursor, limit: isAll ? ON_A_PAGE : MOST_OPEN };
  const alerts = useLoaded<AlertList>(`/alerts${query(asked)}`, {
    when: ({ kind }) => kind === 'alert' || kind === 'maintenance',
    everyMs: 30_000,
  });
  return (
    <>
      <h1>Alerts</h1>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          Show
          <select
            value={isAll ? 'all' : ''}
            onChange={(event) => setSearch({ show: event.currentTarget.value, before: null })}
          >
            <option value="">those that are open</option>
            <option value="all">also those that are over</option>
          </select>
        </label>
        <label>
          About the devices
          <input
            type="search"
            value={devices ?? ''}
            placeholder="all, or site=oslo"
            onChange={(event) => setSearch({ devices: event.currentTarget.value.trim(), before: null })}
          />
        </label>
      </form>
      <Paged
        of={alerts}
        word="alerts"
        empty={isAll || devices !== null ? 'No alert is like that.' : 'None is open. Nothing needs anybody.'}
      >
        {(items) => (
          <ul class="cards">
            {(isAll ? items : byGravity(items)).map((alert) => (
              <AlertCard key={alert.id} alert={alert} reload={alerts.reload} />
            ))}
          </ul>
        )}
      </Paged>
      <MaintenanceNow />
    </>
  );
}

const RANK = { critical: 0, warning: 1, info: 2 } as const;

function byGravity(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.toSorted(
    (a, b) => RANK[a.severity] - RANK[b.severity] || a.openedAt.localeCompare(b.openedAt),
  );
}

function AlertCard({ alert, reload }: { alert: Alert; reload: () => void }) {
  const { id, severity, title, cleared, detail, remedy, openedAt, resolvedAt, undelivered } = alert;
  const isOver = resolvedAt !== null;
  return (
    <li class={`card ${isOver ? '' : toneOf(severity)}`}>
      <div class="title">
        <Badge tone={isOver ? 'good' : toneOf(severity)}>{isOver ? 'over' : severity}</Badge>
        <a href={`/alerts?alert=${id}`}>{isOver ? cleared : title}</a>
      </div>
      <p class="about">
        <About alert={alert} />{' '}
        {isOver ? (
          <time dateTime={openedAt}>
            {clock(openedAt)} to {clock(resolvedAt)}
          </time>
        ) : (
          <Since at={openedAt} before="for " />
        )}
      </p>
      {!isOver && (
        <>
          <p>{detail}</p>
          <p class="doing">
            <Words>{remedy}</Words>
          </p>
        </>
      )}
      <Told alert={alert} undelivered={undelivered} />
      <Care alert={alert} reload={reload} />
    </li>
  );
}
