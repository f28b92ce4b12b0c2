import { Badge, DeviceLink, Empty } from '../../parts/shown.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { search, setSearch } from '../../route.ts';
import { hoursText, percent, type Row, shareOf } from './figures.ts';

/** Of a row of which less than this is known, its use says little: it is no best and no worst. */
const TELLING = 0.5;

/** Rooms, or rooms by a tag, side by side. */
export function Compared({ rows, by }: { rows: readonly Row[]; by: string }) {
  const sort = search.value.get('sort') ?? '-used';
  if (rows.length === 0) return <Empty>Nothing is known of that time.</Empty>;
  const little = rows.filter((row) => !isTelling(row)).length;
  return (
    <>
      <p class="hint">
        The head of a column sorts by it.
        {little > 0 &&
          ` ${little} of ${rows.length} stand at the end by use, because less than half of their time is known.`}
      </p>
      <Table
        label={by === 'device' ? 'Use of each room' : `Use by ${by}`}
        rows={sorted(rows, sort)}
        columns={columnsFor(rows, by)}
        keyOf={({ group, timezone }) => `${group} ${timezone}`}
        sort={sort}
        onSort={(next) => setSearch({ sort: next })}
      />
    </>
  );
}

function columnsFor(rows: readonly Row[], by: string): readonly Column<Row>[] {
  const isTwice = new Set(rows.map(({ group }) => group)).size < rows.length;
  return [
    {
      key: 'name',
      title: by === 'device' ? 'Room' : by,
      width: 'minmax(8rem, 2fr)',
      sortable: true,
      cell: ({ group, timezone }) =>
        by === 'device' ? (
          <DeviceLink name={group} />
        ) : (
          `${group === '' ? '(none)' : group}${isTwice ? ` (${timezone})` : ''}`
        ),
    },
    {
      key: 'used',
      title: 'Used',
      width: 'minmax(6rem, 1fr)',
      sortable: true,
      cell: (row) => (
        <>
          {percent(row.utilisation)} {!isTelling(row) && <Badge tone="warn">little known</Badge>}
        </>
      ),
    },
    {
      key: 'unknown',
      title: 'Unknown',
      width: 'minmax(5.5rem, 1fr)',
      sortable: true,
      cell: ({ coverage }) => percent(coverage === null ? null : 1 - coverage),
    },
    {
      key: 'occupied',
      title: 'Occupied',
      width: 'minmax(6rem, 1fr)',
      sortable: true,
      isMinor: true,
      cell: ({ occupiedMinutes }) => hoursText(occupiedMinutes),
    },
    {
      key: 'booked',
      title: 'Booked',
      width: 'minmax(6rem, 1fr)',
      sortable: true,
      isMinor: true,
      cell: ({ bookedMinutes }) => hoursText(bookedMinutes),
    },
    {
      key: 'unused',
      title: 'Nobody came',
      width: 'minmax(8rem, 1fr)',
      sortable: true,
      isMinor: true,
      cell: ({ bookedUnusedMinutes, bookedMinutes }) =>
        bookedMinutes === 0
          ? ''
          : `${hoursText(bookedUnusedMinutes)} (${percent(bookedUnusedMinutes / bookedMinutes)})`,
    },
    {
      key: 'people',
      title: 'People',
      width: 'minmax(8rem, 1fr)',
      sortable: true,
      isMinor: true,
      cell: ({ meanPeople, peakPeople }) =>
        meanPeople === null ? 'not counted' : `${meanPeople.toFixed(1)}, at most ${peakPeople ?? '?'}`,
    },
    {
      key: 'seats',
      title: 'Of seats',
      width: 'minmax(6rem, 1fr)',
      sortable: true,
      isMinor: true,
      cell: ({ meanOfCapacity }) => (meanOfCapacity === null ? '' : percent(meanOfCapacity)),
    },
  ];
}

function isTelling({ coverage }: Row): boolean {
  return coverage !== null && coverage >= TELLING;
}

/** Null: nothing is known to sort by. */
const SORT_BY: Readonly<Record<string, (row: Row) => number | null>> = {
  used: (row) => (isTelling(row) ? row.utilisation : null),
  unknown: ({ coverage }) => (coverage === null ? null : 1 - coverage),
  occupied: ({ occupiedMinutes }) => occupiedMinutes,
  booked: ({ bookedMinutes }) => bookedMinutes,
  unused: ({ bookedUnusedMinutes, bookedMinutes }) => shareOf(bookedUnusedMinutes, bookedMinutes),
  people: ({ meanPeople }) => meanPeople,
  seats: ({ meanOfCapacity }) => meanOfCapacity,
};

const BY_NAME = new Intl.Collator(undefined, { numeric: true });

/** What is not known stands at the end, whichever way round. */
function sorted(rows: readonly Row[], sort: string): readonly Row[] {
  const isDown = sort.startsWith('-');
  const by = SORT_BY[isDown ? sort.slice(1) : sort];
  const sign = isDown ? -1 : 1;
  return rows.toSorted((a, b) => {
    const byName = BY_NAME.compare(a.group, b.group);
    if (by === undefined) return sign * byName;
    const [left, right] = [by(a), by(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || byName;
    return sign * (left - right) || byName;
  });
}
