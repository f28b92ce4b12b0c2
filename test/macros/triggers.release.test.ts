import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { happen } from '../../src/cli/rehearsal/happen.ts';
import { Rehearsal } from '../../src/cli/rehearsal/rehearsal.ts';
import type { Happening } from '../../src/cli/rehearsal/test-file.ts';
import { sampleDevice, sampleFleet } from './sample-fleet.ts';
import { macro, newWorld, type World } from './world.ts';

const START = Date.parse('2026-11-23T07:00:00Z');
const MINUTE_MS = 60_000;

const told = '{{trigger.kind}} {{trigger.value}} {{trigger.id}} {{trigger.path}}';

/** A macro for each trigger, of its name. */
const MACROS = Object.entries({
  schedule: { schedule: '5 8 * * *' },
  awake: { feedback: { path: '/Status/Standby/State', value: 'Standby' } },
  prompted: {
    feedback: { path: '/Event/UserInterface/Extensions/Panel/Clicked', where: { PanelId: 'one' } },
  },
  empty: { presence: { is: 'no', for: '10m' } },
  before: { booking: { at: 'start', offset: '-5m' } },
  after: { booking: { at: 'end', offset: '2m' } },
  begun: { call: 'start' },
  over: { call: 'end' },
  panel: { panel: 'help' },
  touched: { widget: { id: 'lights', type: 'pressed', value: 'on' } },
}).map(([name, when]) => macro({ name, when, steps: [{ log: told }] }));

async function rehearsed() {
  const device = sampleDevice('boardroom-1', {
    feedback: {
      format: 'XML',
      slot: null,
      expressions: ['/Status/Standby', '/Status/RoomAnalytics', '/Status/Call', '/Event/UserInterface'],
    },
  });
  const fleet = sampleFleet({ macros: MACROS, devices: [device] });
  const rehearsal = await Rehearsal.begin({ fleet, start: START, mode: 'enforce', seed: 1 });
  onTestFinished(() => rehearsal.end());
  const room = rehearsal.device('boardroom-1');
  if (room === null) throw new Error('no room');
  const does = async (what: Happening, thenMs = MINUTE_MS): Promise<void> => {
    happen(room, what, rehearsal.clock.now());
    await rehearsal.advance(thenMs);
  };
  /** What set runs off since it was asked last: the macro, minutes since the start, and what it says of its trigger. */
  let seen = 0;
  const setOff = async (): Promise<string[]> => {
    const runs = (await rehearsal.runs()).slice(seen);
    seen += runs.length;
    return runs.map(({ macro: name, dueAt, steps }) =>
      [name, (dueAt - START) / MINUTE_MS, steps[0]?.result ?? ''].join(' ').trim(),
    );
  };
  return { rehearsal, does, setOff };
}

describe('a macro is set off', () => {
  it('by the clock, by what a device tells and how, by touches, calls, presence that lasts, and bookings', async () => {
    const { does, setOff } = await rehearsed();
    await does({ people: 1 }, 6 * MINUTE_MS);
    expect(await setOff()).toEqual([expect.stringMatching(/^schedule 5 /)]);

    await does({ standby: true });
    expect(await setOff()).toEqual([expect.stringMatching(/^awake .* feedback Standby .*Standby\.State/)]);
    await does({ standby: false });
    await does({ panel: 'two' });
    await does({ panel: 'one' });
    expect(await setOff()).toEqual([expect.stringMatching(/^prompted .* feedback /)]);
    await does({ panel: 'help' });
    expect(await setOff()).toEqual([expect.stringMatching(/^panel .* panel {2}help/)]);
    await does({ widget: { id: 'lights', type: 'released', value: 'on' } });
    await does({ widget: { id: 'lights', type: 'pressed', value: 'off' } });
    await does({ widget: { id: 'lights', type: 'pressed', value: 'on' } });
    expect(await setOff()).toEqual([expect.stringMatching(/^touched .* widget on lights pressed/)]);

    await does({ call: 'anna@example.com' }, 5_000);
    await does({ accept: true });
    expect(await setOff()).toEqual([expect.stringMatching(/^begun .* call start \d+/)]);
    await does({ hangUp: true });
    expect(await setOff()).toEqual([expect.stringMatching(/^over .* call end \d+/)]);
  });

  it('by presence that lasted so long, once, and around a booking, which may be changed', async () => {
    const { rehearsal, does, setOff } = await rehearsed();
    await rehearsal.advance(6 * MINUTE_MS);
    await does({ people: 1 }, MINUTE_MS);
    await does({ people: 0 }, 8 * MINUTE_MS);
    expect((await setOff()).filter((text) => text.startsWith('empty'))).toEqual([]);
    await rehearsal.advance(30 * MINUTE_MS);
    expect((await setOff()).filter((text) => text.startsWith('empty'))).toHaveLength(1);

    await does(
      { booking: { title: 'x', organizer: '', in: 10 * MINUTE_MS, for: 20 * MINUTE_MS, declinable: true } },
      0,
    );
    const starts = (rehearsal.clock.now() - START) / MINUTE_MS + 10;
    await rehearsal.advance(6 * MINUTE_MS);
    expect(await setOff()).toEqual([
      expect.stringMatching(new RegExp(`^before ${starts - 5} booking start `)),
    ]);
    await rehearsal.advance(10 * MINUTE_MS);
    await does({ extend: 10 * MINUTE_MS });
    await rehearsal.advance(10 * MINUTE_MS);
    expect(await setOff()).toEqual([]);
    await rehearsal.advance(20 * MINUTE_MS);
    expect(await setOff()).toEqual([expect.stringMatching(new RegExp(`^after ${starts + 32} booking end `))]);
  });
});

