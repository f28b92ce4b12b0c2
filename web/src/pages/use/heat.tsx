import type { WeekHour } from '../../../../src/actions/utilisation-week.ts';
import { Empty } from '../../parts/shown.tsx';
import { hoursText, percent } from './figures.ts';

const DAYS = [
  ['mon', 'Monday'],
  ['tue', 'Tuesday'],
  ['wed', 'Wednesday'],
  ['thu', 'Thursday'],
  ['fri', 'Friday'],
  ['sat', 'Saturday'],
  ['sun', 'Sunday'],
] as const;

/** Hours of the day by days of the week: a number in each, of a stronger colour where more is used, striped as far as nobody knows. */
export function Heat({ hours }: { hours: readonly WeekHour[] }) {
  if (hours.length === 0) return <Empty>No hour of that time was summed up yet.</Empty>;
  const cells = new Map(hours.map((cell) => [`${cell.weekday} ${cell.hour}`, cell]));
  const days = DAYS.filter(([day]) => hours.some(({ weekday }) => weekday === day));
  const shown = [...new Set(hours.map(({ hour }) => hour))].sort((one, other) => one - other);
  return (
    <>
      <div class="table-wrap">
        <table class="heat">
          <caption>
            Share of the known time in which somebody was there, by the clock of each room. The stronger the
            colour, the more was used. Striped, and the small number: so much of the time is unknown.
          </caption>
          <thead>
            <tr>
              <th scope="col">
                <span class="unseen">Hour</span>
              </th>
              {days.map(([day, name]) => (
                <th key={day} scope="col" abbr={name}>
                  {name.slice(0, 3)}
                  <span class="unseen">{name.slice(3)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((hour) => (
              <tr key={hour}>
                <th scope="row">{String(hour).padStart(2, '0')}:00</th>
                {days.map(([day, name]) => (
                  <Cell key={day} cell={cells.get(`${day} ${hour}`)} day={name} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Cell({ cell, day }: { cell: WeekHour | undefined; day: string }) {
  if (cell === undefined)
    return (
      <td class="none">
        <span class="unseen">does not count</span>
      </td>
    );
  const { utilisation, coverage, hour, occupiedMinutes, emptyMinutes, unknownMinutes } = cell;
  const unknown = 1 - (coverage ?? 0);
  const title = `${day} ${hour}:00 to ${hour + 1}:00: occupied ${hoursText(occupiedMinutes)}, empty ${hoursText(emptyMinutes)}, unknown ${hoursText(unknownMinutes)}`;
  return (
    <td
      title={title}
      style={{ '--used': `${((utilisation ?? 0) * 100).toFixed(1)}%`, '--unknown': `${unknown * 100}%` }}
    >
      {utilisation !== null && (
        <>
          {percent(utilisation)}
          <span class="unseen"> used</span>
        </>
      )}
      {unknown > 0 && (
        <small>
          {utilisation === null ? '' : percent(unknown)}
          <span class="word">{utilisation === null ? '' : ' '}unknown</span>
          <span class="mark" aria-hidden="true">
            {' ?'}
          </span>
        </small>
      )}
    </td>
  );
}
