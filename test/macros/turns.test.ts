import { afterEach, describe, expect, it } from 'vitest';
import { Turns } from '../../src/macros/turns.ts';
import { sampleDevice } from './sample-fleet.ts';
import { macro, newWorld, type World } from './world.ts';

const DEVICES = ['boardroom-1', 'boardroom-2', 'boardroom-3'].map((name) => sampleDevice(name));

let here: World | null = null;

async function world(macros: object[]): Promise<World> {
  here = await newWorld('2026-11-23T12:00:00Z');
  await here.fleet(macros, DEVICES);
  return here;
}

afterEach(async () => {
  await here?.close();
  here = null;
});

const show = (devices: string) => ({ each: { devices, steps: [{ message: { text: 'hello' } }] } });
const byHand = { when: undefined, deadline: '20m' };

describe('macros for devices that act on each other’s devices', () => {
  it('never wait for one another: each goes on when the other has ended', async () => {
    const at = await world([
      macro({ ...byHand, name: 'here', steps: [{ wait: '5s' }, show('boardroom-2')] }),
      macro({ ...byHand, name: 'there', steps: [{ wait: '5s' }, show('boardroom-1')] }),
    ]);
    await at.engine.runNow('here', 'boardroom-1', { actor: 'ada' });
    await at.engine.runNow('there', 'boardroom-2', { actor: 'ada' });
    expect(await at.untilEnded(2)).toMatchObject([{ state: 'succeeded' }, { state: 'succeeded' }]);
    expect(at.clock.now() - Date.parse('2026-11-23T12:00:00Z')).toBeLessThan(60_000);
  });

  it('never wait for one another in a circle of three, over macros that they run', async () => {
    const at = await world([
      macro({ ...byHand, name: 'around', steps: [{ wait: '5s' }, show('all')] }),
      macro({ ...byHand, name: 'outer', steps: [{ wait: '5s' }, { run: 'around' }] }),
    ]);
    for (const { name } of DEVICES) await at.engine.runNow('outer', name, { actor: 'ada' });
    const runs = await at.untilEnded(6);
    expect(runs.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'succeeded'));
  });

  it('an each for the fleet that runs macros which reach other rooms goes on, too', async () => {
    const at = await world([
      macro({ ...byHand, name: 'around', steps: [{ wait: '5s' }, show('all')] }),
      macro({
        ...byHand,
        name: 'outer',
        scope: 'fleet',
        steps: [{ each: { devices: 'all', parallel: 3, steps: [{ wait: '5s' }, { run: 'around' }] } }],
      }),
    ]);
    await at.engine.runNow('outer', null, { actor: 'ada' });
    const runs = await at.untilEnded(4);
    expect(runs.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'succeeded'));
  });

  it('a macro that reaches others keeps its turn: those that need less do not go by for ever', async () => {
    const at = await world([
      macro({ ...byHand, name: 'all', steps: [show('all')] }),
      macro({ ...byHand, name: 'long', steps: [{ wait: '30s' }], overlap: 'wait' }),
    ]);
    await at.engine.runNow('long', 'boardroom-1', { actor: 'ada' });
    await at.engine.runNow('all', 'boardroom-2', { actor: 'ada' });
    await at.engine.runNow('long', 'boardroom-1', { actor: 'ada' });
    await at.engine.runNow('long', 'boardroom-3', { actor: 'ada' });
    const runs = await at.untilEnded(4);
    const ended = runs.toSorted((one, other) => (one.endedAt ?? 0) - (other.endedAt ?? 0));
    expect(ended.map(({ macro: name }) => name)).toEqual(['long', 'all', 'long', 'long']);
  });
});

describe('concurrency', () => {
  it('lets so many runs of a macro go on at a time', async () => {
    const at = await world([macro({ ...byHand, concurrency: 2, steps: [{ wait: '30s' }] })]);
    for (const { name } of DEVICES) await at.engine.runNow('chore', name, { actor: 'ada' });
    const ends = (await at.untilEnded(3))
      .map(({ endedAt }) => endedAt ?? 0)
      .toSorted((one, other) => one - other);
    const [first = 0, second = 0, third = 0] = ends;
    expect(second - first).toBeLessThan(10_000);
    expect(third - second).toBeGreaterThan(20_000);
  });
});

describe('turns', () => {
  it('who holds something is refused what the holder of which waits for it, at once', async () => {
    const turns = new Turns(10);
    const one = await turns.take(['a']);
    const other = await turns.take(['b']);
    const waits = turns.take(['b'], { within: one });
    await expect(turns.take(['a'], { within: other })).rejects.toThrow('holds a waits for the device');
    other.giveBack();
    (await waits).giveBack();
    one.giveBack();
    const all = await turns.take(['a', 'b']);
    expect([...all.keys]).toEqual(['a', 'b']);
  });

  it('one that gives up lets those by whom it kept back', async () => {
    const turns = new Turns(10);
    await turns.take(['a']);
    const patience = new AbortController();
    const both = turns.take(['a', 'b'], { signal: patience.signal });
    const later = turns.take(['b']);
    patience.abort(new Error('enough'));
    await expect(both).rejects.toThrow('enough');
    expect([...(await later).keys]).toEqual(['b']);
  });

  it('lets in so many holders, and those within one of them besides', async () => {
    const turns = new Turns(1);
    const one = await turns.take(['a', 'b']);
    const inner = await turns.take(['c'], { within: one });
    let isIn = false;
    const next = turns.take(['d']).then((turn) => {
      isIn = true;
      return turn;
    });
    inner.giveBack();
    await Promise.resolve();
    expect(isIn).toBe(false);
    one.giveBack();
    expect([...(await next).keys]).toEqual(['d']);
  });
});
