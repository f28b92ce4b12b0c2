import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { PresenceHistory } from '../../../../src/actions/presence.ts';
import { query } from '../../api.ts';
import { useLoaded } from '../../loaded.ts';
import { OneOf } from '../../parts/choice.tsx';
import { Empty, Shown } from '../../parts/shown.tsx';
import { lasting, nowMs } from '../../time.ts';
import { about } from '../device.tsx';

const DAY_MS = 86_400_000;
const SPANS = { '1d': 'a day', '7d': 'a week', '30d': 'a month' } as const;
const DAYS = { '1d': 1, '7d': 7, '30d': 30 } as const;

type Interval = PresenceHistory['items'][number];

/** Whether somebody was there and how many, with what is not known as wide as what is. */
export function PresencePast({ name }: { name: string }) {
  const [back, setBack] = useState<keyof typeof SPANS>('1d');
  const days = DAYS[back];
  // The span moves on by the minute, so that it is not another address with each drawing.
  const to = Math.ceil(nowMs() / 60_000) * 60_000;
  const from = to - days * DAY_MS;
  const [span, setSpan] = useState({ from, to, days });
  if (span.days !== days || to - span.to > 5 * 60_000) setSpan({ from, to, days });
  const path = `/presence/history${query({ device: name, from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() })}`;
  const past = useLoaded<PresenceHistory>(path, { when: about(name) });
  return (
    <section aria-labelledby="presence">
      <h2 id="presence">Presence</h2>
      <form class="filters">
        <OneOf label="Back" value={back} of={SPANS} set={setBack} />
      </form>
      <Shown of={past}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>Nothing is on record in this time.</Empty>
          ) : (
            <>
              <p>{inWords(items, span)}</p>
              <Chart items={items} span={span} />
            </>
          )
        }
      </Shown>
    </section>
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** What the chart shows, for those who do not see it. */
function inWords(items: readonly Interval[], span: Span): string {
  const times = { yes: 0, no: 0, unknown: span.to - span.from };
  let most = 0;
  for (const { from, to, state, maxCount } of items) {
    const length = (to === null ? Math.min(span.to, nowMs()) : Date.parse(to)) - Date.parse(from);
    if (state === 'unknown') continue;
    times[state] += length;
    times.unknown -= length;
    most = Math.max(most, maxCount ?? 0);
  }
  const people = most > 0 ? `, at most ${most} at once` : '';
  return `Occupied for ${lasting(times.yes)}${people}; empty for ${lasting(times.no)}; not known for ${lasting(times.unknown)}.`;
}

/** Steps: a count holds until the next; where nothing is known the line is broken. */
function pointsOf(items: readonly Interval[], span: Span): [number[], (number | null)[], (number | null)[]] {
  const times: number[] = [];
  const people: (number | null)[] = [];
  const unknown: (number | null)[] = [];
  const add = (at: number, state: Interval['state'], count: number | null): void => {
    times.push(at / 1_000);
    people.push(state === 'unknown' ? null : state === 'no' ? 0 : Math.max(1, count ?? 1));
    unknown.push(state === 'unknown' ? 0 : null);
  };
  let known = span.from;
  for (const { from, to, state, maxCount } of items) {
    const [begin, end] = [Date.parse(from), to === null ? Math.min(span.to, nowMs()) : Date.parse(to)];
    if (begin > known) add(known, 'unknown', null);
    add(begin, state, maxCount);
    add(end - 1, state, maxCount);
    known = end;
  }
  return [times, people, unknown];
}

function Chart({ items, span }: { items: readonly Interval[]; span: Span }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const style = getComputedStyle(element);
    const colour = (name: string): string => style.getPropertyValue(name);
    const axis = {
      stroke: style.color,
      grid: { stroke: style.borderTopColor, width: 1 },
      ticks: { show: false },
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: 180,
        cursor: { show: true },
        legend: { show: false },
        scales: {
          x: { min: span.from / 1_000, max: span.to / 1_000 },
          y: { range: (_plot, _min, max) => [0, Math.max(2, max + 1)] },
        },
        axes: [axis, { ...axis, size: 36, incrs: [1, 2, 5, 10, 20] }],
        series: [
          {},
          {
            label: 'people',
            stroke: colour('--chart-line') || style.color,
            fill: colour('--chart-fill') || 'transparent',
            width: 2,
            points: { show: false },
            ...stepped(),
          },
          {
            label: 'not known',
            stroke: colour('--chart-unknown') || style.color,
            width: 6,
            dash: [3, 5],
            points: { show: false },
          },
        ],
      },
      pointsOf(items, span),
      element,
    );
    const watcher = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 180 }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [items, span]);
  return (
    <div
      class="chart"
      ref={frame}
      role="img"
      aria-label="People over time; the sentence above says the same"
    />
  );
}

function stepped(): { paths?: uPlot.Series.PathBuilder } {
  const paths = uPlot.paths.stepped?.({ align: 1 });
  return paths === undefined ? {} : { paths };
}
