import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readTimeline, type TimelineItem, type TimelineQuery } from '../../src/feedback/timeline.ts';
import { SHOWN_EVENTS } from '../../src/feedback/timeline-sources.ts';
import type { Database } from '../../src/storage/database.ts';
import { appendEvents, type NewEvent } from '../../src/storage/events.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { addDevices } from './support.ts';

const HOUR = 3_600_000;
const DAY = Date.UTC(2026, 2, 2);

const QUERY: TimelineQuery = {
  deviceId: 1,
  selectors: [],
  from: DAY,
  to: DAY + 24 * HOUR,
  kinds: null,
  after: null,
  before: null,
  limit: 100,
};

function event(at: number, kind: string, payload: unknown, more: Partial<NewEvent> = {}): NewEvent {
  return { deviceId: 1, kind, path: null, payload, source: 'roomd', receivedAt: at, deviceAt: null, ...more };
}

/** As a device tells of a leaf without a value: the white space between its tags. */
function bareLeaf(name: string) {
  return { arguments: { [name]: '\n    ' }, value: null };
}

async function dayOnRecord(): Promise<Database> {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, 2);
  const { query } = database;
  await appendEvents(database, [
    event(DAY - 40 * HOUR, 'trust', { actor: 'anna' }),
    event(DAY + 7 * HOUR, 'gap', { from: DAY + HOUR, to: null, reason: 'roomd did not run', isOutage: true }),
    event(DAY + 7 * HOUR + 5, 'snapshot', { leaves: {} }, { source: 'session' }),
    event(
      DAY + 8 * HOUR,
      'write',
      { from: '15', to: '30', outcome: 'accepted', actor: 'cli:anna' },
      { path: 'Standby.Delay' },
    ),
    event(
      DAY + 8 * HOUR,
      'configuration',
      { leaves: { 'Standby.Delay': '30' }, gone: [] },
      { path: 'Standby.Delay', source: 'session' },
    ),
    event(
      DAY + 9 * HOUR,
      'event',
      { arguments: { PanelId: 'help' }, value: null },
      { path: 'UserInterface.Extensions.Panel.Clicked', source: 'webhook' },
    ),
    event(
      DAY + 9 * HOUR,
      'event',
      { arguments: {}, value: null },
      { path: 'CallSuccessful', source: 'webhook' },
    ),
    event(DAY + 9 * HOUR, 'status', { leaves: {}, gone: [] }, { source: 'webhook' }),
    event(DAY + 10 * HOUR, 'run', { macro: 'standup', state: 'succeeded', reason: null }),
    event(DAY + 10 * HOUR, 'run', { macro: 'elsewhere', state: 'succeeded', reason: null }, { deviceId: 2 }),
    event(DAY + 30 * HOUR, 'retire', { actor: 'anna' }),
  ]);
  const presence = { device_id: 1, last_count: null, source: 'webhook' };
  await database.write([
    query.insertInto('presence').values([
      { ...presence, state: 'no', from_at: DAY - 3 * HOUR, to_at: DAY + HOUR, max_count: null },
      { ...presence, state: 'unknown', from_at: DAY + HOUR, to_at: DAY + 7 * HOUR, max_count: null },
      { ...presence, state: 'yes', from_at: DAY + 9 * HOUR, to_at: null, max_count: 3 },
    ]),
    query.insertInto('call').values({
      device_id: 1,
      seq: 1,
      call_id: '2',
      direction: 'outgoing',
      protocol: 'Sip',
      state: 'ended',
      started_at: DAY + 10 * HOUR,
      is_start_known: 1,
      connected_at: DAY + 10 * HOUR,
      ended_at: DAY + 11 * HOUR,
      is_end_known: 1,
      outcome: 'connected',
      cause_type: null,
      cause: null,
      duration_s: 3_600,
      remote: null,
      remote_form: 'none',
      people_average: null,
    }),
    query.insertInto('span').values({
      device_id: 1,
      seq: 2,
      kind: 'software',
      key: '',
      value: 'ce26.4.1',
      from_at: DAY - 300 * 24 * HOUR,
      to_at: null,
      is_end_known: 1,
      detail_json: null,
    }),
    query.insertInto('hold').values([
      {
        id: 'a',
        selector: 'site=oslo',
        reason: 'fair',
        actor: 'anna',
        since_at: DAY + 2 * HOUR,
        released_at: DAY + 3 * HOUR,
      },
      {
        id: 'b',
        selector: 'site=rome',
        reason: 'fair',
        actor: 'anna',
        since_at: DAY + 2 * HOUR,
        released_at: null,
      },
    ]),
  ]);
  return database;
}

