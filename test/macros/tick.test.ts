import { describe, expect, it } from 'vitest';
import { firesAt, readSchedule, type Schedule } from '../../src/lib/cron.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { ZoneClock } from '../../src/lib/zone.ts';
import {
  decideMinute,
  decideMissed,
  lostRuns,
  MINUTE_MS,
  planMinutes,
  type Watched,
} from '../../src/macros/tick.ts';

const HOUR_MS = 60 * MINUTE_MS;

function schedule(text: string): Schedule {
  const { schedule: read, errors } = readSchedule(text);
  if (read === null) throw new Error(errors.join('; '));
  return read;
}

function utc(text: string): number {
  return Date.parse(`${text}:00Z`);
}

function fired(text: string, zone: string, from: string, to: string): string[] {
  const clock = new ZoneClock(zone);
  const found: string[] = [];
  for (let minute = utc(from); minute < utc(to); minute += MINUTE_MS)
    if (firesAt([schedule(text)], clock, minute)) found.push(new Date(minute).toISOString().slice(0, 16));
  return found;
}

describe('a schedule on the wall of its zone', () => {
  it('fires at 08:55 of each device’s own zone', () => {
    expect(fired('55 8 * * 1-5', 'Europe/Oslo', '2026-11-23T00:00', '2026-11-24T00:00')).toEqual([
      '2026-11-23T07:55',
    ]);
    expect(fired('55 8 * * 1-5', 'Asia/Kathmandu', '2026-11-23T00:00', '2026-11-24T00:00')).toEqual([
      '2026-11-23T03:10',
    ]);
    expect(fired('55 8 * * 1-5', 'America/New_York', '2026-11-22T00:00', '2026-11-24T00:00')).toEqual([
      '2026-11-23T13:55',
    ]);
  });

  it('fires a fixed hour that occurs twice only the first time', () => {
    expect(fired('30 2 * * *', 'Europe/Oslo', '2026-10-24T22:00', '2026-10-25T22:00')).toEqual([
      '2026-10-25T00:30',
    ]);
  });

  it('fires `*` and stepped hours in every real minute of an hour that occurs twice', () => {
    expect(fired('30 * * * *', 'Europe/Oslo', '2026-10-25T00:00', '2026-10-25T03:00')).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-25T02:30',
    ]);
    expect(fired('30 */2 * * *', 'Europe/Oslo', '2026-10-25T00:00', '2026-10-25T03:00')).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
    ]);
  });

  it('records a fixed hour that does not exist, once, at the jump', () => {
    const oslo = new ZoneClock('Europe/Oslo');
    const jump = utc('2026-03-29T01:00');
    expect(fired('30 2 * * *', 'Europe/Oslo', '2026-03-28T22:00', '2026-03-29T22:00')).toEqual([]);
    expect(lostRuns([schedule('30 2 * * *')], oslo, jump)).toEqual({
      dueAt: jump - 1,
      reason:
        '2026-03-29 02:30 does not exist in Europe/Oslo: the clocks went from 2026-03-29 02:00 to 2026-03-29 03:00',
    });
    expect(lostRuns([schedule('30 * * * *')], oslo, jump)).toBeNull();
    expect(lostRuns([schedule('30 2 * * *')], oslo, jump + MINUTE_MS)).toBeNull();
  });

  it('knows the half hour of Lord Howe and the day that Samoa left out', () => {
    expect(fired('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T12:00', '2026-04-04T18:00')).toHaveLength(
      1,
    );
    const apia = new ZoneClock('Pacific/Apia');
    const lost = lostRuns([schedule('0 8 * * *')], apia, utc('2011-12-30T10:00'));
    expect(lost?.reason).toContain('2011-12-30 08:00 does not exist');
  });
});

describe('against a clock that is walked minute by minute', () => {
  const zones = [
    'Europe/Oslo',
    'America/New_York',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Asia/Kathmandu',
    'Pacific/Chatham',
    'America/Santiago',
    'Antarctica/Troll',
    'Asia/Beirut',
    'Etc/UTC',
  ];

  for (const zone of zones) {
    it(`fires, repeats and skips as the wall of ${zone} shows`, () => {
      const random = seededRandom(20_261_123 + zones.indexOf(zone));
      const clock = new ZoneClock(zone);
      for (const from of windows(zone)) {
        const walls = walk(zone, from, 30 * 60);
        for (let round = 0; round < 6; round += 1) {
          const text = randomSchedule(random);
          const expected = oracle(text, walls);
          const one = schedule(text);
          const actual = { fires: [] as number[], lost: [] as number[] };
          for (const { at } of walls.slice(1)) {
            if (firesAt([one], clock, at)) actual.fires.push(at);
            if (lostRuns([one], clock, at) !== null) actual.lost.push(at);
          }
          expect({ zone, text, ...actual }).toEqual({ zone, text, ...expected });
        }
      }
    });
  }
});

