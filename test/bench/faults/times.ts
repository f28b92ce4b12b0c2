import { firesAt, readSchedule } from '../../../src/lib/cron.ts';
import { ZoneClock } from '../../../src/lib/zone.ts';
import { lostRuns } from '../../../src/macros/tick.ts';
import { presencePost } from '../../feedback/posts.ts';
import { post } from '../../feedback/receiver-client.ts';
import { setClock } from './clocks.ts';
import { until, withEars } from './ears.ts';
import type { Fault } from './fault.ts';

const MINUTE_MS = 60_000;

export const TIME_FAULTS: readonly Fault[] = [
  fires(
    'the night when the clocks go forward: 02:30 does not exist',
    '30 2 * * *',
    '2026-03-28T23:00:00Z',
    0,
    1,
  ),
  fires('the night when the clocks go back: 02:30 comes twice', '30 2 * * *', '2026-10-24T22:00:00Z', 1),
  fires('a leap day', '0 9 29 2 *', '2028-02-28T23:00:00Z', 1),
  fires('the same day in a year without one', '0 9 29 2 *', '2027-02-28T23:00:00Z', 0),
  {
    fault: 'the clock is set back an hour between two posts',
    expected: 'both HTTP 200, one interval after the other, none ends before it begins',
    try: async () => {
      const clock = setClock(Date.UTC(2026, 5, 1, 12));
      return withEars(
        async ({ port, database }) => {
          const statuses = [await post(port, '/feedback/token-1', presencePost('Yes'))];
          clock.set(Date.UTC(2026, 5, 1, 11));
          statuses.push(await post(port, '/feedback/token-1', presencePost('No')));
          let rows: { from_at: number; to_at: number | null; state: string }[] = [];
          await until(async () => {
            rows = await database.read(
              database.query.selectFrom('presence').select(['from_at', 'to_at', 'state']).orderBy('from_at'),
            );
            return rows.at(-1)?.state === 'no' || rows.length > 1;
          });
          const isOrdered = rows.every(
            ({ from_at, to_at }, at) =>
              (to_at === null || to_at >= from_at) && (at === 0 || (rows[at - 1]?.to_at ?? 0) <= from_at),
          );
          return `${statuses.every((status) => status === 200) ? 'both HTTP 200' : statuses.join()}, ${isOrdered ? 'one interval after the other, none ends before it begins' : JSON.stringify(rows)}`;
        },
        { clock },
      );
    },
  },
];

/** How often a schedule fires within the day after an instant, in Oslo, and how many runs are told as lost. */
function fires(fault: string, text: string, from: string, times: number, lost = 0): Fault {
  return {
    fault,
    expected: told(text, times, lost),
    async try() {
      const { schedule } = readSchedule(text);
      if (schedule === null) return 'the schedule cannot be read';
      const zone = new ZoneClock('Europe/Oslo');
      let count = 0;
      let losses = 0;
      for (let at = Date.parse(from), end = at + 1_440 * MINUTE_MS; at < end; at += MINUTE_MS) {
        if (firesAt([schedule], zone, at)) count += 1;
        if (lostRuns([schedule], zone, at) !== null) losses += 1;
      }
      return told(text, count, losses);
    },
  };
}

function told(text: string, fired: number, lost: number): string {
  const times = fired === 0 ? 'never' : fired === 1 ? 'once' : `${fired} times`;
  return `"${text}" fires ${times}${lost === 0 ? '' : ', and the lost run is told with why'}`;
}
