import { afterEach, describe, expect, it } from 'vitest';
import { MacroError } from '../../src/macros/macro-error.ts';
import { appendEvents, readEvents } from '../../src/storage/events.ts';
import { sampleDevice } from './sample-fleet.ts';
import { byText, EMPTY, macro, newWorld, type World } from './world.ts';

const open: World[] = [];

async function world(at: string): Promise<World> {
  const made = await newWorld(at);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('MacroEngine', () => {
  it('runs a macro when its minute comes, and records run, steps and event', async () => {
    const here = await world('2026-11-23T07:54:30Z');
    await here.fleet([
      macro({
        if: "presence == 'yes'",
        steps: [{ message: { text: 'Hello' } }, { notify: { to: 'ops', markdown: '{{device.name}}' } }],
      }),
    ]);
    await here.engine.start();
    const [run] = await here.untilEnded(1);
    expect(run).toMatchObject({
      macro: 'chore',
      device: 'boardroom-1',
      trigger: 'schedule',
      dueAt: Date.parse('2026-11-23T07:55:00Z'),
      state: 'succeeded',
      reason: null,
      steps: [
        { step: 'message', state: 'succeeded', result: 'showed "Hello" for 10s' },
        { step: 'notify', state: 'succeeded', result: 'message message-1 to ops is in the outbox' },
      ],
    });
    expect(here.device().state.screen.history).toMatchObject([{ text: 'Hello' }]);
    expect(here.sent).toEqual(['ops: boardroom-1']);
    const events = await readEvents(here.temporary.database, { afterSeq: 0, limit: 10, kinds: ['run'] });
    expect(events).toMatchObject([
      { deviceId: 1, payload: { id: run?.id, macro: 'chore', state: 'succeeded' } },
    ]);
    expect(here.engine.nextRuns()).toEqual([
      {
        macro: 'chore',
        device: 'boardroom-1',
        dueAt: Date.parse('2026-11-24T07:55:00Z'),
        local: '2026-11-24 08:55',
        timezone: 'Europe/Oslo',
      },
    ]);
  });

  it('dials at its time, and the call stands', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    await here.fleet([macro({ steps: [{ dial: { number: 'standup@example.com' } }] })]);
    await here.engine.start();
    const [run] = await here.untilEnded(1);
    expect(run).toMatchObject({ state: 'succeeded', steps: [{ step: 'dial', state: 'succeeded' }] });
    expect(here.device().state.calls.list()).toMatchObject([
      { number: 'standup@example.com', status: 'Connected' },
    ]);
  });

  it('does nothing in observe, and records what it would have done', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    here.mode = 'observe';
    await here.fleet([
      macro({
        steps: [
          { dial: { number: 'standup@example.com' } },
          { message: { text: 'Hello {{device.name}}' } },
          { notify: { to: 'ops', markdown: 'x' } },
        ],
      }),
    ]);
    await here.engine.start();
    const [run] = await here.untilEnded(1);
    expect(run).toMatchObject({
      state: 'would-run',
      steps: [
        { state: 'skipped', result: 'would dial standup@example.com with microphones and camera muted' },
        { state: 'skipped', result: 'would show "Hello boardroom-1" on the screen' },
        { state: 'skipped', result: 'would tell ops: x' },
      ],
    });
    expect(here.device().state.calls.history).toEqual([]);
    expect(here.device().state.screen.history).toEqual([]);
    expect(here.sent).toEqual([]);
  });

  it('skips with the reason where the condition is not met, or cannot be decided', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    here.state = { ...EMPTY, inCall: null, presence: 'no' };
    await here.fleet([
      macro({ name: 'unmet', if: "presence == 'yes'" }),
      macro({ name: 'undecided', if: '!inCall' }),
    ]);
    await here.engine.start();
    await here.untilEnded(2);
    expect(await here.runs('unmet')).toMatchObject([
      { state: 'skipped', reason: "its condition is not met: presence == 'yes'" },
    ]);
    expect(await here.runs('undecided')).toMatchObject([
      { state: 'skipped', reason: 'the condition needs inCall, which is not known now' },
    ]);
    expect(here.device().state.screen.history).toEqual([]);
  });

  it('skips what a hold or `protected` forbids', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    await here.fleet([macro()], [sampleDevice('boardroom-1'), sampleDevice('vip-1', { protected: true })]);
    here.held = 'held by ada: fire drill';
    await here.engine.start();
    const reasons = (await here.untilEnded(2)).map(({ device, state, reason }) => [device, state, reason]);
    expect(reasons.toSorted(byText)).toEqual([
      ['boardroom-1', 'skipped', 'held by ada: fire drill'],
      ['vip-1', 'skipped', 'vip-1 is protected: machines never act on it'],
    ]);
  });

  it('ends a run that a hold overtakes, and the dial step takes back what it began', async () => {
    const here = await world('2026-11-23T07:54:59Z');
    await here.fleet([macro({ steps: [{ dial: { number: 'silent@example.com' } }] })]);
    await here.engine.start();
    await here.until('ringing', () => Promise.resolve(here.device().state.calls.list().length === 1));
    here.held = 'held by ada: fire drill';
    await appendEvents(here.temporary.database, [
      {
        deviceId: null,
        kind: 'hold',
        path: null,
        payload: {},
        source: 'roomd',
        receivedAt: 0,
        deviceAt: null,
      },
    ]);
    const [run] = await here.untilEnded(1);
    expect(run).toMatchObject({ state: 'cancelled', reason: expect.stringContaining('fire drill') });
    expect(here.device().state.calls.list()).toEqual([]);
    expect(here.device().state.status('Audio.Microphones.Mute')).toBe('Off');
  });

  it('does not overlap a macro with itself on a device', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    await here.fleet([macro({ when: { schedule: '* * * * *' }, steps: [{ wait: '90s' }] })]);
    await here.engine.start();
    await here.untilEnded(2, 15_000);
    const [first, second] = await here.runs();
    expect(first).toMatchObject({ state: 'succeeded' });
    expect(second).toMatchObject({
      state: 'skipped',
      reason: 'the run that was due at 2026-11-23T07:55:00.000Z was still under way',
    });
  });

  it('runs one macro at a time on a device; one whose turn does not come by its deadline is skipped', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    await here.fleet([
      macro({ name: 'first', steps: [{ wait: '60s' }] }),
      macro({ name: 'second' }),
      macro({ name: 'third', deadline: '30s' }),
    ]);
    await here.engine.start();
    const runs = await here.untilEnded(3);
    const of = (name: string) => runs.find((run) => run.macro === name);
    expect(of('first')).toMatchObject({ state: 'succeeded' });
    expect(of('second')).toMatchObject({ state: 'succeeded' });
    expect(of('second')?.startedAt).toBeGreaterThanOrEqual(of('first')?.endedAt ?? Number.POSITIVE_INFINITY);
    expect(of('third')).toMatchObject({
      state: 'skipped',
      startedAt: null,
      reason: /turn on the device did not come/,
    });
  });

  it('gives up at the deadline and stops at the first step that fails', async () => {
    const here = await world('2026-11-23T07:54:50Z');
    await here.fleet(
      [
        macro({
          name: 'slow',
          devices: 'boardroom-1',
          deadline: '30s',
          steps: [{ dial: { number: 'silent@example.com', connectWithin: '5m' } }],
        }),
        macro({
          name: 'broken',
          devices: 'desk-1',
          steps: [{ command: { path: 'No.Such' } }, { notify: { to: 'ops', markdown: 'never' } }],
        }),
      ],
      [sampleDevice('boardroom-1'), sampleDevice('desk-1')],
    );
    await here.engine.start();
    await here.untilEnded(2);
    expect((await here.runs('slow'))[0]).toMatchObject({
      state: 'failed',
      reason: 'step 1 (dial): the macro slow did not finish within 30 s',
    });
    expect((await here.runs('broken'))[0]).toMatchObject({
      state: 'failed',
      reason: 'step 1 (command): the device has no command No.Such',
      steps: [{ step: 'command', state: 'failed' }],
    });
    expect(here.sent).toEqual([]);
    expect(here.device().state.calls.list()).toEqual([]);
    expect(here.device().state.calls.history).toHaveLength(1);
  });

  it('runs by hand, as often as asked, under the same rules', async () => {
    const here = await world('2026-11-23T12:00:00Z');
    await here.fleet([macro({ if: "presence == 'yes'" }), macro({ name: 'off', enabled: false })]);
    const first = await here.engine.runNow('chore', 'boardroom-1', { actor: 'ada' });
    expect(await first.ended).toEqual({ state: 'succeeded', reason: null });
    here.state = { ...EMPTY, presence: 'no' };
    const second = await here.engine.runNow('chore', 'boardroom-1', { actor: 'ada' });
    expect(await second.ended).toMatchObject({ state: 'skipped' });
    expect(await here.engine.run(first.id)).toMatchObject({ trigger: 'by ada', state: 'succeeded' });
    for (const [name, device, code] of [
      ['chroe', 'boardroom-1', 'macro-unknown'],
      ['off', 'boardroom-1', 'macro-disabled'],
      ['chore', 'boardroom-2', 'device-not-meant'],
    ] as const) {
      await expect(here.engine.runNow(name, device, { actor: 'ada' })).rejects.toSatisfy(
        (error) => error instanceof MacroError && error.code === code,
      );
    }
  });

  it('cancels a run by its id', async () => {
    const here = await world('2026-11-23T12:00:00Z');
    await here.fleet([macro({ steps: [{ wait: '5m' }] })]);
    const { id } = await here.engine.runNow('chore', 'boardroom-1', { actor: 'ada' });
    expect(await here.engine.cancel(id, 'bob')).toBe(true);
    expect(await here.engine.run(id)).toMatchObject({ state: 'cancelled', reason: /cancelled by bob/ });
    expect(await here.engine.cancel(id, 'bob')).toBe(false);
  });
});