/** A day and a bit around each change of clocks of 2026, and one quiet day. */
function windows(zone: string): number[] {
  const found = [utc('2026-07-10T00:00')];
  const start = utc('2026-01-01T00:00');
  for (let hour = 0; hour < 365 * 24; hour += 1) {
    const at = start + hour * HOUR_MS;
    if (offset(zone, at) !== offset(zone, at + HOUR_MS)) found.push(at - 6 * HOUR_MS);
  }
  return found;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Independent of ZoneClock: the offset as Intl names it. */
function offset(zone: string, at: number): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', hour: 'numeric' });
  formats.set(zone, format);
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name);
  const minutes = Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0);
  return (match?.[1] === '-' ? -minutes : minutes) * MINUTE_MS;
}

/** The first entry is the minute before the window. */
function walk(zone: string, from: number, minutes: number): { at: number; wall: number }[] {
  return Array.from({ length: minutes + 1 }, (_, index) => {
    const at = from + (index - 1) * MINUTE_MS;
    return { at, wall: at + offset(zone, at) };
  });
}

function oracle(
  text: string,
  walls: readonly { at: number; wall: number }[],
): { fires: number[]; lost: number[] } {
  const [minute = '', hour = '', , , weekday = ''] = text.split(' ');
  const isFixed = !/[*/]/.test(hour);
  const names = (wall: number): boolean => {
    const date = new Date(wall);
    return (
      inField(minute, date.getUTCMinutes(), 0, 59) &&
      inField(hour, date.getUTCHours(), 0, 23) &&
      inField(weekday, date.getUTCDay(), 0, 6)
    );
  };
  const seen = new Set<number>();
  const fires: number[] = [];
  const lost: number[] = [];
  let previous = walls[0]?.wall ?? 0;
  seen.add(previous);
  for (const { at, wall } of walls.slice(1)) {
    if (names(wall) && !(isFixed && seen.has(wall))) fires.push(at);
    const missing: number[] = [];
    for (let skipped = previous + MINUTE_MS; skipped < wall; skipped += MINUTE_MS) missing.push(skipped);
    if (isFixed && missing.some(names)) lost.push(at);
    seen.add(wall);
    previous = wall;
  }
  return { fires, lost };
}

function inField(field: string, value: number, first: number, last: number): boolean {
  return field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/');
    const [low = first, high = range.includes('-') ? undefined : range === '*' ? last : Number(range)] =
      range === '*' ? [first, last] : range.split('-').map(Number);
    return value >= low && value <= (high ?? low) && (value - low) % Number(step) === 0;
  });
}

function randomSchedule(random: () => number): string {
  const pick = (most: number): number => Math.floor(random() * most);
  const minute = [`${pick(60)}`, '*/15', '*', `${pick(30)},${30 + pick(30)}`, '0'][pick(5)];
  const hour = [`${pick(5)}`, `${pick(24)}`, '*', '*/2', `1-4`, `${pick(3)},${3 + pick(3)}`, '0-6/3'][
    pick(7)
  ];
  const weekday = ['*', '*', '1-5', '0', '6'][pick(5)];
  return `${minute} ${hour} * * ${weekday}`;
}

