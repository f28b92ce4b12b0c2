import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/lib/clock.ts';
import type { Step, StepContext } from '../../../src/macros/step.ts';
import { command } from '../../../src/macros/steps/command.ts';
import { disconnect } from '../../../src/macros/steps/disconnect.ts';
import { message } from '../../../src/macros/steps/message.ts';
import { notify } from '../../../src/macros/steps/notify.ts';
import { wait } from '../../../src/macros/steps/wait.ts';
import { templateValues } from '../../../src/macros/template.ts';
import { InProcessDevice } from '../in-process-device.ts';
import { sampleDevice, sampleFleet } from '../sample-fleet.ts';

function room() {
  const clock = new ManualClock(Date.parse('2026-11-23T07:55:00Z'));
  const device = new InProcessDevice({ name: 'boardroom-1', settings: { ringMs: 600_000 } }, { clock });
  const cancel = new AbortController();
  const sent: string[] = [];
  const context: StepContext = {
    runId: 'run-1',
    device,
    fleet: sampleFleet(),
    values: templateValues(sampleDevice('boardroom-1'), {
      macro: 'chore',
      wall: Date.UTC(2026, 10, 23, 8, 55),
    }),
    signal: cancel.signal,
    clock,
    timing: { pollMs: 50, settleMs: 1_000 },
    ownCalls: [],
    assertMayAct: () => undefined,
    enqueue: (notifier, { markdown }) => {
      sent.push(`${notifier}: ${markdown}`);
      return Promise.resolve('message-1');
    },
  };
  return { clock, device, cancel, sent, context };
}

/** Runs a step with arguments as they stand in the file while time goes on. */
async function run<Args>(step: Step<Args>, args: unknown, here: ReturnType<typeof room>, own: string[] = []) {
  const ended: { outcome: unknown } = { outcome: null };
  step.run({ ...here.context, ownCalls: own }, step.schema.parse(args)).then(
    ({ result }) => {
      ended.outcome = result;
    },
    (error: unknown) => {
      ended.outcome = error;
    },
  );
  for (let turn = 0; turn < 100 && ended.outcome === null; turn += 1) await here.clock.advance(100);
  return ended.outcome;
}

describe('disconnect', () => {
  it('hangs up every call', async () => {
    const here = room();
    here.device.state.incomingCall({ number: 'a@example.com' });
    here.device.state.incomingCall({ number: 'b@example.com' });
    expect(await run(disconnect, {}, here)).toMatch(/^hung up call \d+ and call \d+$/);
    expect(here.device.state.calls.list()).toEqual([]);
  });

  it('hangs up only the calls of its own run where that is said', async () => {
    const here = room();
    const theirs = here.device.state.incomingCall({ number: 'a@example.com' });
    const own = here.device.state.incomingCall({ number: 'b@example.com' });
    await run(disconnect, { onlyOwn: true }, here, [String(own.id)]);
    expect(here.device.state.calls.list().map(({ id }) => id)).toEqual([theirs.id]);
  });

  it('says that there was nothing to do', async () => {
    expect(await run(disconnect, {}, room())).toBe('there was no call to hang up');
  });
});

describe('message', () => {
  it('shows the filled-in text for its duration', async () => {
    const here = room();
    await run(message, { text: 'Good morning, {{device.name}}, it is {{localTime}}', duration: '5s' }, here);
    expect(here.device.state.screen.now()).toMatchObject([
      { kind: 'alert', text: 'Good morning, boardroom-1, it is 08:55', durationSeconds: 5 },
    ]);
    await here.clock.advance(6_000);
    expect(here.device.state.screen.now()).toEqual([]);
  });

  it('stays until it is cleared only where that is said', async () => {
    const here = room();
    await run(message, { text: 'Out of order', until: 'cleared' }, here);
    await here.clock.advance(3_600_000);
    expect(here.device.state.screen.now()).toMatchObject([{ durationSeconds: 0 }]);
  });
});

describe('command', () => {
  it('runs what is harmless, in any spelling', async () => {
    const here = room();
    expect(await run(command, { path: 'xCommand Standby Halfwake' }, here)).toBe(
      'ran xCommand Standby.Halfwake',
    );
    expect(here.device.state.standby.state).toBe('Halfwake');
  });

  it('passes arguments on', async () => {
    const here = room();
    await run(command, { path: 'Audio.Volume.Set', arguments: { Level: 12 } }, here);
    expect(here.device.state.status('Audio.Volume')).toBe(12);
  });

  it.each([
    'SystemUnit.FactoryReset',
    'SystemUnit[1].FactoryReset',
    'usermanagement.user.delete',
    'Security.Session.Terminate',
    'Dial',
    'Audio.Microphones.Unmute',
  ])('refuses %s even if it came past the check', async (path) => {
    const here = room();
    expect(await run(command, { path }, here)).toMatchObject({ code: 'refused' });
  });
});

describe('notify and wait', () => {
  it('puts the filled-in message into the outbox', async () => {
    const here = room();
    expect(await run(notify, { to: 'ops', markdown: '**{{device.name}}** at {{tags.site}}' }, here)).toBe(
      'message message-1 to ops is in the outbox',
    );
    expect(here.sent).toEqual(['ops: **boardroom-1** at oslo']);
  });

  it('waits as long as it is told', async () => {
    const here = room();
    const began = here.clock.now();
    expect(await run(wait, '3s', here)).toBe('waited 3s');
    expect(here.clock.now() - began).toBeLessThanOrEqual(3_200);
    expect(here.clock.now() - began).toBeGreaterThanOrEqual(3_000);
  });

  it('stops waiting when the run is ended', async () => {
    const here = room();
    here.cancel.abort(new Error('roomd was stopped'));
    expect(await run(wait, '1h', here)).toMatchObject({ message: 'roomd was stopped' });
  });
});
