import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import { Heartbeat } from '../../src/xapi/heartbeat.ts';

function start(answers: { ping: boolean; read: boolean }) {
  const clock = new ManualClock();
  const done: string[] = [];
  const say = (what: string): void => void done.push(`${what} at ${clock.monotonic()}`);
  const heartbeat: Heartbeat = new Heartbeat(
    { intervalMs: 10_000, deadlineMs: 5_000 },
    {
      clock,
      peer: {
        ping: () => {
          say('ping');
          if (answers.ping) heartbeat.heard();
        },
        read: () => {
          say('read');
          if (answers.read) heartbeat.heard();
        },
        dead: () => say('dead'),
      },
    },
  );
  heartbeat.start();
  return { clock, done, heartbeat };
}

describe('the heartbeat', () => {
  it('pings after silence only', async () => {
    const { clock, done, heartbeat } = start({ ping: true, read: true });
    await clock.advance(6_000);
    heartbeat.heard();
    await clock.advance(9_000);
    expect(done).toEqual([]);
    await clock.advance(1_000);
    expect(done).toEqual(['ping at 16000']);
  });

  it('notices a peer that answers nothing within 30 s', async () => {
    const { clock, done } = start({ ping: false, read: false });
    await clock.advance(60_000);
    expect(done).toEqual(['ping at 10000', 'read at 15000', 'dead at 20000']);
  });

  it('reads instead where pings stay unanswered', async () => {
    const { clock, done } = start({ ping: false, read: true });
    await clock.advance(45_000);
    expect(done).toEqual([
      'ping at 10000',
      'read at 15000',
      'read at 25000',
      'read at 35000',
      'read at 45000',
    ]);
  });

  it('is quiet once stopped', async () => {
    const { clock, done, heartbeat } = start({ ping: false, read: false });
    heartbeat.stop();
    await clock.advance(60_000);
    expect(done).toEqual([]);
  });
});
