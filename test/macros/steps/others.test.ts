import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/macros/step.ts';
import { command } from '../../../src/macros/steps/command.ts';
import { disconnect } from '../../../src/macros/steps/disconnect.ts';
import { log } from '../../../src/macros/steps/log.ts';
import { message } from '../../../src/macros/steps/message.ts';
import { notify } from '../../../src/macros/steps/notify.ts';
import { wait } from '../../../src/macros/steps/wait.ts';
import { runStep, type StepRoom, stepRoom } from '../step-context.ts';

/** What a step came to in words, or its error. */
async function run<Args>(step: Step<Args>, args: unknown, here: StepRoom, own: string[] = []) {
  const outcome = await runStep(step, args, here, { changes: { ownCalls: own } });
  return outcome instanceof Error ? outcome : outcome.result;
}

function room(): StepRoom {
  return stepRoom({ ringMs: 600_000 });
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

describe('log', () => {
  it('tells the record and the log the filled-in line', async () => {
    const here = room();
    expect(await run(log, '{{device.name}} is odd', here)).toBe('boardroom-1 is odd');
    expect(here.sent).toEqual(['log chore boardroom-1: boardroom-1 is odd']);
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
