import { afterEach, describe, expect, it } from 'vitest';
import { problemsOf, sampleDevice, sampleFleet } from './sample-fleet.ts';
import { IN_USE } from './step-context.ts';
import { macro, newWorld, type World } from './world.ts';

let here: World | null = null;

async function world(macros: object[], devices = [sampleDevice('boardroom-1')]): Promise<World> {
  here = await newWorld('2026-11-23T12:00:00Z');
  await here.fleet(macros, devices);
  return here;
}

afterEach(async () => {
  await here?.close();
  here = null;
});

/** Runs a macro of these parts to its end: its state, and what its steps came to. */
async function ran(parts: object, during: (world: World) => void = () => undefined) {
  const at = await world([macro(parts)]);
  const { id, ended } = await at.engine.runNow('chore', 'boardroom-1', { actor: 'ada' });
  during(at);
  let end: unknown = null;
  void ended.then((value) => {
    end = value;
  });
  await at.until('the end of the run', () => Promise.resolve(end !== null));
  const run = await at.engine.run(id);
  if (run === null) throw new Error('no run');
  return { ...run, told: run.steps.map(({ path, state, result }) => `${path} ${state}: ${result}`), at };
}

/** The device answers nothing. */
function broken(world: World): void {
  world.device().before = () => {
    throw new Error('no answer');
  };
}

const notify = (markdown: string) => ({ notify: { to: 'ops', markdown } });

describe('ways through steps', () => {
  it('if goes one way, and the record says why', async () => {
    const { told, at } = await ran({
      steps: [
        { if: "presence == 'no'", then: [notify('empty')], else: [notify('used')] },
        { ...notify('never'), if: 'inCall' },
      ],
    });
    expect(at.sent).toEqual(['ops: used']);
    expect(told).toEqual([
      "steps[0] skipped: presence == 'no' is false",
      'steps[0].else[0] succeeded: message message-1 to ops is in the outbox',
      'steps[1] skipped: inCall is false',
    ]);
  });

  it('a condition that cannot be decided is a failure, and no guess', async () => {
    const { state, reason, at } = await ran(
      { steps: [{ wait: '5s' }, { if: 'peopleCount > 2', then: [notify('a')], else: [notify('b')] }] },
      (now) => {
        now.state = { ...IN_USE, peopleCount: null };
      },
    );
    expect([state, reason, at.sent]).toEqual([
      'failed',
      'step 2 (if): the condition needs peopleCount, which is not known now',
      [],
    ]);
  });

  it('waitFor goes on once its condition is true, and what it found has a name', async () => {
    const { told, at } = await ran(
      {
        steps: [
          { waitFor: { condition: "presence == 'no'", within: '5m', onTimeout: 'continue' }, as: 'left' },
          { if: 'steps.left.met', then: [notify('empty: {{steps.left.met}}')] },
        ],
      },
      (now) => void now.clock.after(60_000, () => (now.state = { ...IN_USE, presence: 'no' })),
    );
    expect(told[0]).toMatch(/^steps\[0\] succeeded: presence == 'no': true after (?:59|60) s$/);
    expect(at.sent).toEqual(['ops: empty: true']);
  });

  it('waitFor fails when its time is over', async () => {
    const { state, reason } = await ran({ steps: [{ waitFor: { condition: 'inCall', within: '1m' } }] });
    expect([state, reason]).toEqual(['failed', 'step 1 (waitFor): not within 60 s: inCall is not true']);
  });

  it('retry tries again, says how often, and gives up', async () => {
    let failures = 2;
    const flaky = { message: { text: 'hello' } };
    const { state, at } = await ran(
      {
        steps: [
          { retry: { times: 3, every: '10s', steps: [flaky] }, as: 'tried' },
          notify('{{steps.tried.attempts}}'),
        ],
      },
      (now) => {
        now.device().before = () => {
          failures -= 1;
          if (failures >= 0) throw new Error('no answer');
        };
      },
    );
    expect([state, at.sent]).toEqual(['succeeded', ['ops: 3']]);
  });

  it('onError catches what fails, and not what somebody forbids', async () => {
    const steps = [{ message: { text: 'hello' }, onError: [notify('failed')] }, notify('went on')];
    const caught = await ran({ steps }, broken);
    expect([caught.state, caught.at.sent]).toEqual(['succeeded', ['ops: failed', 'ops: went on']]);
    await here?.close();
    const held = await ran({ steps }, (now) => {
      now.device().before = () => {
        now.held = 'held by bob: exam';
      };
    });
    expect([held.state, held.at.sent]).toEqual(['cancelled', []]);
  });

  it('a macro’s onError and finally run, and the run has failed all the same', async () => {
    const { state, reason, at } = await ran(
      { steps: [{ message: { text: 'hello' } }], onError: [notify('broken')], finally: [notify('over')] },
      (now) => {
        now.device().before = () => {
          throw new Error('no answer');
        };
      },
    );
    expect([state, reason, at.sent]).toEqual([
      'failed',
      'step 1 (message): no answer',
      ['ops: broken', 'ops: over'],
    ]);
  });

  it('a room that hangs up in the middle is no failure, and nothing of the call is left', async () => {
    const { state, told, at } = await ran(
      {
        deadline: '20m',
        steps: [
          { dial: { number: 'standup@example.com' } },
          { wait: '1m' },
          { disconnect: { onlyOwn: true } },
          notify('over'),
        ],
      },
      (now) => void now.clock.after(40_000, () => now.device().state.farEndHangsUp()),
    );
    expect([state, at.sent]).toEqual(['succeeded', ['ops: over']]);
    expect(told[2]).toContain('no call');
    expect(at.device().state.calls.list()).toEqual([]);
    expect(at.device().state.screen.now()).toEqual([]);
  });

  it('finally runs after a cancel, too', async () => {
    const { state, at } = await ran({ steps: [{ wait: '5m' }], finally: [notify('over')] }, (now) => {
      void now.clock.after(
        1_000,
        () => void now.engine.runs().then(([run]) => now.engine.cancel(run?.id ?? '', 'bob')),
      );
    });
    expect([state, at.sent]).toEqual(['cancelled', ['ops: over']]);
  });
});

