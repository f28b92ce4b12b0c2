import { describe, expect, it } from 'vitest';
import type { MeetingService } from '../../../src/integrations/webex-meetings/meetings.ts';
import {
  type MeetDeps,
  type MeetOrder,
  planMeeting,
  scheduleNow,
} from '../../../src/integrations/webex-meetings/scheduled.ts';
import { type Logger, silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { APIS, clock, failureOf, planOf, restFor, standInFor } from './support.ts';

const MINUTE_MS = 60_000;

function orderOf(order: Partial<MeetOrder> = {}): MeetOrder {
  return {
    title: 'Boardroom now',
    minutes: 30,
    timezone: 'Europe/Oslo',
    invitees: [{ email: 'bob@example.com', displayName: 'Bob' }],
    sendEmail: true,
    password: new Secret('Sesame-1'),
    ...order,
  };
}

function depsOf(service: MeetingService, deps: Partial<MeetDeps> = {}): MeetDeps {
  let count = 0;
  const newId = (): string => `id-${(count += 1)}`;
  return { service, clock, random: seededRandom(1), newId, ...deps };
}

function planFor(order: Partial<MeetOrder>, now = Date.parse('2027-03-28T00:59:30Z')) {
  return planMeeting(orderOf(order), { now, mark: 'roomd 1' });
}

describe('the plan of a meeting that begins at once', () => {
  it('starts at the next whole minute and lasts what was asked, whatever the clocks do', () => {
    expect(planFor({ minutes: 90 }).time).toEqual({
      start: Date.parse('2027-03-28T01:00:00Z'),
      end: Date.parse('2027-03-28T02:30:00Z'),
      timezone: 'Europe/Oslo',
    });
    expect(planFor({}, Date.parse('2027-03-28T01:00:00Z')).time.start).toBe(
      Date.parse('2027-03-28T01:01:00Z'),
    );
  });

  it('lets the room in before the host, carries its mark, and invites each person once', () => {
    const plan = planFor({
      invitees: [
        { email: 'bob@example.com', displayName: 'Bob' },
        { email: 'Bob@Example.com', displayName: null },
        { email: 'carl@example.com', displayName: null },
      ],
    });
    expect(plan).toMatchObject({ joinBeforeHost: true, agenda: 'roomd 1', sendEmail: true });
    expect(plan.invitees.map(({ email }) => email)).toEqual(['bob@example.com', 'carl@example.com']);
  });

  it.each([
    ['an empty title', { title: ' ' }, /title/],
    ['a title that is too long', { title: 'x'.repeat(129) }, /128 characters/],
    ['nine minutes', { minutes: 9 }, /10 to 1439/],
    ['a whole day', { minutes: 1440 }, /10 to 1439/],
    ['half a minute', { minutes: 30.5 }, /whole minutes/],
    [
      'an invitee without an address',
      { invitees: [{ email: 'bob', displayName: null }] },
      /"bob" is no e-mail address/,
    ],
    [
      'more invitees than a meeting takes',
      {
        invitees: Array.from({ length: 1001 }, (_, at) => ({
          email: `p${at}@example.com`,
          displayName: null,
        })),
      },
      /at most 1000/,
    ],
  ] as const)('refuses %s before anything is sent', async (_, order, words) => {
    const failure = await failureOf(Promise.resolve().then(() => planFor(order)));
    expect(failure).toMatchObject({ code: 'invalid', isInDoubt: false });
    expect(failure.message).toMatch(words);
  });
});

describe.each(APIS)('a meeting scheduled now by $api', ({ client, create, get, remove }) => {
  it('has an address that a room can dial, and is there until it is taken back', async () => {
    const standIn = await standInFor();
    const before = clock.now();
    const scheduled = await scheduleNow(orderOf(), depsOf(client(standIn)));
    const held = standIn.meetings()[0];
    expect(held).toMatchObject({
      title: 'Boardroom now',
      agenda: 'roomd id-1',
      invitees: [{ email: 'bob@example.com' }],
    });
    expect(held?.start).toBeGreaterThan(before);
    expect((held?.end ?? 0) - (held?.start ?? 0)).toBe(30 * MINUTE_MS);
    expect(scheduled.sipAddress).toBe(`${held?.number}@example.webex.com`);
    await scheduled.undo();
    expect(standIn.meetings()).toEqual([]);
  });

  it('is taken back once, however often and by how many that is asked for', async () => {
    const standIn = await standInFor();
    const { undo } = await scheduleNow(orderOf(), depsOf(client(standIn)));
    await Promise.all([undo(), undo()]);
    await undo();
    expect(standIn.requests().filter(({ operation }) => operation === remove)).toHaveLength(1);
  });

  it('counts as taken back when somebody else has deleted it', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const { meeting, undo } = await scheduleNow(orderOf(), depsOf(service));
    await service.delete(meeting.id);
    await undo();
    expect(standIn.meetings()).toEqual([]);
  });

  it('is taken back although the service is away for a moment', async () => {
    const standIn = await standInFor();
    const { undo } = await scheduleNow(orderOf(), depsOf(client(standIn)));
    standIn.fault({ kind: 'status', status: 500, times: 1, operation: remove });
    await undo();
    expect(standIn.meetings()).toEqual([]);
  });

  it('says that it could not be taken back where the service wants to be left alone too long, and may be asked again', async () => {
    const standIn = await standInFor();
    const { undo } = await scheduleNow(orderOf(), depsOf(client(standIn)));
    standIn.fault({ kind: 'status', status: 503, retryAfterSeconds: 3600, times: 1, operation: remove });
    expect(await failureOf(undo())).toMatchObject({ code: 'unavailable', retryAfterMs: 3_600_000 });
    expect(standIn.meetings()).toHaveLength(1);
    await undo();
    expect(standIn.meetings()).toEqual([]);
  });

  it('says at the deadline that nobody knows whether it was taken back, and may be asked again', async () => {
    const standIn = await standInFor();
    const { undo } = await scheduleNow(orderOf(), depsOf(client(standIn), { undoDeadlineMs: 1000 }));
    standIn.fault({ kind: 'slow', delayMs: 3_600_000, times: 1, operation: remove });
    expect((await failureOf(undo())).code).toBe('deadline');
    await undo();
    expect(standIn.meetings()).toEqual([]);
  });

  it('is not tried again to be taken back where the service refuses', async () => {
    const standIn = await standInFor();
    const { undo } = await scheduleNow(orderOf(), depsOf(client(standIn)));
    standIn.fault({ kind: 'status', status: 403, times: 9, operation: remove });
    expect((await failureOf(undo())).code).toBe('forbidden');
    expect(standIn.requests().filter(({ operation }) => operation === remove)).toHaveLength(1);
    expect(standIn.meetings()).toHaveLength(1);
  });

  it('does not stay behind where it cannot be read', async () => {
    const standIn = await standInFor();
    standIn.fault({ kind: 'status', status: 403, times: 1, operation: get });
    expect((await failureOf(scheduleNow(orderOf(), depsOf(client(standIn))))).code).toBe('forbidden');
    expect(standIn.meetings()).toEqual([]);
  });

  it('does not stay behind where the answer to its making is lost', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    await service.create(planOf({ title: 'Boardroom now', start: nextMinute() }));
    standIn.fault({ kind: 'truncated', times: 1, operation: create });
    expect((await failureOf(scheduleNow(orderOf(), depsOf(service)))).isInDoubt).toBe(true);
    expect(standIn.meetings().map(({ agenda }) => agenda)).toEqual(['']);
  });

  it('does not stay behind where it is called off while it is made', async () => {
    const standIn = await standInFor();
    standIn.fault({ kind: 'slow', delayMs: 60_000, times: 1, operation: create });
    const off = new AbortController();
    const reason = new Error('somebody in the room cancelled');
    const work = scheduleNow(orderOf(), depsOf(client(standIn)), { signal: off.signal });
    await expect.poll(() => standIn.meetings().length).toBe(1);
    off.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(standIn.meetings()).toEqual([]);
  });

  it('is not looked for where nothing was sent, or the service refused', async () => {
    const standIn = await standInFor();
    standIn.fault({ kind: 'status', status: 400, times: 1, operation: create });
    expect((await failureOf(scheduleNow(orderOf(), depsOf(client(standIn))))).code).toBe('invalid');
    expect(standIn.requests().at(-1)?.operation).toBe(create);
  });

  it('is told of where it stays behind', async () => {
    const standIn = await standInFor();
    const told: object[] = [];
    const logger: Logger = { ...silentLogger, error: (facts) => void told.push(facts) };
    standIn.fault({ kind: 'status', status: 403, times: 9, operation: get });
    standIn.fault({ kind: 'status', status: 403, times: 9, operation: remove });
    await failureOf(scheduleNow(orderOf(), depsOf(client(standIn), { logger })));
    expect(told).toMatchObject([{ meeting: { title: 'Boardroom now' } }]);
  });
});

describe('a meeting without a SIP address', () => {
  it('is of no use to a room and is taken back', async () => {
    const standIn = await standInFor();
    const service = restFor(standIn);
    const addressless: MeetingService = Object.assign(Object.create(service) as MeetingService, {
      create: service.create.bind(service),
      delete: service.delete.bind(service),
      get: async (id: string) => ({ ...(await service.get(id)), sipAddress: null }),
    });
    expect((await failureOf(scheduleNow(orderOf(), depsOf(addressless)))).code).toBe('no-address');
    expect(standIn.meetings()).toEqual([]);
  });
});

function nextMinute(): number {
  return (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS;
}
