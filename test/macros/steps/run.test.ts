import { afterEach, describe, expect, it } from 'vitest';
import { MACRO_DEFAULTS } from '../../../src/macros/engine.ts';
import { problemsOf, sampleDevice, sampleFleet } from '../sample-fleet.ts';
import { macro, newWorld, type World } from '../world.ts';

const BY_HAND = { actor: 'olav' };
const TWO = [sampleDevice('boardroom-1'), sampleDevice('boardroom-2')];
let world: World | null = null;

afterEach(async () => {
  await world?.close();
  world = null;
});

/** A world with macros that only run by hand. */
async function room(macros: readonly object[], devices = TWO): Promise<World> {
  world = await newWorld('2026-11-23T07:00:00Z');
  await world.fleet(
    macros.map((one) => macro({ when: undefined, ...one })),
    devices,
  );
  await world.engine.start();
  return world;
}

function outer(...steps: object[]) {
  return { name: 'outer', steps };
}

function inner(changes: object = {}) {
  return { name: 'inner', steps: [{ log: 'inside {{device.name}}' }], ...changes };
}

function ends(runs: Awaited<ReturnType<World['runs']>>): string[] {
  return runs.map((run) => `${run.macro} ${run.device} ${run.trigger} ${run.state}`);
}

function problems(...macros: object[]): string[] {
  return problemsOf(sampleFleet({ devices: TWO, macros: macros.map((one) => macro(one)) }));
}