describe('planMinutes', () => {
  const onTimeMs = 90_000;

  it('begins with the minute after the very first look', () => {
    expect(planMinutes({ last: null, now: utc('2026-11-23T08:55') + 20_000, onTimeMs })).toEqual({
      due: [],
      missed: null,
      last: utc('2026-11-23T08:55'),
    });
  });

  it('looks at each minute once', () => {
    const last = utc('2026-11-23T08:55');
    expect(planMinutes({ last, now: last + 59_999, onTimeMs }).due).toEqual([]);
    expect(planMinutes({ last, now: last + 60_000, onTimeMs }).due).toEqual([last + MINUTE_MS]);
  });

  it('still runs the minute before after a quick restart, and calls older ones missed', () => {
    const last = utc('2026-11-23T08:50');
    expect(planMinutes({ last, now: utc('2026-11-23T08:55') + 20_000, onTimeMs })).toEqual({
      due: [utc('2026-11-23T08:54'), utc('2026-11-23T08:55')],
      missed: { from: utc('2026-11-23T08:51'), to: utc('2026-11-23T08:54') },
      last: utc('2026-11-23T08:55'),
    });
  });

  it('goes on from where the clock stands when it is put back', () => {
    const now = utc('2026-11-23T07:00');
    expect(planMinutes({ last: utc('2027-11-23T08:50'), now, onTimeMs })).toEqual({
      due: [now],
      missed: null,
      last: now,
    });
  });

  it('never leaves out or repeats a minute while the clock runs on, whatever the looks', () => {
    const random = seededRandom(7);
    let now = utc('2026-11-23T08:00');
    let last = planMinutes({ last: null, now, onTimeMs }).last;
    const seen: number[] = [];
    const start = last;
    for (let look = 0; look < 2_000; look += 1) {
      now += Math.floor(random() ** 4 * 400_000);
      const plan = planMinutes({ last, now, onTimeMs });
      if (plan.missed !== null)
        for (let minute = plan.missed.from; minute < plan.missed.to; minute += MINUTE_MS) seen.push(minute);
      seen.push(...plan.due);
      last = plan.last;
    }
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => start + (index + 1) * MINUTE_MS));
  });
});

describe('decisions', () => {
  it('run on the devices whose wall shows the time', () => {
    const dueAt = utc('2026-11-23T07:55');
    expect(decideMinute(watched('55 8 * * *'), dueAt)).toEqual([
      { action: 'run', macro: 'chore', device: 'oslo-1', dueAt, trigger: 'schedule' },
      { action: 'run', macro: 'chore', device: 'oslo-2', dueAt, trigger: 'schedule' },
    ]);
  });

  it('record one skip for everything that was missed', () => {
    const now = utc('2026-11-23T12:00');
    const missed = { from: utc('2026-11-23T07:00'), to: now, now };
    const decisions = decideMissed(watched('0 9,10,11 * * *'), missed);
    expect(decisions).toHaveLength(2);
    expect(decisions[0]).toMatchObject({ action: 'skip', device: 'oslo-1', dueAt: utc('2026-11-23T10:00') });
    expect(decisions[0]).toHaveProperty(
      'reason',
      '3 runs were missed (2026-11-23 09:00, 2026-11-23 10:00, 2026-11-23 11:00 in Europe/Oslo): roomd did not run, or its clock jumped, until 2026-11-23T12:00:00.000Z',
    );
  });

  it('make up only the last missed run, and only while it is fresh enough', () => {
    const now = utc('2026-11-23T10:20');
    const missed = { from: utc('2026-11-23T07:00'), to: now, now };
    const kinds = (catchUpMs: number) =>
      decideMissed(watched('0 9,10,11 * * *', catchUpMs), missed)
        .filter(({ device }) => device === 'oslo-1')
        .map(({ action, dueAt }) => [action, new Date(dueAt).toISOString().slice(11, 16)]);
    expect(kinds(30 * MINUTE_MS)).toEqual([
      ['skip', '09:00'],
      ['run', '10:00'],
    ]);
    expect(kinds(10 * MINUTE_MS)).toEqual([['skip', '10:00']]);
  });

  it('record a change of clocks that was slept through', () => {
    const now = utc('2026-03-29T06:00');
    const decisions = decideMissed(watched('30 2 * * *'), { from: utc('2026-03-29T00:00'), to: now, now });
    expect(decisions.map(({ device, dueAt }) => [device, dueAt])).toEqual([
      ['oslo-1', utc('2026-03-29T01:00') - 1],
      ['oslo-2', utc('2026-03-29T01:00') - 1],
    ]);
  });

  it('look back a week, not for ever', () => {
    const now = utc('2026-11-23T12:00');
    const [first] = decideMissed(watched('0 9 * * *'), { from: utc('2020-01-01T00:00'), to: now, now });
    expect(first).toHaveProperty('reason', expect.stringContaining('7 runs were missed'));
  });
});

function watched(text: string, catchUpMs: number | null = null): Watched[] {
  return [
    {
      macro: 'chore',
      schedules: [schedule(text)],
      catchUpMs,
      groups: [
        { zone: new ZoneClock('Europe/Oslo'), devices: ['oslo-1', 'oslo-2'] },
        { zone: new ZoneClock('Asia/Tokyo'), devices: ['tokyo-1'] },
      ],
    },
  ];
}