let here: World | null = null;

afterEach(async () => {
  await here?.close();
  here = null;
});

describe('one occasion', () => {
  it('sets a macro off once, also where roomd is restarted before and after', async () => {
    const at = await newWorld('2026-11-23T12:00:00Z');
    here = at;
    const again = async (): Promise<void> => {
      at.engine = at.newEngine();
      await at.fleet([
        macro({ name: 'empty', when: { presence: { is: 'no', for: '10m' } }, steps: [{ log: 'x' }] }),
        macro({ name: 'booked', when: { booking: { at: 'start', offset: '1m' } }, steps: [{ log: 'x' }] }),
        macro({
          name: 'alarmed',
          when: { alert: { rule: 'device-offline', on: 'opened' } },
          steps: [{ log: told }],
        }),
      ]);
      await at.engine.start();
    };
    await again();
    const { database } = at.temporary;
    const { query } = database;
    const now = at.clock.now();
    const alert = (change: string, rule: string) =>
      query.insertInto('event').values({
        device_id: 1,
        kind: 'alert',
        path: null,
        payload_json: JSON.stringify({ change, rule, id: 'a1', title: 'It is gone' }),
        source: 'roomd',
        received_at: now,
        device_at: null,
      });
    await database.write([
      query.insertInto('presence').values({
        device_id: 1,
        seq: 1,
        state: 'no',
        max_count: 0,
        last_count: 0,
        source: 'session',
        from_at: now - 11 * MINUTE_MS,
        to_at: null,
      }),
      query.insertInto('booking').values({
        device_id: 1,
        seq: 1,
        booking_id: '7',
        meeting_id: null,
        organizer: null,
        organizer_form: 'none',
        series: null,
        start_at: now,
        end_at: now + 60 * MINUTE_MS,
        extended_times: 0,
        began_at: now,
        ended_at: null,
        state: 'running',
      }),
      alert('resolved', 'device-offline'),
      alert('opened', 'disk-full'),
      alert('opened', 'device-offline'),
    ]);
    const three = async () => (await at.runs()).filter(({ endedAt }) => endedAt !== null).length === 3;
    await at.until('three runs', three, 15_000);
    const names = async () => (await at.runs()).map(({ macro: name }) => name).toSorted();
    expect(await names()).toEqual(['alarmed', 'booked', 'empty']);
    expect((await at.runs('alarmed'))[0]?.steps[0]?.result).toContain('alert It is gone a1 device-offline');
    for (let restart = 0; restart < 2; restart += 1) {
      await at.engine.stop();
      await again();
      for (let look = 0; look < 8; look += 1) {
        await at.clock.advance(15_000);
        await at.settle();
      }
    }
    expect(await names()).toEqual(['alarmed', 'booked', 'empty']);
  });

  it('is one where presence is the same on both sides of a short gap, and another where the gap is long or nobody was there', async () => {
    const at = await newWorld('2026-11-23T12:00:00Z');
    here = at;
    const { database } = at.temporary;
    const START_AT = at.clock.now();
    const now = () => (at.clock.now() - START_AT) / MINUTE_MS;
    const spans: [state: 'yes' | 'no' | 'unknown', from: number][] = [];
    /** Presence as it is from now on; `minute` is when it began to be so. */
    const tells = async (state: 'yes' | 'no' | 'unknown', minute = now()): Promise<void> => {
      spans.push([state, minute]);
      await database.write([
        database.query
          .updateTable('presence')
          .set({ to_at: START_AT + minute * MINUTE_MS })
          .where('to_at', 'is', null),
        database.query.insertInto('presence').values({
          device_id: 1,
          seq: spans.length,
          state,
          max_count: null,
          last_count: null,
          source: 'session',
          from_at: START_AT + minute * MINUTE_MS,
          to_at: null,
        }),
      ]);
    };
    const pass = async (minutes: number): Promise<void> => {
      for (let look = 0; look < minutes * 4; look += 1) {
        await at.clock.advance(15_000);
        await at.settle();
      }
    };
    const start = async (): Promise<void> => {
      at.engine = at.newEngine();
      await at.fleet([
        macro({ name: 'hello', when: { presence: { is: 'yes', for: '3s' } }, steps: [{ log: 'x' }] }),
      ]);
      await at.engine.start();
    };
    const runs = async (): Promise<number> => (await at.runs('hello')).length;
    await start();
    await tells('yes');
    await pass(1);
    expect(await runs()).toBe(1);
    for (let restart = 0; restart < 3; restart += 1) {
      await at.engine.stop();
      await tells('unknown');
      await start();
      await pass(1);
      await tells('yes');
      await pass(1);
    }
    expect(await runs()).toBe(1);
    await tells('unknown');
    await pass(20);
    await tells('yes');
    await pass(1);
    expect(await runs()).toBe(2);
    await tells('unknown');
    await pass(1);
    await tells('no');
    await pass(1);
    await tells('yes');
    await pass(1);
    expect(await runs()).toBe(3);
  });
});
