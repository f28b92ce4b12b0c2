import { Empty, Figure } from '../../parts/shown.tsx';
import { hoursText, meanPeople, percent, type Row, rangeOf, shareOf, sumOf } from './figures.ts';

/** The whole time of all rooms that were chosen, as a few numbers. */
export function Sums({ rows }: { rows: readonly Row[] }) {
  const occupied = sumOf(rows, 'occupiedMinutes');
  const known = occupied + sumOf(rows, 'emptyMinutes');
  const unknown = sumOf(rows, 'unknownMinutes');
  const lacking = shareOf(unknown, known + unknown);
  return (
    <div class="figures">
      <Figure value={rows.reduce((sum, { devices }) => sum + devices, 0)} word="rooms" />
      <Figure value={percent(shareOf(occupied, known))} word="of the known time used" />
      <Figure
        value={percent(lacking)}
        word="of the time unknown"
        tone={lacking !== null && lacking >= 0.1 ? 'warn' : 'calm'}
      />
      <Figure value={hoursText(occupied)} word="occupied" />
      <Figure value={hoursText(sumOf(rows, 'bookedMinutes'))} word="booked" />
      <Figure value={sumOf(rows, 'calls')} word="calls" />
    </div>
  );
}

/** What became of bookings, and use without one. */
export function Booked({ rows }: { rows: readonly Row[] }) {
  const booked = sumOf(rows, 'bookedMinutes');
  const parts = [
    ['used', 'booked and used', sumOf(rows, 'bookedUsedMinutes')],
    ['unused', 'booked and nobody came', sumOf(rows, 'bookedUnusedMinutes')],
    ['lack', 'booked, and whether used is unknown', sumOf(rows, 'bookedUnknownMinutes')],
  ] as const;
  return (
    <section aria-labelledby="booked">
      <h2 id="booked">Booked against used</h2>
      {booked === 0 ? (
        <Empty>Nothing was booked in that time, as far as the rooms told.</Empty>
      ) : (
        <>
          <div class="shares" aria-hidden="true">
            {parts.map(([kind, , minutes]) => (
              <span key={kind} class={kind} style={{ width: `${(minutes / booked) * 100}%` }} />
            ))}
          </div>
          <dl class="facts">
            {parts.map(([kind, word, minutes]) => (
              <div key={kind} class={`share ${kind}`}>
                <dt>{word}</dt>
                <dd>
                  {hoursText(minutes)} ({percent(minutes / booked)})
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <p>
        {hoursText(sumOf(rows, 'usedUnbookedMinutes'))} used without a booking, in rooms that tell of
        bookings.
      </p>
    </section>
  );
}

/** Who fits in against who was there. */
export function People({ rows }: { rows: readonly Row[] }) {
  const mean = meanPeople(rows);
  const peaks = rows.flatMap(({ peakPeople }) => peakPeople ?? []);
  const counted = shareOf(sumOf(rows, 'countedMinutes'), sumOf(rows, 'occupiedMinutes'));
  return (
    <section aria-labelledby="people">
      <h2 id="people">People against seats</h2>
      {mean === null ? (
        <Empty>Nobody was counted in that time.</Empty>
      ) : (
        <dl class="facts">
          <dt>People in a room, on average</dt>
          <dd>
            {mean.toFixed(1)}, {rangeOf(rows, 'meanOfCapacity')} of the seats
          </dd>
          <dt>The most in one room</dt>
          <dd>{peaks.length === 0 ? 'not known' : Math.max(...peaks)}</dd>
          <dt>The fullest room</dt>
          <dd>{rangeOf(rows, 'peakOfCapacity')} of its seats</dd>
          <dt>Counted</dt>
          <dd>in {percent(counted)} of the occupied time; of the rest nobody knows how many</dd>
        </dl>
      )}
    </section>
  );
}
