import { afterEach, beforeEach, expect, it } from 'vitest';
import { Holds } from '../../src/fleet/hold.ts';
import { SelectorError } from '../../src/fleet/selector.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { uuidv7 } from '../../src/lib/random.ts';
import { readEvents } from '../../src/storage/events.ts';
import { sampleDevice } from '../macros/sample-fleet.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';

const clock = new ManualClock(1_000);
const oslo = sampleDevice('oslo-1', { tags: { site: 'oslo' } });
const bergen = sampleDevice('bergen-1', { tags: { site: 'bergen' } });
let temporary: TemporaryDatabase;
let holds: Holds;

const newHolds = (): Holds => new Holds({ database: temporary.database, clock, newId: uuidv7(clock) });

beforeEach(async () => {
  temporary = await temporaryDatabase();
  holds = newHolds();
  await holds.load();
});

afterEach(() => temporary.close());

it('holds the devices of its selector, or all, until it is released, over restarts', async () => {
  expect(holds.over(oslo)).toBeNull();
  await holds.place({ selector: 'site=oslo', reason: 'audit', actor: 'anna' });
  expect([holds.over(oslo), holds.over(bergen)]).toEqual(['held by anna: audit', null]);
  await holds.place({ selector: null, reason: 'fire', actor: 'bert' });
  const later = newHolds();
  await later.load();
  expect([later.over(oslo), later.over(bergen)]).toEqual(['held by anna: audit', 'held by bert: fire']);
  await later.release({ selector: null, actor: 'anna' });
  expect([later.over(oslo), later.over(bergen)]).toEqual(['held by anna: audit', null]);
  await later.release({ selector: null, every: true, actor: 'anna' });
  expect(later.list()).toEqual([]);
  const last = newHolds();
  await last.load();
  expect(last.list()).toEqual([]);
});

it('is in force from the call on, before it is stored', async () => {
  const placing = holds.place({ selector: null, reason: 'fire', actor: 'anna' });
  expect(holds.over(oslo)).toBe('held by anna: fire');
  await placing;
});

it('that cannot be stored is not in force', async () => {
  await temporary.database.close();
  await expect(holds.place({ selector: null, reason: 'fire', actor: 'anna' })).rejects.toThrow(/closed/);
  expect(holds.over(oslo)).toBeNull();
});

it('refuses a selector that cannot be read', async () => {
  await expect(holds.place({ selector: 'site=&', reason: 'x', actor: 'anna' })).rejects.toThrow(
    SelectorError,
  );
  expect(holds.list()).toEqual([]);
});

it('is an event when it is placed and when it is released', async () => {
  const { id } = await holds.place({ selector: null, reason: 'audit', actor: 'anna' });
  await holds.release({ selector: null, actor: 'bert' });
  await holds.release({ selector: 'site=oslo', actor: 'bert' });
  const events = await readEvents(temporary.database, { afterSeq: 0, limit: 10 });
  expect(events.map(({ kind, payload }) => [kind, payload])).toEqual([
    ['hold', { placed: id, selector: null, reason: 'audit', actor: 'anna' }],
    ['hold', { released: [id], actor: 'bert' }],
  ]);
});
