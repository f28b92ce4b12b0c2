import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Row, Rows } from '../../src/actions/rows.ts';
import { rollUp, workOffMarks } from '../../src/feedback/utilisation/roll-up.ts';
import { sendRows } from '../../src/http/rows.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { line } from '../cli/command-line.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

const HOUR = 3_600_000;
/** A Monday in winter; long ago, so that all of it is settled. */
const START = Date.UTC(2026, 0, 5);

/** A daemon on whose record two rooms were used every working morning of a week. */
async function usedWeek(): Promise<RunningDaemon> {
  const simulator = await simulated([{ name: 'hall' }, { name: 'attic' }]);
  const running = await runDaemon(fleetText({ devices: simulator.devices }));
  const { database } = running.daemon.ports;
  const rows = ['hall', 'attic'].flatMap((name) =>
    Array.from({ length: 5 }, (_, day) => {
      const from = START + day * 24 * HOUR + 8 * HOUR;
      const shared = { device_id: running.daemon.ports.deviceId(name) ?? 0, source: 'session' };
      const counted = { max_count: 3, last_count: 3 };
      return [
        { ...shared, ...counted, state: 'yes' as const, from_at: from, to_at: from + 3 * HOUR },
        { ...shared, ...counted, state: 'no' as const, from_at: from + 3 * HOUR, to_at: from + 24 * HOUR },
      ];
    }).flat(),
  );
  await database.write([
    { compile: () => sql`UPDATE device SET created_at = ${START}`.compile(database.query) },
    ...rows.map((row) => database.query.insertInto('presence').values(row)),
    database.query.insertInto('booking').values({
      device_id: rows[0]?.device_id ?? 0,
      seq: 1,
      booking_id: '1',
      meeting_id: null,
      organizer: '=cmd|calc, "Ann"',
      organizer_form: 'full',
      start_at: START + 9 * HOUR,
      end_at: START + 12 * HOUR,
      extended_times: 0,
      began_at: null,
      ended_at: null,
      state: 'ended',
    }),
  ]);
  await rollUp(database, START + 7 * 24 * HOUR);
  await workOffMarks(database, { keptFrom: 0 });
  return running;
}

const WEEK = 'since=2026-01-05&until=2026-01-10';

