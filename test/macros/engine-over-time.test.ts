import { afterEach, describe, expect, it } from 'vitest';
import { setFact } from '../../src/storage/facts.ts';
import { sampleDevice, sampleFleet } from './sample-fleet.ts';
import { byText, macro, newWorld, type World } from './world.ts';

const open: World[] = [];

async function world(at: string): Promise<World> {
  const made = await newWorld(at);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('MacroEngine over clock jumps, stops and crashes', () => {
  it('never runs a due time twice when the clock is put back', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    await here.fleet([macro()]);
    await here.engine.start();
    await here.untilEnded(1);
    here.clock.setWall(Date.parse('2026-11-23T07:50:00Z'));
    await here.untilTicked('2026-11-23T07:50:00Z');
    await here.until(
      '08:00',
      () => Promise.resolve(here.clock.now() > Date.parse('2026-11-23T07:57:00Z')),
      5_000,
    );
    await here.untilTicked('2026-11-23T07:56:00Z');
    expect(await here.runs()).toHaveLength(1);
    expect(here.device().state.screen.history).toHaveLength(1);
  });

  it.each([
    ['put back', '2026-11-23T03:00:00Z'],
    ['put forward', '2026-11-23T20:00:00Z'],
  ])(
    'a clock that is %s in the middle of a run changes neither its waits nor its deadline',
    async (_how, to) => {
      const here = await world('2026-11-23T07:54:58Z');
      await here.fleet([
        macro({ steps: [{ wait: '5m' }, { message: { text: 'over' } }], deadline: '6m' }),
        macro({ name: 'late', steps: [{ waitFor: { condition: 'inCall', within: '50m' } }], deadline: '1h' }),
      ]);
      const { ended } = await here.engine.runNow('chore', 'boardroom-1', { actor: 'ada' });
      const from = here.clock.monotonic();
      await here.until('the wait', async () => (await here.runs())[0]?.steps.length === 1);
      here.clock.setWall(Date.parse(to));
      await here.untilEnded(1);
      expect(await ended).toMatchObject({ state: 'succeeded' });
      expect(Math.round((here.clock.monotonic() - from) / 60_000)).toBe(5);
      const late = await here.engine.runNow('late', 'boardroom-1', { actor: 'ada' });
      await here.until('the wait', async () => (await here.runs('late'))[0]?.steps.length === 1);
      here.clock.setWall(Date.parse('2026-11-23T07:55:00Z'));
      await here.untilEnded(2, 30_000);
      expect(await late.ended).toMatchObject({
        state: 'failed',
        reason: expect.stringMatching(/not within 3000 s/),
      });
    },
  );

  it('records what a jump forward left out', async () => {
    const here = await world('2026-11-23T07:50:00Z');
    await here.fleet([macro()]);
    await here.engine.start();
    await here.untilTicked('2026-11-23T07:51:00Z');
    here.clock.setWall(Date.parse('2026-11-23T12:00:00Z'));
    await here.untilTicked('2026-11-23T12:00:00Z');
    expect(await here.runs()).toMatchObject([
      { state: 'skipped', dueAt: Date.parse('2026-11-23T07:55:00Z'), reason: /one run was missed/ },
    ]);
    expect(here.device().state.screen.history).toEqual([]);
  });

  it('skips what was missed while it was down, makes up what `catchUp` allows, and never a dial', async () => {
    const here = await world('2026-11-23T07:50:00Z');
    const macros = [
      macro({ name: 'plain' }),
      macro({ name: 'patient', catchUp: '1h' }),
      macro({ name: 'call', steps: [{ dial: { number: 'standup@example.com' } }] }),
    ];
    await here.fleet(macros);
    await here.engine.start();
    await here.untilTicked('2026-11-23T07:51:00Z');
    await here.engine.stop();
    here.clock.setWall(Date.parse('2026-11-23T08:20:00Z'));
    here.engine = here.newEngine();
    await here.fleet([...macros, macro({ name: 'new' })]);
    await here.engine.start();
    const runs = await here.untilEnded(3);
    expect(runs.map((run) => [run.macro, run.trigger, run.state]).toSorted(byText)).toEqual([
      ['call', 'schedule', 'skipped'],
      ['patient', 'catch-up', 'succeeded'],
      ['plain', 'schedule', 'skipped'],
    ]);
    expect(here.device().state.calls.history).toEqual([]);
  });

  it('runs a minute that passed during a quick restart, dial included', async () => {
    const here = await world('2026-11-23T07:54:00Z');
    await here.fleet([macro()]);
    await setFact(
      here.temporary.database,
      'macros.tick',
      JSON.stringify({ minute: Date.parse('2026-11-23T07:54:00Z'), schedules: {} }),
    );
    here.clock.setWall(Date.parse('2026-11-23T07:56:10Z'));
    await here.engine.start();
    expect(await here.untilEnded(1)).toMatchObject([
      { dueAt: Date.parse('2026-11-23T07:55:00Z'), state: 'succeeded' },
    ]);
  });

  it('calls a run interrupted that a crash left open', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    await here.fleet([macro({ steps: [{ wait: '5m' }] })]);
    await here.engine.start();
    await here.until('a running run', async () => (await here.runs())[0]?.steps.length === 1);
    const again = here.newEngine();
    again.reload(sampleFleet());
    await again.start();
    expect(await here.runs()).toMatchObject([
      {
        state: 'interrupted',
        reason: 'roomd ended while the run was under way',
        steps: [{ state: 'failed', result: expect.stringContaining('is not known') }],
      },
    ]);
    await again.stop();
  });

  it('lets runs end when it stops, and cancels those that take too long', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    await here.fleet(
      [
        macro({ name: 'short', devices: 'boardroom-1', steps: [{ wait: '2s' }] }),
        macro({ name: 'long', devices: 'desk-1', steps: [{ wait: '5m' }] }),
      ],
      [sampleDevice('boardroom-1'), sampleDevice('desk-1')],
    );
    await here.engine.start();
    await here.until(
      'both run',
      async () => (await here.runs()).flatMap(({ steps }) => steps).length === 2,
      500,
    );
    let stopped = false;
    void here.engine.stop().then(() => {
      stopped = true;
    });
    await here.until('stopped', () => Promise.resolve(stopped));
    expect(Object.fromEntries((await here.runs()).map((run) => [run.macro, run.state]))).toEqual({
      short: 'succeeded',
      long: 'cancelled',
    });
  });
});
