import { afterEach, describe, expect, it } from 'vitest';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { uuidv7 } from '../../src/lib/random.ts';
import { MACRO_DEFAULTS, MacroEngine, MacroError } from '../../src/macros/engine.ts';
import type { MacroState } from '../../src/macros/ports.ts';
import type { RunRecord } from '../../src/macros/run-store.ts';
import { readEvents } from '../../src/storage/events.ts';
import { getFact, setFact } from '../../src/storage/facts.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { InProcessDevice } from './in-process-device.ts';
import { sampleDevice, sampleFleet } from './sample-fleet.ts';

const EMPTY: MacroState = {
  presence: 'yes',
  peopleCount: 2,
  inCall: false,
  callStatus: 'none',
  standby: 'off',
  sharing: false,
};

class World {
  readonly clock: ManualClock;
  readonly devices = new Map<string, InProcessDevice>();
  readonly sent: string[] = [];
  mode: 'observe' | 'enforce' = 'enforce';
  state: MacroState = EMPTY;
  held: string | null = null;
  engine: MacroEngine;
  readonly temporary: TemporaryDatabase;

  constructor(temporary: TemporaryDatabase, at: string) {
    this.temporary = temporary;
    this.clock = new ManualClock(Date.parse(at));
    this.engine = this.newEngine();
  }

  /** As after a restart of the daemon. */
  newEngine(options: Partial<typeof MACRO_DEFAULTS> = {}): MacroEngine {
    return new MacroEngine(
      { ...MACRO_DEFAULTS, ...options },
      {
        database: this.temporary.database,
        clock: this.clock,
        newId: uuidv7(this.clock),
        logger: silentLogger,
        ports: {
          device: (name) => this.devices.get(name) ?? null,
          state: () => this.state,
          mode: () => this.mode,
          mayAct: () => (this.held === null ? { ok: true } : { ok: false, reason: this.held }),
          enqueue: (notifier, { markdown }) => {
            this.sent.push(`${notifier}: ${markdown}`);
            return Promise.resolve('message-1');
          },
          occupancy: () => Promise.resolve({ state: 'free', reason: '' }),
        },
      },
    );
  }

  async fleet(
    macros: object[],
    devices: readonly DesiredDevice[] = [sampleDevice('boardroom-1')],
  ): Promise<void> {
    const { database } = this.temporary;
    for (const [index, { name }] of devices.entries()) {
      if (this.devices.has(name)) continue;
      await database.write([
        database.query.insertInto('device').values({ id: index + 1, name, host: 'h', created_at: 0 }),
      ]);
      this.devices.set(name, new InProcessDevice({ name, id: index + 1 }, { clock: this.clock }));
    }
    this.engine.reload(sampleFleet({ macros, devices }));
  }

  /** Lets time go on, with room for the database, until the condition holds. */
  async until(what: string, holds: () => Promise<boolean>, stepMs = 1_000): Promise<void> {
    for (let turn = 0; turn < 400; turn += 1) {
      if (await holds()) return;
      await this.clock.advance(stepMs);
      await this.settle();
    }
    throw new Error(`it did not come about: ${what}`);
  }

  /** Lets what was begun pass through the database, which lives in real time; a run records up to four things in a row. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await setFact(this.temporary.database, 'test', String(turn));
  }

  async runs(macro?: string): Promise<RunRecord[]> {
    return (await this.engine.runs(macro === undefined ? {} : { macro })).reverse();
  }

  async untilEnded(count: number, stepMs?: number): Promise<RunRecord[]> {
    await this.until(
      `${count} ended runs`,
      async () => (await this.runs()).filter(({ endedAt }) => endedAt !== null).length >= count,
      stepMs,
    );
    return this.runs();
  }

  /** The tick has looked at this minute and everything of it is recorded. */
  async untilTicked(at: string): Promise<void> {
    const minute = Date.parse(at);
    await this.until(
      `tick of ${at}`,
      async () => {
        const stored = await getFact(this.temporary.database, 'macros.tick');
        return stored !== null && (JSON.parse(stored) as { minute: number }).minute >= minute;
      },
      15_000,
    );
  }

  device(name = 'boardroom-1'): InProcessDevice {
    const device = this.devices.get(name);
    if (device === undefined) throw new Error(`no ${name}`);
    return device;
  }
}

const open: World[] = [];

async function world(at: string): Promise<World> {
  const made = new World(await temporaryDatabase(), at);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const one of open.splice(0)) {
    let isDone = false;
    const stopping = one.engine.stop().then(() => {
      isDone = true;
    });
    await one.until('stop', () => Promise.resolve(isDone));
    await stopping;
    await one.temporary.close();
  }
});

function macro(changes: object = {}) {
  return {
    name: 'chore',
    devices: 'all',
    when: { schedule: '55 8 * * *' },
    steps: [{ message: { text: 'Hello {{device.name}}' } }],
    ...changes,
  };
}

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
    expect(reasons.sort()).toEqual([
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
    void here.engine.cancelForbidden();
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
          deadline: '30s',
          steps: [{ dial: { number: 'silent@example.com', connectWithin: '15s' } }],
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
    await here.untilEnded(3);
    const slow = (await here.runs('slow')).find(({ device }) => device === 'boardroom-1');
    expect(slow).toMatchObject({ state: 'failed' });
    expect((await here.runs('broken'))[0]).toMatchObject({
      state: 'failed',
      reason: 'step 1 (command): the device has no command No.Such',
      steps: [{ step: 'command', state: 'failed' }],
    });
    expect(here.sent).toEqual([]);
    expect(here.device().state.calls.list()).toEqual([]);
  });

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
    expect(runs.map((run) => [run.macro, run.trigger, run.state]).sort()).toEqual([
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

  it('runs by hand, as often as asked, under the same rules', async () => {
    const here = await world('2026-11-23T12:00:00Z');
    await here.fleet([macro({ if: "presence == 'yes'" }), macro({ name: 'off', enabled: false })]);
    const first = await here.engine.runNow('chore', 'boardroom-1', 'ada');
    expect(await first.ended).toEqual({ state: 'succeeded', reason: null });
    here.state = { ...EMPTY, presence: 'no' };
    const second = await here.engine.runNow('chore', 'boardroom-1', 'ada');
    expect(await second.ended).toMatchObject({ state: 'skipped' });
    expect(await here.engine.run(first.id)).toMatchObject({ trigger: 'by ada', state: 'succeeded' });
    for (const [name, device, code] of [
      ['chroe', 'boardroom-1', 'macro-unknown'],
      ['off', 'boardroom-1', 'macro-disabled'],
      ['chore', 'boardroom-2', 'device-not-meant'],
    ] as const) {
      await expect(here.engine.runNow(name, device, 'ada')).rejects.toSatisfy(
        (error) => error instanceof MacroError && error.code === code,
      );
    }
  });

  it('cancels a run by its id', async () => {
    const here = await world('2026-11-23T12:00:00Z');
    await here.fleet([macro({ steps: [{ wait: '5m' }] })]);
    const { id } = await here.engine.runNow('chore', 'boardroom-1', 'ada');
    expect(await here.engine.cancel(id, 'bob')).toBe(true);
    expect(await here.engine.run(id)).toMatchObject({ state: 'cancelled', reason: /cancelled by bob/ });
    expect(await here.engine.cancel(id, 'bob')).toBe(false);
  });
});