describe('a macro for the fleet', () => {
  const DEVICES = ['boardroom-1', 'boardroom-2', 'boardroom-3'].map((name) => sampleDevice(name));

  it('runs once, does the same on each device, goes on where one fails, and names it', async () => {
    const at = await world(
      [
        macro({
          when: undefined,
          scope: 'fleet',
          steps: [
            {
              each: { devices: 'all', parallel: 2, steps: [{ message: { text: '{{device.name}}' } }] },
              as: 'shown',
              onError: [notify('not everywhere')],
            },
            notify('{{fleet.devices}} rooms'),
          ],
        }),
      ],
      DEVICES,
    );
    at.device('boardroom-2').before = () => {
      throw new Error('no answer');
    };
    const { id, ended } = await at.engine.runNow('chore', null, { actor: 'ada' });
    expect(await ended).toMatchObject({ state: 'succeeded' });
    const run = await at.engine.run(id);
    expect(run).toMatchObject({ device: null, deviceId: null });
    expect(run?.steps.find(({ step }) => step === 'each')?.result).toMatch(
      /1 of 3 devices: boardroom-2: .*no answer/,
    );
    expect(
      at
        .device('boardroom-3')
        .state.screen.now()
        .map(({ text }) => text),
    ).toEqual(['boardroom-3']);
    expect(at.sent).toEqual(['ops: not everywhere', 'ops: 1 rooms']);
  });

  it('goes on with the other devices where machines must leave one alone', async () => {
    const devices = DEVICES.map((device) => ({ ...device, protected: device.name === 'boardroom-1' }));
    const steps = [{ each: { devices: 'all', parallel: 1, steps: [{ message: { text: 'out' } }] } }];
    const at = await world([macro({ when: undefined, scope: 'fleet', steps })], devices);
    const { ended } = await at.engine.runNow('chore', null, { actor: 'ada' });
    expect(await ended).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/boardroom-1 is protected/),
    });
    const shown = devices.map(({ name }) => at.device(name).state.screen.now().length);
    expect(shown).toEqual([0, 1, 1]);
  });

  it('takes no device, and one for devices wants one', async () => {
    const at = await world([
      macro({ when: undefined, scope: 'fleet', steps: [notify('x')] }),
      macro({ name: 'each' }),
    ]);
    await expect(at.engine.runNow('chore', 'boardroom-1', { actor: 'ada' })).rejects.toThrow(
      'name no device',
    );
    await expect(at.engine.runNow('each', null, { actor: 'ada' })).rejects.toThrow('name one with --device');
  });
});

