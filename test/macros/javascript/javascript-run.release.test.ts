import { afterEach, describe, expect, it } from 'vitest';
import { JAVASCRIPT_DEFAULTS } from '../../../src/macros/javascript/javascript-runner.ts';
import type { RunRecord } from '../../../src/macros/run-store.ts';
import { sampleDevice } from '../sample-fleet.ts';
import { byText, EMPTY, macro, newWorld, type World } from '../world.ts';
import { endedRun, endedRuns, untilSeen } from './with-threads.ts';

const open: World[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const FILE = 'macros/chore.js';

/** The lines stand from line 3 of the file on. */
function script(...lines: string[]): Record<string, string> {
  return {
    [FILE]: [
      "import { defineMacro } from 'roomd';",
      'export default defineMacro({ async run({ room, fleet, trigger, step, log, wait }) {',
      ...lines,
      '}});',
    ].join('\n'),
  };
}

function scripted(changes: object = {}): object {
  return { ...macro({ script: FILE, ...changes }), steps: undefined };
}

/** A world whose one macro is a script; its time goes on while the thread works in real time. */
async function world(lines: string[], changes: object = {}): Promise<World> {
  const here = await newWorld('2026-11-23T07:54:58Z');
  open.push(here);
  await here.fleet([scripted(changes)], [sampleDevice('boardroom-1')], script(...lines));
  await here.engine.start();
  return here;
}

async function outcome(lines: string[], changes: object = {}): Promise<RunRecord> {
  return await endedRun(await world(lines, changes));
}

describe('a macro with a script', () => {
  it('does steps and goes by what it is told, each recorded with its line', async () => {
    const here = await world([
      'const { presence, peopleCount, inCall, booking, localTime } = await room.state();',
      'log(presence, peopleCount, inCall, booking, localTime.weekday, await room.occupancy());',
      "if (presence === 'yes') await step.message({ text: `Hello {{device.name}}`, duration: '30s' });",
      "await wait('10s');",
      "await step.notify({ to: 'ops', markdown: `${room.name} by ${trigger.kind}, ${(await fleet.state()).devices} device` });",
    ]);
    expect(await endedRun(here)).toMatchObject({
      state: 'succeeded',
      reason: null,
      steps: [
        { path: `${FILE}:4`, step: 'log', state: 'succeeded', result: 'yes 2 false null monday free' },
        {
          path: `${FILE}:5`,
          step: 'message',
          device: 'boardroom-1',
          result: 'showed "Hello boardroom-1" for 30s',
        },
        { path: `${FILE}:6`, step: 'wait', state: 'succeeded', result: 'waited 10s' },
        { path: `${FILE}:7`, step: 'notify', state: 'succeeded' },
      ],
    });
    expect(here.device().state.screen.history).toMatchObject([{ text: 'Hello boardroom-1' }]);
    expect(here.sent).toEqual(['ops: boardroom-1 by schedule, 1 device']);
  });

  it('calls with the same care as any, and hangs up only its own', async () => {
    const here = await world([
      "await step.dial({ number: 'standup@example.com' });",
      'await step.disconnect({ onlyOwn: true });',
    ]);
    expect((await endedRun(here)).steps).toMatchObject([
      { step: 'dial', state: 'succeeded' },
      { step: 'disconnect', state: 'succeeded', result: expect.stringMatching(/^hung up call \d+$/) },
    ]);
    expect(here.device().state.calls.list()).toEqual([]);
  });

  it('is told what is unknown as unknown, never a guess', async () => {
    const here = await newWorld('2026-11-23T07:54:58Z');
    open.push(here);
    here.state = { ...EMPTY, presence: 'unknown', peopleCount: null, inCall: null };
    const lines = [
      'const { presence, peopleCount, inCall } = await room.state();',
      'log(presence, peopleCount, inCall);',
    ];
    await here.fleet([scripted()], [sampleDevice('boardroom-1')], script(...lines));
    await here.engine.start();
    expect((await endedRun(here)).steps).toMatchObject([{ result: 'unknown null null' }]);
  });

  it('is not run in observe, and the record says so', async () => {
    const here = await newWorld('2026-11-23T07:54:58Z');
    open.push(here);
    here.mode = 'observe';
    await here.fleet(
      [scripted()],
      [sampleDevice('boardroom-1')],
      script("await step.message({ text: 'x' });"),
    );
    await here.engine.start();
    expect(await endedRun(here)).toMatchObject({
      state: 'would-run',
      steps: [{ step: 'script', state: 'skipped', result: `would run the script ${FILE}` }],
    });
    expect(here.device().state.screen.history).toEqual([]);
  });

  it('has its onError and finally from the fleet file', async () => {
    const here = await world(['null.x;'], {
      onError: [{ notify: { to: 'ops', markdown: 'failed' } }],
      finally: [{ notify: { to: 'ops', markdown: 'over' } }],
    });
    expect((await endedRun(here)).state).toBe('failed');
    expect(here.sent).toEqual(['ops: failed', 'ops: over']);
  });
});

describe('what goes wrong in a script', () => {
  it('fails the run with its own line', async () => {
    expect(await outcome(['const nothing = null;', 'nothing.x;'])).toMatchObject({
      state: 'failed',
      reason: `${FILE}:4:8: TypeError: cannot read property 'x' of null`,
    });
  });

  it('is a step that is refused: the script may catch it, or fails of it', async () => {
    const refused = await outcome([
      "try { await step.dial({ number: 'spy@elsewhere.org' }); } catch (error) { log(error.code); }",
      "try { await step.message({ text: '', duration: '0s' }); } catch (error) { log(error.code); }",
      "await step.notify({ to: 'nobody', markdown: 'x' });",
    ]);
    expect(refused).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/^macros\/chore\.js:5:18: notify: to: there is no notifier "nobody"/),
      steps: [
        { step: 'dial', state: 'failed', result: expect.stringMatching(/not among the numbers/) },
        { step: 'log', result: 'refused' },
        {
          step: 'message',
          state: 'failed',
          result: expect.stringMatching(/text: it is empty.*duration of 0/),
        },
        { step: 'log', result: 'refused' },
        { step: 'notify', state: 'failed' },
      ],
    });
  });

  it('is a device that refuses, with the code of its error', async () => {
    const here = await newWorld('2026-11-23T07:54:58Z');
    open.push(here);
    const lines = ["try { await step.command({ path: 'Not.There' }); } catch (error) { log(error.code); }"];
    await here.fleet([scripted()], [sampleDevice('boardroom-1')], script(...lines));
    await here.engine.start();
    expect((await endedRun(here)).steps).toMatchObject([
      { step: 'command', state: 'failed' },
      { step: 'log', result: 'unknown-path' },
    ]);
  });

  it('is a call that nobody awaits', async () => {
    const run = await outcome(["step.message({ text: 'x' });"]);
    expect(run).toMatchObject({
      state: 'failed',
      reason: `${FILE}: it ended while a call was still under way: write await before each`,
    });
  });

  it('is a loop without end', async () => {
    expect(await outcome(['', 'for (;;) {}'])).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/^macros\/chore\.js:\d+:\d+: it computes for more than 250 ms/),
    });
  });
});

