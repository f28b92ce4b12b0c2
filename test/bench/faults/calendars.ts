import { type AskedDevice, utilisationOf } from '../../../src/feedback/utilisation/question.ts';
import { rollUp } from '../../../src/feedback/utilisation/roll-up.ts';
import type { BucketSize } from '../../../src/feedback/utilisation/windows.ts';
import { ZoneClock } from '../../../src/lib/zone.ts';
import { presencePost } from '../../feedback/posts.ts';
import { post } from '../../feedback/receiver-client.ts';
import { setClock } from './clocks.ts';
import { until, withEars } from './ears.ts';
import type { Fault } from './fault.ts';

const HOUR_MS = 3_600_000;
const ZONE = 'Europe/Oslo';
const ROOM: AskedDevice = { id: 1, group: 'room-1', timezone: ZONE, capacity: null };

interface Day {
  readonly fault: string;
  /** Local midnights, as instants. */
  readonly from: string;
  readonly to: string;
  readonly size: BucketSize;
  /** Somebody is there in between. */
  readonly comes: string;
  readonly leaves: string;
  readonly expected: string;
}

/** Days that are not like others, as presence and utilisation have them. */
export const CALENDAR_FAULTS: readonly Fault[] = [
  day({
    fault: 'presence and utilisation over the night when the clocks go forward',
    from: '2026-03-28T23:00:00Z',
    to: '2026-03-29T22:00:00Z',
    size: 'hour',
    comes: '2026-03-29T00:30:00Z',
    leaves: '2026-03-29T01:30:00Z',
    expected: '23 rows of 1 h, occupied at 01:00 30 min and 03:00 30 min, presence yes for 60 min',
  }),
  day({
    fault: 'presence and utilisation over the night when the clocks go back',
    from: '2026-10-24T22:00:00Z',
    to: '2026-10-25T23:00:00Z',
    size: 'hour',
    comes: '2026-10-25T00:30:00Z',
    leaves: '2026-10-25T01:30:00Z',
    expected: '25 rows of 1 h, occupied at 02:00 30 min and 02:00 30 min, presence yes for 60 min',
  }),
  day({
    fault: 'presence and utilisation over the end of February in a leap year',
    from: '2028-02-27T23:00:00Z',
    to: '2028-03-01T23:00:00Z',
    size: 'day',
    comes: '2028-02-28T22:30:00Z',
    leaves: '2028-02-29T23:30:00Z',
    expected:
      '3 rows of 24 h, occupied at 28 30 min and 29 1440 min and 01 30 min, presence yes for 1500 min',
  }),
];

function day({ fault, from, to, size, comes, leaves, expected }: Day): Fault {
  return {
    fault,
    expected,
    try: () => {
      const clock = setClock(Date.parse(from));
      return withEars(
        async ({ port, database }) => {
          const say = (word: string, at: string): Promise<number> => {
            clock.set(Date.parse(at));
            return post(port, '/feedback/token-1', presencePost(word));
          };
          const statuses = [await say('No', from), await say('Yes', comes), await say('No', leaves)];
          if (statuses.some((status) => status !== 200)) return `HTTP ${statuses.join()}`;
          const presence = database.query.selectFrom('presence').selectAll().orderBy('from_at');
          await until(async () => (await database.read(presence)).length === 3);
          const yes = (await database.read(presence)).filter(({ state }) => state === 'yes');
          const yesMs = yes.reduce((sum, { from_at, to_at }) => sum + (to_at ?? 0) - from_at, 0);
          await rollUp(database, Date.parse(to));
          const asked = {
            from: { kind: 'instant' as const, at: Date.parse(from) },
            to: { kind: 'instant' as const, at: Date.parse(to) },
            size,
            hours: null,
          };
          const lengths = new Set<number>();
          const occupied: string[] = [];
          let rows = 0;
          for await (const row of utilisationOf(database, { devices: [ROOM], asked })) {
            rows += 1;
            lengths.add((row.to - row.from) / HOUR_MS);
            if (row.occupiedMs + row.emptyMs + row.unknownMs !== row.to - row.from)
              return 'a row is not whole';
            if (row.occupiedMs > 0) occupied.push(`${onWall(row.from, size)} ${row.occupiedMs / 60_000} min`);
          }
          return `${rows} rows of ${[...lengths].join(' and ')} h, occupied at ${occupied.join(' and ')}, presence yes for ${yesMs / 60_000} min`;
        },
        { clock },
      );
    },
  };
}

/** The hour, or the day of the month. */
function onWall(at: number, size: BucketSize): string {
  const wall = new Date(new ZoneClock(ZONE).wallAt(at)).toISOString();
  return size === 'hour' ? wall.slice(11, 16) : wall.slice(8, 10);
}