describe('limits', () => {
  it('a rate skips what would be too often, and says so', async () => {
    const at = await world([macro({ rate: { most: 2, per: '1h' }, steps: [notify('x')] })]);
    for (let run = 0; run < 3; run += 1)
      await (await at.engine.runNow('chore', 'boardroom-1', { actor: 'ada' })).ended;
    const runs = await at.runs();
    expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'skipped']);
    expect(runs[2]?.reason).toMatch(/ran 2 times since .* its rate allows 2/);
  });

  it('onlyWhenFree asks the device at that moment', async () => {
    const at = await world([macro({ onlyWhenFree: true, steps: [notify('x')] })]);
    at.occupancy = { state: 'busy', reason: 'it is in a call' };
    await (await at.engine.runNow('chore', 'boardroom-1', { actor: 'ada' })).ended;
    expect(await at.runs()).toMatchObject([
      { state: 'skipped', reason: 'the room is in use: it is in a call' },
    ]);
  });

  it('a run is done again from a step, with what the steps before had told', async () => {
    const at = await world([
      macro({
        steps: [
          { waitFor: { condition: "presence == 'yes'", within: '1m' }, as: 'there' },
          { message: { text: 'hello' } },
          notify('there: {{steps.there.met}}'),
        ],
      }),
    ]);
    at.device().before = () => {
      throw new Error('no answer');
    };
    const first = await at.engine.runNow('chore', 'boardroom-1', { actor: 'ada' });
    expect(await first.ended).toMatchObject({ state: 'failed' });
    at.device().before = () => undefined;
    const again = await at.engine.runAgain(first.id, 2, 'bob');
    expect(await again.ended).toMatchObject({ state: 'succeeded' });
    expect(at.sent).toEqual(['ops: there: true']);
    await expect(at.engine.runAgain(first.id, 9, 'bob')).rejects.toThrow('has steps 1 to 3');
  });

  it('a dry run says what every way would do, and does nothing', async () => {
    const at = await world([
      macro({
        steps: [{ if: "presence == 'no'", then: [notify('empty')], else: [{ message: { text: 'hi' } }] }],
      }),
    ]);
    const { id, ended } = await at.engine.runNow('chore', 'boardroom-1', { actor: 'ada', isDry: true });
    expect(await ended).toMatchObject({ state: 'would-run' });
    expect((await at.engine.run(id))?.steps.map(({ path, result }) => `${path}: ${result}`)).toEqual([
      "steps[0].then[0]: if presence == 'no': would tell ops: empty",
      'steps[0].else[0]: unless presence == \'no\': would show "hi" on the screen',
    ]);
    expect(at.sent).toEqual([]);
  });
});

describe('what the file says wrong', () => {
  it('comes all at once, each with its place', () => {
    const fleet = sampleFleet({
      macros: [
        macro({
          when: [{ booking: { at: 'start', offset: '-5m' } }, { feedback: { path: '/Status/Audio/Volume' } }],
          if: 'presense == 1',
          steps: [
            { if: 'peopleCount', then: [{ message: { text: '{{steps.nobody.field}}' } }] },
            { waitFor: { condition: "standby == 'asleep'", within: '1m' }, as: 'one' },
            { waitFor: { condition: 'steps.one.met && steps.two.met', within: '1m' }, as: 'one' },
            { each: { devices: 'nosuch', steps: [{ each: { devices: 'all', steps: [{ wait: '1s' }] } }] } },
            { notify: { to: 'nobody', markdown: 'x' }, as: 'told' },
            { wait: '20m' },
          ],
          finally: [{ wait: '2m' }],
        }),
        macro({ name: 'fleet', scope: 'fleet', onlyWhenFree: true, steps: [{ message: { text: 'x' } }] }),
      ],
    });
    const found = problemsOf(fleet);
    for (const expected of [
      /^macros\[0\]\.when\[1\]\.feedback\.path: nobody tells roomd of \/Status\/Audio\/Volume on boardroom-1: add it to feedback\.expressions/,
      /^macros\[0\]\.if: .*"presense" is not known/,
      /^macros\[0\]\.steps\[0\]\.if: the condition is a int/,
      /^macros\[0\]\.steps\[0\]\.then\[0\]\.message\.text: \{\{steps\.nobody\.field\}\} stands for nothing/,
      /^macros\[0\]\.steps\[1\]\.waitFor\.condition: .*standby is never 'asleep'/,
      /^macros\[0\]\.steps\[2\]\.waitFor\.condition: .*there is no "two"/,
      /^macros\[0\]\.steps\[2\]\.as: "one" is the name of an earlier step/,
      /^macros\[0\]\.steps\[3\]\.each\.devices: no device is named "nosuch"/,
      /^macros\[0\]\.steps\[3\]\.each\.steps\[0\]\.each: it stands within another each/,
      /^macros\[0\]\.steps\[4\]\.notify\.to: there is no notifier "nobody"/,
      /^macros\[0\]\.steps\[4\]\.as: a notify step tells nothing/,
      /^macros\[0\]\.deadline: the steps may take/,
      /^macros\[0\]\.finally: its steps may take 2m/,
      /^macros\[1\]\.when: a run for the fleet has no wall clock of its own/,
      /^macros\[1\]\.steps\[0\]\.message: message acts on a device/,
      /^macros\[1\]\.onlyWhenFree: it is about one room/,
    ])
      expect(found.join('\n')).toMatch(new RegExp(expected.source, 'm'));
  });
});