describe('run', () => {
  it('runs another macro on the same device within its own turn, and waits for its end', async () => {
    const here = await room([
      outer({ run: 'inner', as: 'other' }, { log: 'it {{steps.other.state}}' }),
      inner({ steps: [{ wait: '30s' }] }),
    ]);
    await here.engine.runNow('outer', 'boardroom-1', BY_HAND);
    const [first, second] = await here.untilEnded(2);
    expect(ends([first, second].flatMap((run) => run ?? []))).toEqual([
      'outer boardroom-1 by olav succeeded',
      'inner boardroom-1 by macro outer succeeded',
    ]);
    expect(first?.steps.map(({ result }) => result)).toEqual([
      `the macro inner succeeded (run ${second?.id})`,
      'it succeeded',
    ]);
    expect((first?.endedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(30_000);
    expect(second?.facts).toEqual(first?.facts);
  });

  it('fails where the other fails, and not where its condition is not met', async () => {
    const here = await room([
      outer({ run: 'unmet' }, { run: 'inner' }),
      inner({ name: 'unmet', if: "presence == 'no'" }),
      inner({ steps: [{ command: { path: 'Standby.Nonsense' } }] }),
    ]);
    await here.engine.runNow('outer', 'boardroom-1', BY_HAND);
    const [run] = await here.untilEnded(3);
    expect(run).toMatchObject({
      state: 'failed',
      steps: [
        { state: 'succeeded', result: expect.stringMatching(/^the macro unmet skipped: its condition/) },
        { state: 'failed', result: expect.stringMatching(/^the macro inner failed: step 1 \(command\)/) },
      ],
    });
  });

  it('ends the other when it is cancelled itself', async () => {
    const here = await room([outer({ run: 'inner' }), inner({ steps: [{ wait: '5m' }] })]);
    const { id } = await here.engine.runNow('outer', 'boardroom-1', BY_HAND);
    await here.until('both are under way', async () => (await here.runs('inner'))[0]?.startedAt != null);
    expect(await here.engine.cancel(id, 'olav')).toBe(true);
    expect(ends(await here.untilEnded(2))).toEqual([
      'outer boardroom-1 by olav cancelled',
      'inner boardroom-1 by macro outer cancelled',
    ]);
  });

  it('is cancelled where somebody ends the other', async () => {
    const here = await room([outer({ run: 'inner' }), inner({ steps: [{ wait: '5m' }] })]);
    await here.engine.runNow('outer', 'boardroom-1', BY_HAND);
    await here.until('both are under way', async () => (await here.runs('inner'))[0]?.startedAt != null);
    const [other] = await here.runs('inner');
    await here.engine.cancel(other?.id ?? '', 'olav');
    expect(ends(await here.untilEnded(2))[0]).toBe('outer boardroom-1 by olav cancelled');
  });

  it('goes on for the fleet and on each device, also where only one run may act at a time', async () => {
    const here = await room([]);
    here.engine = here.newEngine({ ...MACRO_DEFAULTS, mostRuns: 1 });
    await here.fleet(
      [
        { ...outer({ run: 'fleetwide' }), scope: 'fleet' },
        { name: 'fleetwide', scope: 'fleet', steps: [{ log: 'for all' }, { run: 'third' }] },
        { name: 'third', scope: 'fleet', steps: [{ log: 'too' }] },
      ].map((one) => macro({ when: undefined, ...one })),
      TWO,
    );
    await here.engine.start();
    await here.engine.runNow('outer', null, BY_HAND);
    expect(ends(await here.untilEnded(3))).toEqual([
      'outer null by olav succeeded',
      'fleetwide null by macro outer succeeded',
      'third null by macro fleetwide succeeded',
    ]);
  });

  it('runs on each device of a fleet', async () => {
    const here = await room([
      { ...outer({ each: { devices: 'all', steps: [{ run: 'inner' }] } }), scope: 'fleet' },
      inner(),
    ]);
    await here.engine.runNow('outer', null, BY_HAND);
    expect(ends(await here.untilEnded(3)).toSorted()).toEqual([
      'inner boardroom-1 by macro outer succeeded',
      'inner boardroom-2 by macro outer succeeded',
      'outer null by olav succeeded',
    ]);
  });

  it('waits for no device whose turn its own chain holds', async () => {
    const here = await room([
      outer({ each: { devices: 'boardroom-2', steps: [{ run: 'inner' }] } }),
      inner({ steps: [{ each: { devices: 'all', steps: [{ log: 'at {{device.name}}' }] } }] }),
    ]);
    await here.engine.runNow('outer', 'boardroom-1', BY_HAND);
    expect(ends(await here.untilEnded(2))).toEqual([
      'outer boardroom-1 by olav succeeded',
      'inner boardroom-2 by macro outer succeeded',
    ]);
  });

  it('waits for no run of the other macro that waits for the device', async () => {
    const here = await room([
      outer({ wait: '20s' }, { run: 'inner' }),
      inner({ concurrency: 1, overlap: 'wait' }),
    ]);
    await here.engine.runNow('outer', 'boardroom-1', BY_HAND);
    await here.until('it is under way', async () => (await here.runs('outer'))[0]?.startedAt != null);
    await here.engine.runNow('inner', 'boardroom-1', BY_HAND);
    expect(ends(await here.untilEnded(3)).toSorted()).toEqual([
      'inner boardroom-1 by macro outer succeeded',
      'inner boardroom-1 by olav succeeded',
      'outer boardroom-1 by olav succeeded',
    ]);
  });

  it('is checked over all macros when the file is loaded', () => {
    const at = 'macros[0].steps[0].run';
    expect(problems(outer({ run: 'inner' }), inner())).toEqual([]);
    expect(problems(outer({ run: 'iner' }), inner())).toEqual([
      `${at}: there is no macro "iner". Did you mean "inner"?`,
    ]);
    expect(problems(outer({ run: 'outer' }))).toEqual([
      `${at}: it would run itself without end: outer → outer.`,
    ]);
    expect(
      problems(outer({ run: 'inner' }), inner({ steps: [{ retry: { steps: [{ run: 'outer' }] } }] })),
    ).toEqual([
      `${at}: it would run itself without end: outer → inner → outer.`,
      'macros[1].steps[0].retry.steps[0].run: it would run itself without end: inner → outer → inner.',
    ]);
    expect(
      problems(outer({ run: 'inner' }), inner({ scope: 'fleet', timezone: 'UTC', steps: [{ log: 'x' }] })),
    ).toEqual([
      expect.stringContaining('"inner" is for the fleet as a whole, and this step acts on a device'),
    ]);
    expect(problems({ ...outer({ run: 'inner' }), scope: 'fleet', timezone: 'UTC' }, inner())).toEqual([
      `${at}: "inner" runs on a device: put it within an \`each\` that names devices.`,
    ]);
    expect(problems(outer({ run: 'inner' }), inner({ devices: 'boardroom-1' }))).toEqual([
      `${at}: "inner" is for boardroom-1, which does not name boardroom-2.`,
    ]);
    expect(problems(outer({ run: 'inner' }), inner({ enabled: false }))).toEqual([
      `${at}: "inner" says \`enabled: false\`, so this step fails.`,
    ]);
  });
});
