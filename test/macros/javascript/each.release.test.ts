import { afterEach, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../src/macros/run-store.ts';
import { sampleDevice } from '../sample-fleet.ts';
import { IN_USE } from '../step-context.ts';
import { macro, newWorld, type World } from '../world.ts';
import { endedRun, untilSeen } from './with-threads.ts';

const open: World[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const FILE = 'macros/chore.js';
const NAMES = ['boardroom-1', 'boardroom-2', 'boardroom-3'];

/** A world of three rooms whose macro is for the fleet; the lines stand from line 3 of its script on. */
async function begun(lines: string[], changes: object = {}): Promise<World> {
  const here = await newWorld('2026-11-23T07:54:58Z');
  open.push(here);
  const source = [
    "import { defineMacro } from 'roomd';",
    'export default defineMacro({ async run({ devices, each, step, log, wait }) {',
    ...lines,
    '}});',
  ].join('\n');
  await here.fleet(
    [
      { ...macro({ script: FILE, scope: 'fleet', when: undefined, ...changes }), steps: undefined },
      macro({ name: 'other', when: undefined, deadline: '5m', steps: [{ message: { text: 'mine' } }] }),
    ],
    NAMES.map((name) => sampleDevice(name)),
    { [FILE]: source },
  );
  return here;
}

async function outcome(lines: string[], { changes = {}, during = (_here: World): void => undefined } = {}) {
  const here = await begun(lines, changes);
  during(here);
  await here.engine.runNow('chore', null, { actor: 'ada' });
  return { here, run: await endedRun(here) };
}

function shown(here: World): string[][] {
  return NAMES.map((name) =>
    here
      .device(name)
      .state.screen.now()
      .map(({ text }) => text),
  );
}

function told(run: RunRecord): string[] {
  return run.steps.map(({ path, device, step, result }) => `${path} ${device} ${step}: ${result}`);
}

describe('each, in a script', () => {
  it('acts on the devices of a selector, in their turns, each step with its room and line', async () => {
    const { here, run } = await outcome([
      "const came = await each(devices('boardroom-*'), { parallel: 2 }, async (room, step) => {",
      '  const { presence } = await room.state();',
      '  await step.message({ text: `${room.name} ${presence} {{device.name}}` });',
      '});',
      'log(came);',
    ]);
    expect(run).toMatchObject({ state: 'succeeded', device: null });
    expect(shown(here)).toEqual(NAMES.map((name) => [`${name} yes ${name}`]));
    expect(told(run)).toEqual([
      ...[0, 1, 2].map(() => expect.stringMatching(/^macros\/chore\.js:5 boardroom-\d message: showed/)),
      `${FILE}:7 null log: {"devices":3,"succeeded":3,"failed":0}`,
    ]);
  });

  it('has so many rooms at a time, and a room that another macro has when that has ended', async () => {
    const here = await begun([
      'let now = 0, most = 0;',
      "await each(devices('all'), { parallel: 2 }, async (room, step) => {",
      '  now += 1; most = Math.max(most, now);',
      "  await step.wait('20s');",
      '  now -= 1;',
      '});',
      'log(most);',
    ]);
    await here.engine.runNow('chore', null, { actor: 'ada' });
    const waits = async () =>
      (await here.runs('chore'))[0]?.steps.filter(({ step }) => step === 'wait').length === 2;
    await untilSeen(here, 'two rooms', waits, 100);
    await here.engine.runNow('other', 'boardroom-1', { actor: 'ada' });
    expect(shown(here)[0]).toEqual([]);
    await untilSeen(here, 'both', async () => (await here.runs()).every(({ endedAt }) => endedAt !== null));
    const [chore, other] = [(await here.runs('chore'))[0], (await here.runs('other'))[0]];
    expect(chore?.steps.at(-1)?.result).toBe('2');
    expect(other).toMatchObject({ state: 'succeeded' });
  });

  it('goes on where a callback throws or a device refuses, and then fails and names which', async () => {
    const { here, run } = await outcome(
      [
        "await each(devices('all'), {}, async (room, step) => {",
        "  if (room.name === 'boardroom-1') throw new Error('not here');",
        "  await step.message({ text: 'hi' });",
        '});',
      ],
      {
        during(at) {
          at.device('boardroom-2').before = () => {
            throw new Error('no answer');
          };
        },
      },
    );
    expect(run).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /^macros\/chore\.js:3:\d+: 2 of 3 devices: boardroom-1: not here; boardroom-2: no answer$/,
      ),
    });
    expect(shown(here)).toEqual([[], [], ['hi']]);
  });

  it('a no of one room ends what is done there, whatever the callback catches, and nothing else', async () => {
    const { here, run } = await outcome(
      [
        "await each(devices('all'), { parallel: 1 }, async (room, step) => {",
        "  try { await step.prompt({ text: 'ok?', options: ['Yes'] }); } catch { }",
        "  await step.message({ text: 'after' });",
        '}).catch((error) => log(error.message));',
      ],
      {
        during(at) {
          at.state = IN_USE;
          at.device('boardroom-1').before = () => {
            at.held = 'held by bob: exam';
          };
          at.device('boardroom-2').before = () => {
            at.held = null;
          };
        },
      },
    );
    expect(told(run).at(-1)).toContain('boardroom-1');
    expect(shown(here)[0]).toEqual([]);
  });

  it('ends a callback without end: one that computes, one that never answers, one that goes on for ever', async () => {
    const looping = await outcome(["await each(devices('all'), {}, async () => { for (;;) {} });"]);
    expect(looping.run).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/^macros\/chore\.js:3:\d+: it computes for more than 250 ms/),
    });
    const silent = await outcome([
      "await each(devices('all'), {}, (room) => room.name === 'boardroom-1' ? new Promise(() => {}) : null);",
    ]);
    expect(silent.run).toMatchObject({ state: 'failed', reason: expect.stringMatching(/never comes/) });
    const endless = await outcome(
      ["await each(devices('all'), {}, async (room, step) => { for (;;) await step.wait('1m'); });"],
      { changes: { deadline: '5m' } },
    );
    expect(endless.run).toMatchObject({ state: 'failed', reason: expect.stringMatching(/within/) });
    // Their rooms were given back.
    for (const { here } of [looping, silent, endless]) {
      await here.engine.runNow('other', 'boardroom-1', { actor: 'ada' });
      await untilSeen(here, 'the other macro', async () => (await here.runs('other'))[0]?.endedAt != null);
      expect((await here.runs('other'))[0]).toMatchObject({ state: 'succeeded' });
    }
  }, 60_000);

  it('waits for what a callback did not await before it leaves the room', async () => {
    const { here, run } = await outcome([
      "await each(devices('all'), {}, (room, step) => { step.message({ text: 'late' }); });",
    ]);
    expect(run).toMatchObject({ state: 'succeeded' });
    expect(shown(here)).toEqual([['late'], ['late'], ['late']]);
  });

  it('says what is wrong with how it is called', async () => {
    const { run } = await outcome([
      "const tries = [() => devices('site='), () => each([{ name: 'cellar' }], {}, () => null),",
      "  () => each(devices('all'), { parallel: 0 }, () => null), () => each(devices('all'), {}),",
      "  () => each(devices('all'), {}, () => each(devices('all'), {}, () => null)),",
      "  async () => { let kept; await each(devices('boardroom-1'), {}, (_, step) => { kept = step; }); await kept.wait('1s'); }];",
      'for (const one of tries) await one().then(() => log("went"), (error) => log(error.message));',
    ]);
    expect(run.steps.filter(({ step }) => step === 'log').map(({ result }) => result)).toEqual([
      expect.stringMatching(/^devices: /),
      '1 of 1 devices: cellar: there is no device "cellar"',
      'each takes { parallel }, a whole number of 1 to 64',
      'each takes devices, { parallel } and a function',
      expect.stringMatching(/^3 of 3 devices: boardroom-1: an each is under way/),
      expect.stringMatching(/its room was left already/),
    ]);
  });

  it('is not for a macro that has a device of its own', async () => {
    const here = await begun(["await each(devices('all'), {}, () => null);"], { scope: 'device' });
    await here.engine.runNow('chore', 'boardroom-1', { actor: 'ada' });
    expect(await endedRun(here)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/each is for macros that say `scope: fleet`/),
    });
  });
});