describe('rows over HTTP', () => {
  test('are JSON, CSV or JSON Lines, as Accept or format say, and the same by every door', async () => {
    const { get, daemon, folder } = await usedWeek();
    const json = await get(`/api/v1/utilisation?${WEEK}&by=fleet&bucket=week`);
    expect(json.headers.get('content-type')).toMatch(/^application\/json/);
    const { items } = (await json.json()) as { items: Row[] };
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      group: 'fleet',
      devices: 2,
      occupiedMinutes: 2 * 5 * 180,
      bookedMinutes: 180,
      bookedUsedMinutes: 120,
      bookedUnusedMinutes: 60,
      usedUnbookedMinutes: 5 * 180 - 120,
    });
    const office = await get(`/api/v1/utilisation?${WEEK}&hours=08:00-12:00&days=mon-fri&format=jsonl`);
    const hall = (await office.text()).split('\n').filter((text) => text.includes('"hall"'));
    const [monday, ...others] = hall.map((text) => JSON.parse(text) as Row);
    // Its first hour was before anything was heard: unknown, not empty.
    expect(monday).toMatchObject({
      occupiedMinutes: 180,
      emptyMinutes: 0,
      unknownMinutes: 60,
      coverage: 0.75,
    });
    expect(others).toMatchObject(
      Array.from({ length: 4 }, () => ({
        occupiedMinutes: 180,
        emptyMinutes: 60,
        unknownMinutes: 0,
        coverage: 1,
        utilisation: 0.75,
      })),
    );
    const csv = await fetch(`${daemon.url}/api/v1/export/bookings?${WEEK}`, {
      headers: { accept: 'text/csv' },
    });
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    const text = await csv.text();
    expect(text.split('\r\n')[1]).toMatch(/^hall,1,,"'=cmd\|calc, ""Ann""",full,2026-01-05T09:00:00\.000Z,/);
    const printed = await line(['export', 'bookings', '--since', '2026-01-05', '--until', '2026-01-10'], {
      cwd: folder,
    });
    expect(`${printed.out}\r\n`).toBe(text);
    const presence = await line(
      ['export', 'presence', '--since', '2026-01-05', '--until', '2026-01-10', '--format', 'jsonl'],
      { cwd: folder },
    );
    expect(presence.out.trim().split('\n')).toHaveLength(20);
    const table = await line(
      ['utilisation', '--since', '2026-01-05', '--until', '2026-01-10', '--bucket', 'week', '--by', 'fleet'],
      { cwd: folder },
    );
    expect(table.out).toMatch(/^WHO +WHEN +ROOMS +OCCUPIED/);
    expect(table.out).toMatch(/fleet +2026-01-05 +2 +30:00/);
  });

  test('sum a whole time into one row, and all weeks into hours of the week, with the same minutes', async () => {
    const { get } = await usedWeek();
    const rows = async (path: string): Promise<Row[]> => {
      const { items } = (await (await get(`/api/v1/${path}`)).json()) as { items: Row[] };
      return items;
    };
    const [whole, ...more] = await rows(`utilisation?${WEEK}&by=fleet&bucket=span`);
    expect(more).toEqual([]);
    expect(whole).toMatchObject({ occupiedMinutes: 2 * 5 * 180, bookedMinutes: 180, meanPeople: null });
    const hours = await rows(`utilisation/week?${WEEK}`);
    const hourly = await rows(`utilisation?${WEEK}&by=fleet&bucket=hour`);
    for (const figure of ['occupiedMinutes', 'emptyMinutes', 'unknownMinutes', 'bookedUnusedMinutes']) {
      const sum = (of: readonly Row[]) => of.reduce((all, row) => all + Number(row[figure]), 0);
      expect([figure, sum(hours)]).toEqual([figure, sum(hourly)]);
    }
    // 08:00 in UTC is nine in Oslo.
    const nine = hours.filter(({ hour }) => hour === 9);
    expect(nine.map(({ weekday, utilisation }) => [weekday, utilisation])).toEqual(
      ['mon', 'tue', 'wed', 'thu', 'fri'].map((weekday) => [weekday, 1]),
    );
    const [first] = await rows(`utilisation/week?${WEEK}`);
    // Nothing counts before roomd knew of the rooms, and what was before the first word is unknown.
    expect(first).toMatchObject({ weekday: 'mon', hour: 1, coverage: 0, utilisation: null });
    const office = await rows(`utilisation/week?${WEEK}&hours=09:00-10:00&days=tue`);
    expect(office).toMatchObject([{ weekday: 'tue', hour: 9, occupiedMinutes: 120 }]);
  });

  test('say what is wrong with a question before anything is sent', async () => {
    const { get } = await usedWeek();
    const answers = await Promise.all(
      ['hours=8-18', 'by=floor', 'timezone=Mars', 'since=2026-13-01', 'since=1d&until=2d'].map((query) =>
        get(`/api/v1/utilisation?${query}`),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
  });
});

test('while a reader is slow no rows are made, and none once it has gone', async () => {
  let made = 0;
  let isEnded = false;
  async function* endless(): AsyncGenerator<Row> {
    try {
      for (;;) {
        made += 1;
        yield { text: 'x'.repeat(1_000) };
      }
    } finally {
      isEnded = true;
    }
  }
  const app = express();
  app.get('/', async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await sendRows(new Rows(['text'], endless()), {
      request,
      response,
      signal: gone.signal,
      clock: systemClock(),
    });
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
  client.write('GET / HTTP/1.1\r\nhost: x\r\naccept: text/csv\r\n\r\n');
  let before = -1;
  await eventually(() => {
    const last = before;
    before = made;
    // Two looks at a distance see the same: nothing goes on.
    expect(made).toBe(last);
    expect(made).toBeGreaterThan(0);
  });
  // What the kernel's buffers take, and no more: megabytes, however many there are.
  expect(made).toBeLessThan(20_000);
  client.destroy();
  await eventually(() => expect(isEnded).toBe(true));
});
