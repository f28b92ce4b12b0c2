import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { rollUp, workOffMarks } from '../../src/feedback/utilisation/roll-up.ts';
import { expectAccessible, hasChromium, openTab } from '../support/browser.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Oslo's clock is of the rooms; here it does not change within the time. */
const PLACES = `layers:
  - { name: oslo, devices: "hall | attic", tags: { site: oslo }, capacity: 6 }
  - { name: bergen, devices: cellar, tags: { site: bergen } }
`;

/**
 * Three rooms of which the last five days are on record: hall was used from
 * nine to twelve in UTC each day by three people, attic never, and of cellar
 * nothing is known.
 */
async function usedDays(): Promise<RunningDaemon> {
  const simulator = await simulated([{ name: 'hall' }, { name: 'attic' }, { name: 'cellar' }]);
  const running = await runDaemon(
    fleetText({ devices: simulator.devices, more: PLACES }).replace('Europe/Oslo', 'Etc/UTC'),
  );
  const { ports } = running.daemon;
  const { database } = ports;
  const end = Math.floor(Date.now() / DAY) * DAY;
  const days = Array.from({ length: 5 }, (_, at) => end - (5 - at) * DAY);
  const [hall, attic] = [ports.deviceId('hall') ?? 0, ports.deviceId('attic') ?? 0];
  const { query } = database;
  const presence = (device_id: number, state: 'yes' | 'no', from_at: number, to_at: number) =>
    query
      .insertInto('presence')
      .values({ device_id, state, from_at, to_at, source: 'session', max_count: null, last_count: null });
  await database.write([
    { compile: () => sql`UPDATE device SET created_at = ${days[0]}`.compile(query) },
    ...days.flatMap((day) => [
      presence(hall, 'no', day, day + 9 * HOUR),
      presence(hall, 'yes', day + 9 * HOUR, day + 12 * HOUR),
      presence(hall, 'no', day + 12 * HOUR, day + DAY),
      presence(attic, 'no', day, day + DAY),
      query.insertInto('people_count').values({
        device_id: hall,
        from_at: day + 9 * HOUR,
        to_at: day + 12 * HOUR,
        count: 3,
        seq: 1,
      }),
    ]),
    query.insertInto('booking').values({
      device_id: hall,
      seq: 1,
      booking_id: '1',
      meeting_id: null,
      organizer: null,
      organizer_form: 'none',
      start_at: end - DAY + 11 * HOUR,
      end_at: end - DAY + 15 * HOUR,
      extended_times: 0,
      began_at: null,
      ended_at: null,
      state: 'ended',
    }),
  ]);
  await rollUp(database, end);
  await workOffMarks(database, { keptFrom: 0 });
  return running;
}

interface Sums {
  readonly occupied: number;
  readonly empty: number;
  readonly devices: number;
}

/** What the database holds of one hour of the last of the days. */
async function cellsAt({ daemon }: RunningDaemon, hour: number): Promise<Sums> {
  const { database } = daemon.ports;
  const at = Math.floor(Date.now() / DAY) * DAY - DAY + hour * HOUR;
  const asked = sql<Sums>`SELECT sum(occupied_ms) AS occupied, sum(empty_ms) AS empty,
    count(DISTINCT device_id) AS devices FROM utilisation WHERE at >= ${at} AND at < ${at + HOUR}`;
  const [sums] = await database.read<Sums>({ compile: () => asked.compile(database.query) });
  if (sums === undefined) throw new Error('no cell');
  return sums;
}

