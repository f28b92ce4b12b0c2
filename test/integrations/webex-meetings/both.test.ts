import { describe, expect, it } from 'vitest';
import type { MeetingService } from '../../../src/integrations/webex-meetings/meetings.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { MeetingsStandIn } from '../../../src/simulator/cloud/meetings.ts';
import {
  APIS,
  ada,
  clock,
  collect,
  failureOf,
  planOf,
  restFor,
  standInFor,
  tomorrow,
  xmlFor,
} from './support.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

async function listed(service: MeetingService, from = clock.now(), to = clock.now() + 7 * DAY_MS) {
  const found = await collect(service.list({ from, to }));
  return found.toSorted((a, b) => a.start - b.start);
}

function heldBy(standIn: MeetingsStandIn): object | undefined {
  return standIn.meetings()[0];
}

describe.each(APIS)('the client of Webex Meetings by $api', ({ client }) => {
  it('creates a meeting that the service holds as it was planned', async () => {
    const standIn = await standInFor();
    const plan = planOf({
      agenda: 'Numbers & names',
      invitees: [
        { email: 'bob@example.com', displayName: 'Bob' },
        { email: 'carl@example.com', displayName: 'Carl' },
      ],
    });
    const id = await client(standIn).create(plan);
    expect(standIn.meetings()).toHaveLength(1);
    expect(heldBy(standIn)).toMatchObject({
      title: 'Stand-up',
      agenda: 'Numbers & names',
      start: plan.time.start,
      end: plan.time.end,
      timezone: 'Europe/Berlin',
      password: 'Sesame-1',
      joinBeforeHost: true,
      host: ada,
      invitees: [
        { email: 'bob@example.com', displayName: 'Bob' },
        { email: 'carl@example.com', displayName: 'Carl' },
      ],
    });
    expect([standIn.meetings()[0]?.id, standIn.meetings()[0]?.number]).toContain(id);
  });

  it('reads a meeting with what a room dials and where people join', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const plan = planOf({ agenda: 'Numbers' });
    const id = await service.create(plan);
    const meeting = await service.get(id);
    const held = standIn.meetings()[0];
    expect(meeting).toMatchObject({
      id,
      title: 'Stand-up',
      agenda: 'Numbers',
      start: plan.time.start,
      end: plan.time.end,
      sipAddress: `${held?.number}@example.webex.com`,
    });
    expect(meeting.password?.reveal()).toBe('Sesame-1');
    expect(await service.joinUrl(id)).toBe(`https://example.webex.com/example/j.php?MTID=m${held?.id}`);
  });

  it('changes what it is told to and leaves the rest', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const plan = planOf({ agenda: 'Numbers', invitees: [{ email: 'bob@example.com', displayName: null }] });
    const id = await service.create(plan);
    await service.update(id, { title: 'Sit-down' });
    expect(heldBy(standIn)).toMatchObject({ title: 'Sit-down', agenda: 'Numbers', ...timesOf(plan) });
    const later = planOf({ start: plan.time.start + 60 * MINUTE_MS, minutes: 45, timezone: 'Asia/Tokyo' });
    await service.update(id, { agenda: 'Names', time: later.time });
    expect(heldBy(standIn)).toMatchObject({
      title: 'Sit-down',
      agenda: 'Names',
      ...timesOf(later),
      timezone: 'Asia/Tokyo',
      password: 'Sesame-1',
      invitees: [{ email: 'bob@example.com' }],
    });
  });

  it('deletes a meeting, and says of one that is gone that it is not found', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const id = await service.create(planOf());
    await service.delete(id);
    expect(standIn.meetings()).toEqual([]);
    for (const again of [service.delete(id), service.get(id), service.update(id, { title: 'x' })])
      expect((await failureOf(again)).code).toBe('not-found');
    expect((await failureOf(service.invitees(id))).code).toBe('not-found');
    expect((await failureOf(service.joinUrl(id))).isInDoubt).toBe(false);
  });

  it('does not see the meetings of others', async () => {
    const standIn = await standInFor();
    const others = restFor(standIn, { secret: () => Promise.resolve(new Secret('bob-token')) });
    await others.create(planOf());
    const service = client(standIn);
    expect(await listed(service)).toEqual([]);
    expect((await failureOf(service.get(standIn.meetings()[0]?.id ?? ''))).code).toBe('not-found');
  });

  it('lists what starts in a range, whichever API made it, the end left out', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const start = tomorrow();
    const [rest, xml] = [restFor(standIn), xmlFor(standIn)];
    await rest.create(planOf({ title: 'before', start: start - 20 * MINUTE_MS }));
    await rest.create(planOf({ title: 'first', start }));
    await xml.create(planOf({ title: 'second', start: start + 20 * MINUTE_MS }));
    await xml.create(planOf({ title: 'after', start: start + 40 * MINUTE_MS }));
    const found = await listed(service, start, start + 40 * MINUTE_MS);
    expect(found.map(({ title }) => title)).toEqual(['first', 'second']);
    expect(found[0]).toMatchObject({ start, end: start + 30 * MINUTE_MS });
    const reached = await Promise.all(found.map(({ id }) => service.get(id)));
    expect(reached.map(({ title }) => title)).toEqual(['first', 'second']);
  });

  it('lists nothing where there is nothing', async () => {
    expect(await listed(client(await standInFor()))).toEqual([]);
    expect(await listed(client(await standInFor({ xml: { emptyListFails: true } })))).toEqual([]);
  });

  it('follows the pages of a hundred and fifty meetings to the end, each once', async () => {
    const standIn = await standInFor({ pageSize: 40, xml: { pageSize: 40 } });
    const service = client(standIn);
    const start = tomorrow();
    for (let at = 0; at < 150; at += 1)
      await service.create(planOf({ title: `meeting ${at}`, start: start + at * MINUTE_MS }));
    const before = standIn.requests().length;
    const found = await listed(service);
    expect(found.map(({ title }) => title)).toEqual(Array.from({ length: 150 }, (_, at) => `meeting ${at}`));
    expect(standIn.requests().length - before).toBe(4);
  });

  it.each([
    ['what XML uses', `R&D <b>"quoted"</b> 'single' ]]> &amp;`],
    ['emoji and other scripts', 'Überblick 🚀👩‍💻 – 日本語 עברית'],
  ])('carries a title with %s to the service and back', async (_, title) => {
    const standIn = await standInFor();
    const service = client(standIn);
    const id = await service.create(
      planOf({ title, agenda: title, invitees: [{ email: 'bob@example.com', displayName: title }] }),
    );
    expect(heldBy(standIn)).toMatchObject({ title, agenda: title, invitees: [{ displayName: title }] });
    expect(await service.get(id)).toMatchObject({ title, agenda: title });
    expect(await service.invitees(id)).toEqual([{ email: 'bob@example.com', displayName: title }]);
    expect(await listed(service)).toMatchObject([{ title }]);
  });

  it('invites people once each', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const id = await service.create(
      planOf({ invitees: [{ email: 'carl@example.com', displayName: 'Carl' }] }),
    );
    await service.invite(id, { email: 'bob@example.com', displayName: 'Bob' });
    await service.invite(id, { email: 'BOB@example.com', displayName: 'Bob again' });
    expect(await service.invitees(id)).toEqual([
      { email: 'bob@example.com', displayName: 'Bob' },
      { email: 'carl@example.com', displayName: 'Carl' },
    ]);
    expect(standIn.meetings()[0]?.invitees).toHaveLength(2);
  });

  it('keeps the instant through both changes of the clocks, in zones that the API knows and others', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const instants = clockChanges();
    for (const timezone of ['Europe/Berlin', 'America/New_York', 'Europe/Oslo', 'UTC']) {
      for (const start of instants) {
        const id = await service.create(planOf({ start, minutes: 90, timezone }));
        const held = standIn.meetings().at(-1);
        expect([held?.start, held?.end], `${timezone} ${new Date(start).toISOString()}`).toEqual([
          start,
          start + 90 * MINUTE_MS,
        ]);
        expect(await service.get(id)).toMatchObject({ start, end: start + 90 * MINUTE_MS });
      }
    }
  });
});

function timesOf({ time }: { time: { start: number; end: number } }): object {
  return { start: time.start, end: time.end };
}

/** The hours around both changes of the clocks next year, in Berlin and New York, every half hour. */
function clockChanges(): number[] {
  const year = new Date(clock.now()).getUTCFullYear() + 1;
  const sunday = (month: number, nth: number): number => {
    const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
    return Date.UTC(year, month, 1 + ((7 - first) % 7) + 7 * nth);
  };
  const lastSunday = (month: number): number => {
    const fifth = sunday(month, 4);
    return new Date(fifth).getUTCMonth() === month ? fifth : sunday(month, 3);
  };
  const changes = [
    lastSunday(2) + 3_600_000,
    lastSunday(9) + 3_600_000,
    sunday(2, 1) + 7 * 3_600_000,
    sunday(10, 0) + 6 * 3_600_000,
  ];
  return changes.flatMap((change) =>
    [-90, -60, -30, 0, 30, 60, 90].map((minutes) => change + minutes * MINUTE_MS),
  );
}
