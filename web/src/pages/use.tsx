import type { ShownTag } from '../../../src/actions/tags.ts';
import type { WeekHour } from '../../../src/actions/utilisation-week.ts';
import { query } from '../api.ts';
import { useLoaded } from '../loaded.ts';
import { Choice } from '../parts/choice.tsx';
import { SelectorField, selected, useTags } from '../parts/selector.tsx';
import { Empty, Shown } from '../parts/shown.tsx';
import { search, setSearch } from '../route.ts';
import { present } from '../time.ts';
import { Compared } from './use/compared.tsx';
import type { Row } from './use/figures.ts';
import { Heat } from './use/heat.tsx';
import { Booked, People, Sums } from './use/sums.tsx';

interface Items<Item> {
  readonly items: readonly Item[];
}

const DAY_MS = 86_400_000;
const SPANS = { '7d': 'the last 7 days', '30d': 'the last 30 days', '90d': 'the last 90 days' } as const;
/** What is used is rolled up by quarters of an hour. */
const EVERY_MS = 300_000;

/** How rooms were used; what nobody knows always stands beside it. */
export function Use() {
  const tags = useTags();
  const asked = useAsked();
  const by = search.value.get('by') ?? 'device';
  const inAll = `/utilisation${query({ ...asked, by: 'fleet', bucket: 'span' })}`;
  const byHour = `/utilisation/week${query({ ...asked })}`;
  const compared = `/utilisation${query({ ...asked, by, bucket: 'span' })}`;
  const sums = useLoaded<Items<Row>>(inAll, { everyMs: EVERY_MS });
  const week = useLoaded<Items<WeekHour>>(byHour, { everyMs: EVERY_MS });
  const rows = useLoaded<Items<Row>>(compared, { everyMs: EVERY_MS });
  return (
    <>
      <h1>Use</h1>
      <Filters tags={tags} />
      <Shown of={sums}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>
              Nothing is known of that time yet. What happens is summed up by quarters of an hour, some
              minutes after each.
            </Empty>
          ) : (
            <>
              <Sums rows={items} />
              <div class="halves">
                <section aria-labelledby="week">
                  <h2 id="week">The week, hour by hour</h2>
                  <Shown of={week}>{(answer) => <Heat hours={answer.items} />}</Shown>
                  <Download href={byHour} name="week.csv">
                    Download the week as CSV
                  </Download>{' '}
                  <Download
                    href={`/utilisation${query({ ...asked, by: 'fleet', bucket: 'hour' })}`}
                    name="hours.csv"
                  >
                    Each single hour as CSV
                  </Download>
                </section>
                <div>
                  <Booked rows={items} />
                  <People rows={items} />
                </div>
              </div>
              <section aria-labelledby="compared">
                <h2 id="compared">{by === 'device' ? 'Rooms, best and worst' : `Compared by ${by}`}</h2>
                <div class="filters">
                  <Choice
                    label="Compare"
                    value={by === 'device' ? null : by}
                    all="rooms"
                    of={[...new Set(tags.map(({ tag }) => tag))].map((tag) => [tag, `by ${tag}`])}
                    set={(value) => setSearch({ by: value })}
                  />
                </div>
                <Shown of={rows}>{(answer) => <Compared rows={answer.items} by={by} />}</Shown>
                <Download href={compared} name={`use-by-${by}.csv`}>
                  Download this table as CSV
                </Download>
              </section>
            </>
          )
        }
      </Shown>
    </>
  );
}

/** Swedes write days as RFC 3339 does. */
const ISO_DAY = new Intl.DateTimeFormat('sv');

/** What every question of the page has in common, from the address. */
function useAsked() {
  const span = search.value.get('span');
  const days = Number.parseInt(span !== null && span in SPANS ? span : '30d', 10);
  const begin = new Date(present.value - days * DAY_MS);
  // A day means each room's own, so that all questions are about exactly the same time.
  const since = ISO_DAY.format(begin);
  const [hours, weekdays] = [search.value.get('hours'), search.value.get('days')];
  return { devices: selected(), since, hours, days: weekdays };
}

function Filters({ tags }: { tags: readonly ShownTag[] }) {
  const hours = search.value.get('hours') ?? '';
  const [from = '', until = ''] = hours.split('-');
  return (
    <div class="filters">
      <SelectorField tags={tags} />
      <Choice
        label="Time"
        value={search.value.get('span')}
        all={SPANS['30d']}
        of={[
          ['7d', SPANS['7d']],
          ['90d', SPANS['90d']],
        ]}
        set={(span) => setSearch({ span })}
      />
      <Choice
        label="Days"
        value={search.value.get('days')}
        all="every day"
        of={[
          ['mon-fri', 'Monday to Friday'],
          ['sat,sun', 'Saturday and Sunday'],
        ]}
        set={(days) => setSearch({ days })}
      />
      <Choice
        label="From"
        value={from === '00:00' ? null : from || null}
        all="midnight"
        of={HOURS.slice(1, 24).map((hour) => [hour, hour])}
        set={(value) => setHours({ from: value ?? '', until })}
      />
      <Choice
        label="Until"
        value={until === '24:00' ? null : until || null}
        all="midnight"
        of={HOURS.slice(1, 24).map((hour) => [hour, hour])}
        set={(value) => setHours({ from, until: value ?? '' })}
      />
      {(hours !== '08:00-18:00' || search.value.get('days') !== 'mon-fri') && (
        <button type="button" onClick={() => setSearch({ hours: '08:00-18:00', days: 'mon-fri' })}>
          Office hours
        </button>
      )}
    </div>
  );
}

/** All of the day is no choice at all. */
function setHours({ from, until }: { from: string; until: string }): void {
  const isAll = ['', '00:00'].includes(from) && ['', '24:00'].includes(until);
  setSearch({ hours: isAll ? null : `${from || '00:00'}-${until || '24:00'}` });
}

const HOURS = Array.from({ length: 25 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);

function Download({ href, name, children }: { href: string; name: string; children: string }) {
  return (
    <a href={`/api/v1${href}&format=csv`} download={name}>
      {children}
    </a>
  );
}