describe('The timeline of a device', () => {
  test('merges intervals and events in the order of time, and tells what nobody knows', async () => {
    const database = await dayOnRecord();
    const { items } = await readTimeline(database, { ...QUERY, selectors: ['site=oslo'] });
    expect(items.map(line)).toEqual([
      'software -7200 – now: runs ce26.4.1',
      'presence -3 – 1: nobody is there',
      'gap 1 – 7: nothing is known: roomd did not run',
      'presence 1 – 7: nobody knows whether somebody is there',
      'hold 2 – 3: held by anna (site=oslo): fair',
      'write 8: Standby.Delay: "15" → "30", accepted, by cli:anna',
      'configuration 8: Standby.Delay is "30"',
      'presence 9 – now: somebody is there, 3 at most',
      'event 9: UserInterface.Extensions.Panel.Clicked: PanelId "help"',
      'call 10 – 11: an outgoing call (Sip): connected',
      'run 10: macro standup: succeeded',
    ]);
    expect(items[2]).toMatchObject({ until: DAY + 7 * HOUR + 5, isOpen: false });
  });

  test('pages through the same items in both directions, whatever a page holds', async () => {
    const database = await dayOnRecord();
    const all = (await readTimeline(database, QUERY)).items.map(({ id }) => id);
    for (const limit of [1, 2, 3, 7]) {
      const forth: string[] = [];
      for (let after: TimelineQuery['after'] = null; ; ) {
        const page = await readTimeline(database, { ...QUERY, limit, after });
        forth.push(...page.items.map(({ id }) => id));
        if (!page.hasMore) break;
        after = page.last;
      }
      expect([limit, forth]).toEqual([limit, all]);
      const back: string[] = [];
      const end = { at: DAY + 48 * HOUR, source: 0, number: 0 };
      for (let before: TimelineQuery['before'] = end; before !== null; ) {
        const page = await readTimeline(database, { ...QUERY, limit, before });
        back.unshift(...page.items.map(({ id }) => id));
        before = page.hasMore ? page.first : null;
      }
      expect([limit, back]).toEqual([limit, all]);
    }
  });

  test('tells how roomd hears a device in the words of its sessions, and of tokens and floods', async () => {
    const { database, close } = await temporaryDatabase();
    onTestFinished(close);
    await addDevices(database, 1);
    const from = { source: 'webhook' as const, path: 'Bookings' };
    const panel = { source: 'webhook' as const, path: 'UserInterface.Extensions.Panel' };
    await appendEvents(database, [
      event(DAY + HOUR, 'slot-token', { stage: 'begun', actor: 'cli:anna' }),
      event(DAY + 2 * HOUR, 'slot-token', { stage: 'proven', by: 'post' }),
      event(DAY + 3 * HOUR, 'slot-token', { stage: 'ended' }),
      event(DAY + 4 * HOUR, 'flood', { stage: 'begun' }),
      event(DAY + 5 * HOUR, 'flood', { stage: 'ended' }),
      event(DAY + 6 * HOUR, 'event', bareLeaf('Updated'), from),
      event(DAY + 7 * HOUR, 'event', bareLeaf('LayoutUpdated'), panel),
    ]);
    const session = { device_id: 1, kind: 'session' as const, key: '', is_end_known: 1, detail_json: null };
    await database.write([
      database.query.insertInto('span').values([
        { ...session, seq: 1, value: 'waiting', from_at: DAY + 8 * HOUR, to_at: DAY + 9 * HOUR },
        { ...session, seq: 2, value: 'up-https', from_at: DAY + 9 * HOUR, to_at: null },
      ]),
    ]);
    const { items } = await readTimeline(database, QUERY);
    expect(items.map(line)).toEqual([
      'slot-token 1: its posts get another token (cli:anna)',
      'slot-token 2: its new token is proven by a post',
      'slot-token 3: its token of before is not accepted any more',
      'flood 4: it posts too fast and is answered late',
      'flood 5: it posts no faster than it may',
      'event 7: UserInterface.Extensions.Panel: LayoutUpdated',
      'session 8 – 9: no session: unreachable',
      'session 9 – now: roomd hears it: degraded',
    ]);
    const plan = await database.read<{ detail: string }>({
      compile: () =>
        sql`EXPLAIN QUERY PLAN SELECT seq FROM event WHERE device_id = 1 AND ${SHOWN_EVENTS} AND received_at >= 0 ORDER BY received_at LIMIT 5`.compile(
          database.query,
        ),
    });
    expect(plan.map(({ detail }) => detail).join()).toContain('event_for_timeline');
  });

  test('gives only the kinds that are wanted', async () => {
    const database = await dayOnRecord();
    const { items } = await readTimeline(database, { ...QUERY, kinds: new Set(['gap', 'run', 'software']) });
    expect(items.map(({ kind }) => kind)).toEqual(['software', 'gap', 'run']);
  });
});

function line({ kind, at, until, isOpen, title }: TimelineItem): string {
  const end = isOpen ? ' – now' : until === null ? '' : ` – ${hours(until)}`;
  return `${kind} ${hours(at)}${end}: ${title}`;
}

function hours(time: number): number {
  return Math.floor((time - DAY) / HOUR);
}