describe('the end of a run', () => {
  it('comes by a cancel in the middle, whatever the script catches', async () => {
    const here = await world(["for (;;) try { await wait('1h'); } catch { log('caught'); }"], {
      deadline: '3h',
    });
    await untilSeen(here, 'the wait', async () => (await here.runs())[0]?.steps.length === 1);
    const [run] = await here.runs();
    expect(await here.engine.cancel(run?.id ?? '', 'ada')).toBe(true);
    expect(await endedRun(here)).toMatchObject({
      state: 'cancelled',
      reason: 'cancelled by ada',
      steps: [{ step: 'wait', state: 'failed', result: 'cancelled by ada' }],
    });
  });

  it('comes by a cancel of a script that computes, and all else went on until then', async () => {
    const here = await newWorld('2026-11-23T07:54:58Z');
    open.push(here);
    const { limits } = JAVASCRIPT_DEFAULTS;
    here.engine = here.newEngine({
      javascript: { ...JAVASCRIPT_DEFAULTS, limits: { ...limits, turnMs: 300_000, turnMostMs: 300_000 } },
    });
    const other = macro({ name: 'other', when: { schedule: '56 8 * * *' } });
    const loop = script("log('begins');", 'for (;;) {}');
    await here.fleet(
      [scripted({ overlap: 'skip', scope: 'fleet', timezone: 'Europe/Oslo' }), other],
      [sampleDevice('boardroom-1')],
      loop,
    );
    await here.engine.start();
    await untilSeen(here, 'the loop', async () => (await here.runs('chore'))[0]?.steps.length === 1);
    await untilSeen(here, 'another run', async () => (await here.runs('other'))[0]?.endedAt != null);
    const [run] = await here.runs('chore');
    expect(run?.state).toBe('running');
    await here.engine.cancel(run?.id ?? '', 'ada');
    expect((await here.runs('chore'))[0]).toMatchObject({ state: 'cancelled', reason: 'cancelled by ada' });
    expect((await here.runs('other'))[0]).toMatchObject({ state: 'succeeded' });
  });

  it('comes by a hold in the middle, before the next step', async () => {
    const here = await world(
      [
        "await step.message({ text: 'first' });",
        "await wait('1m');",
        "try { await step.message({ text: 'second' }); } catch { log('caught'); }",
        "log('went on');",
      ],
      { deadline: '3h' },
    );
    await untilSeen(here, 'the wait', async () => (await here.runs())[0]?.steps.length === 2);
    here.held = 'held by ada: fire drill';
    expect(await endedRun(here)).toMatchObject({ state: 'cancelled', reason: 'held by ada: fire drill' });
    expect(here.device().state.screen.history).toMatchObject([{ text: 'first' }]);
  });

  it('comes by its deadline', async () => {
    expect(await outcome(["await wait('1h');"], { deadline: '1m' })).toMatchObject({
      state: 'failed',
      reason: 'the macro chore did not finish within 60 s',
    });
  });

  it('leaves no thread behind, and no call half-done', async () => {
    const here = await world(
      ["step.dial({ number: 'standup@example.com', countdown: '9m' });", "await wait('1s');"],
      {
        deadline: '3h',
      },
    );
    await untilSeen(here, 'the countdown', async () => (await here.runs())[0]?.steps.length === 1);
    const [run] = await here.runs();
    await here.engine.cancel(run?.id ?? '', 'ada');
    expect((await endedRun(here)).state).toBe('cancelled');
    expect(here.device().state.calls.list()).toEqual([]);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Worker')).toEqual([]);
  });

  it('is not put off by a thread that must wait for another', async () => {
    const here = await newWorld('2026-11-23T07:54:58Z');
    open.push(here);
    here.engine = here.newEngine({ javascript: { ...JAVASCRIPT_DEFAULTS, mostThreads: 1 } });
    const devices = [sampleDevice('boardroom-1'), sampleDevice('boardroom-2')];
    await here.fleet(
      [scripted({ deadline: '2m' })],
      devices,
      script("log(typeof globalThis.seen); globalThis.seen = room.name; await wait('1h');"),
    );
    await here.engine.start();
    const runs = await endedRuns(here, 2);
    expect(runs.map(({ state, steps }) => [state, steps.length]).toSorted(byText)).toEqual([
      ['failed', 0],
      ['failed', 2],
    ]);
  });
});

it('two runs see nothing of each other', async () => {
  const here = await newWorld('2026-11-23T07:54:58Z');
  open.push(here);
  const devices = [sampleDevice('boardroom-1'), sampleDevice('boardroom-2')];
  const lines = [
    'log(typeof globalThis.seen);',
    'globalThis.seen = Object.prototype.seen = room.name;',
    "await wait('30s');",
    'log(globalThis.seen === room.name);',
  ];
  await here.fleet([scripted()], devices, script(...lines));
  await here.engine.start();
  const logs = (await endedRuns(here, 2)).map(({ steps }) =>
    steps.filter(({ step }) => step === 'log').map(({ result }) => result),
  );
  expect(logs).toEqual([
    ['undefined', 'true'],
    ['undefined', 'true'],
  ]);
});