describe.skipIf(!hasChromium)('The page of use (needs Chromium)', () => {
  test('shows each hour of the week as the database has it, with what is unknown beside it', async () => {
    const running = await usedDays();
    const { page, errors, elsewhere } = await openTab(running.daemon.url, { path: '/use?span=7d' });
    const day = new Date(Date.now() - DAY).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
    const table = page.getByRole('table', { name: /Share of the known time/ });
    await table.waitFor();
    const heads = await table.getByRole('columnheader').allInnerTexts();
    const column = heads.findIndex((head) => head.replace(/\s/g, '') === day);
    const cell = async (hour: string): Promise<string> => {
      const row = table.getByRole('row').filter({ has: page.getByRole('rowheader', { name: hour }) });
      return (
        await row
          .getByRole('cell')
          .nth(column - 1)
          .innerText()
      ).replace(/\s+/g, ' ');
    };
    const ten = await cellsAt(running, 10);
    expect(ten).toEqual({ occupied: HOUR, empty: HOUR, devices: 2 });
    // One of three rooms is not known of: a third of the time, in words.
    expect(await cell('10:00')).toMatch(/^50% used 33% ?unknown/);
    expect(await cell('13:00')).toMatch(/^0% used 33% ?unknown/);

    const figures = page.locator('.figures');
    // Hall: 15 of 240 known hours of both rooms. How much of today is unknown is for the daemon to say.
    await figures.getByText('6%').waitFor();
    const answer = await running.get('/api/v1/utilisation?since=7d&by=fleet&bucket=span');
    const { items } = (await answer.json()) as { items: { coverage: number }[] };
    await figures.getByText(`${Math.round((1 - (items[0]?.coverage ?? 0)) * 100)}%`).waitFor();
    expect(await page.getByRole('region', { name: 'Booked against used' }).innerText()).toMatch(
      /booked and used\s+60 min \(25%\)\s+booked and nobody came\s+3 h \(75%\)/,
    );
    expect(await page.getByRole('region', { name: 'People against seats' }).innerText()).toMatch(
      /3\.0, 50% of the seats/,
    );
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('compares rooms and tags, counts office hours only, and gives the table as CSV', async () => {
    const running = await usedDays();
    const { page, errors } = await openTab(running.daemon.url, { path: '/use?span=7d' });
    const table = page.getByRole('table', { name: 'Use of each room' });
    const names = async (): Promise<string[]> => (await table.getByRole('link').allInnerTexts()).slice(0, 3);
    await table.getByRole('link', { name: 'cellar' }).waitFor();
    // What is not known of is neither the best nor the worst.
    expect(await names()).toEqual(['hall', 'attic', 'cellar']);
    await table.getByRole('button', { name: 'Used' }).click();
    await eventually(async () => expect(await names()).toEqual(['attic', 'hall', 'cellar']));
    await page.waitForURL(/sort=used/);

    await page.getByRole('combobox', { name: 'From' }).selectOption('09:00');
    await page.getByRole('combobox', { name: 'Until' }).selectOption('13:00');
    await page.waitForURL(/hours=09%3A00-13%3A00/);
    await eventually(async () =>
      expect(await table.getByRole('row').filter({ hasText: 'hall' }).innerText()).toMatch(/75%/),
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download this table as CSV' }).click(),
    ]);
    const csv = await readFile(await download.path(), 'utf8');
    const [head = '', ...lines] = csv.trim().split('\r\n');
    const at = head.split(',').indexOf('occupiedMinutes');
    expect(lines.map((line) => [line.split(',')[0], line.split(',')[at]])).toEqual([
      ['attic', '0'],
      ['cellar', '0'],
      ['hall', '900'],
    ]);

    await page.getByRole('combobox', { name: 'Compare' }).selectOption('site');
    await page.getByRole('table', { name: 'Use by site' }).getByText('oslo').waitFor();
    await page.getByRole('combobox', { name: 'Rooms' }).fill('site=bergen');
    await page.keyboard.press('Enter');
    await page.locator('.figures').getByText('100%').waitFor();
    await expectAccessible(page);
    expect(errors).toEqual([]);
  }, 60_000);

  test('says so where nothing was summed up yet, and what is wrong with a selector', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { daemon } = await runDaemon(fleetText({ devices: simulator.devices }));
    const { page, elsewhere } = await openTab(daemon.url, { path: '/use' });
    await page
      .getByText(/Nothing is known of that time yet|unknown/)
      .first()
      .waitFor();
    await page.getByRole('combobox', { name: 'Rooms' }).fill('site=nowhere');
    await page.keyboard.press('Enter');
    await page
      .getByRole('alert')
      .getByText(/no device has a tag "site"/)
      .waitFor();
    await expectAccessible(page);
    expect(elsewhere).toEqual([]);
  }, 60_000);
});
