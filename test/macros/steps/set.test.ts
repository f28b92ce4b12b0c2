import { afterEach, describe, expect, it } from 'vitest';
import { lentSentences } from '../../../src/macros/setting-store.ts';
import { problemsOf, sampleDevice, sampleFleet } from '../sample-fleet.ts';
import { macro, newWorld, type World } from '../world.ts';

const PATH = 'Audio.DefaultVolume';
const BY_HAND = { actor: 'olav' };
let world: World;

afterEach(() => world.close(), 60_000);

/** A room whose default volume is 50, and a macro with these steps. */
async function room(...steps: object[]): Promise<World> {
  world = await newWorld('2026-11-23T07:00:00Z');
  await world.fleet([macro({ when: undefined, deadline: '3h', steps })]);
  await world.engine.start();
  return world;
}

function lend(value: number | string, term = '1h', path = PATH): object {
  return { set: { configuration: { [path]: String(value) }, for: term } };
}

function shown(): string | null {
  return world.device().state.configuration(PATH);
}

async function run(): Promise<string> {
  const before = (await world.runs()).length;
  await world.engine.runNow('chore', 'boardroom-1', BY_HAND);
  const runs = await world.untilEnded(before + 1);
  const last = runs.at(-1);
  return last?.steps.at(-1)?.result ?? last?.reason ?? '';
}

async function states(): Promise<string[]> {
  const { database } = world.temporary;
  const rows = await database.read(
    database.query.selectFrom('macro_setting').selectAll().orderBy('set_at').orderBy('path'),
  );
  return rows.map(({ path, before, value, state }) => `${path} ${before} ${value} ${state}`);
}

function untilShown(value: string): Promise<void> {
  return world.until(`${PATH} is ${value}`, () => Promise.resolve(shown() === value), 60_000);
}

/** As after a crash: nothing of the engine before lives on. */
async function restart(): Promise<void> {
  await world.engine.stop();
  world.engine = world.newEngine();
  await world.fleet([macro({ when: undefined })]);
  await world.engine.start();
}

function problems(path: string): string[] {
  return problemsOf(
    sampleFleet({
      devices: [sampleDevice('boardroom-1')],
      macros: [macro({ steps: [{ set: { configuration: { [path]: 'x' }, for: '1h' } }] })],
    }),
  );
}

describe('set', () => {
  it('changes a setting for a time and puts it back', async () => {
    await room(lend(20));
    expect(await run()).toBe('set Audio.DefaultVolume to 20 for 1h');
    expect(shown()).toBe('20');
    expect(await states()).toEqual([`${PATH} 50 20 held`]);
    await world.clock.advance(50 * 60_000);
    await world.settle();
    expect(shown()).toBe('20');
    await untilShown('50');
    await world.until('it is settled', async () => (await states())[0] === `${PATH} 50 20 returned`);
  });

  it('puts it back at the end of the run, also of one that fails', async () => {
    await room(lend(20, 'run'), { command: { path: 'Standby.Nonsense' } });
    await run();
    expect(shown()).toBe('50');
    expect(await states()).toEqual([`${PATH} 50 20 returned`]);
  });

  it('puts it back after a crash in the middle of the run', async () => {
    await room(lend(20));
    await run();
    const { database } = world.temporary;
    await database.write([database.query.updateTable('macro_setting').set({ until_at: null })]);
    await restart();
    await untilShown('50');
    await world.until('it is settled', async () => (await states())[0]?.endsWith('returned') ?? false);
    expect(await states()).toEqual([`${PATH} 50 20 returned`]);
  });

  it('puts it back once a device answers that did not when it was due', async () => {
    await room(lend(20));
    await run();
    world.device().setSession('waiting', 'no route');
    await world.clock.advance(2 * 3_600_000);
    await world.settle();
    expect(shown()).toBe('20');
    world.device().setSession('up');
    await untilShown('50');
  });

  it('waits while a hold forbids it, and in observe', async () => {
    await room(lend(20));
    await run();
    world.held = 'fire drill';
    await world.clock.advance(2 * 3_600_000);
    await world.settle();
    world.held = null;
    world.mode = 'observe';
    await world.clock.advance(60_000);
    await world.settle();
    expect(shown()).toBe('20');
    world.mode = 'enforce';
    await untilShown('50');
  });

  it('leaves what somebody changed meanwhile', async () => {
    await room(lend(20));
    await run();
    world.device().state.turnKnob(PATH, '33');
    await world.until('it is settled', async () => (await states())[0] === `${PATH} 50 20 left`, 60_000);
    expect(shown()).toBe('33');
  });

  it('undoes what it changed where the device refuses another setting', async () => {
    await room({
      set: { configuration: { [PATH]: '20', 'Standby.Delay': 'never' }, for: '1h' },
    });
    expect(await run()).toContain('the device refused Standby.Delay');
    expect(shown()).toBe('50');
    expect(await states()).toEqual([`${PATH} 50 20 returned`, expect.stringMatching(/never returned$/)]);
  });

  it('undoes what it changed although the answer got lost', async () => {
    await room(lend(20));
    world.device().unanswered.add('putxml');
    expect(await run()).toBe('putxml was not answered');
    world.device().unanswered.clear();
    await untilShown('50');
  });

  it('makes the same value last longer, and refuses another', async () => {
    await room(lend(20));
    await run();
    await world.clock.advance(40 * 60_000);
    expect(await run()).toBe('goes on for 1h');
    await world.fleet([macro({ when: undefined, steps: [lend(70)] })]);
    expect(await run()).toMatch(
      /^Audio.DefaultVolume is set to 20 by the macro "chore" until 2026-11-23T08:4/,
    );
    await world.clock.advance(30 * 60_000);
    await world.settle();
    expect(shown()).toBe('20');
    await untilShown('50');
  });

  it('has nothing to put back where it was so already', async () => {
    await room(lend(50));
    expect(await run()).toBe('Audio.DefaultVolume was 50 already');
    expect(await states()).toEqual([]);
  });

  it('tells drift repair what to leave alone', async () => {
    await room(lend(20));
    await run();
    expect([...(await lentSentences(world.temporary.database, 1))]).toEqual([
      [
        'audio.defaultvolume',
        expect.stringMatching(
          /^Audio.DefaultVolume is set by the macro "chore" until 2026-11-23T08:0\d:\d\dZ, and put back then$/,
        ),
      ],
    ]);
    await untilShown('50');
    await world.until('it is settled', async () => (await states())[0]?.endsWith('returned') ?? false);
    expect((await lentSentences(world.temporary.database, 1)).size).toBe(0);
  });

  it('is checked when the file is loaded', async () => {
    await room(lend(20));
    expect(problems('Audio DefaultVolume')).toEqual([]);
    expect(problems('Audio..//[')).toEqual([expect.stringContaining('is no xAPI path')]);
    expect(problems('SIP.Authentication.Password')).toEqual([expect.stringContaining('is a secret')]);
    expect(problems('NetworkServices.HTTP.Mode')).toEqual([expect.stringContaining('can cut roomd off')]);
    expect(() => problemsOf(sampleFleet({ macros: [macro({ steps: [lend(1, '60d')] })] }))).toThrow(
      'at most 30d',
    );
  });
});
