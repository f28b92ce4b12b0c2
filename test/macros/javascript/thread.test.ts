import { expect, it } from 'vitest';
import { ManualClock, systemClock } from '../../../src/lib/clock.ts';
import { compileEngine } from '../../../src/macros/javascript/engine.ts';
import { SANDBOX_LIMITS, type SandboxJob } from '../../../src/macros/javascript/protocol.ts';
import { converse } from '../../../src/macros/javascript/thread.ts';

const HOUR_MS = 3_600_000;

/** A script that computes for ever, in a sandbox that lets it. */
async function endless(): Promise<SandboxJob> {
  const source = "export default { run({ log }) { log('begins'); for (;;) {} } };";
  return {
    does: 'run',
    engine: await compileEngine(),
    limits: { ...SANDBOX_LIMITS, turnMs: HOUR_MS, turnMostMs: HOUR_MS },
    file: { file: 'macros/a.js', source },
    given: { macro: 'chore', trigger: {}, device: null, steps: [] },
  };
}

it('a thread that does not give way is ended, whatever its own limits are', async () => {
  const watch = new ManualClock();
  const hear = (): boolean => {
    void watch.advance(2 * HOUR_MS);
    return false;
  };
  await expect(converse(await endless(), { watch, hear })).rejects.toMatchObject({
    code: 'script-crashed',
    message: 'the thread of the script did not give way and was ended',
  });
});

it('a thread ends in the middle of its work when its signal aborts', async () => {
  const end = new AbortController();
  const hear = (): boolean => {
    end.abort(new Error('enough'));
    return false;
  };
  const conversation = converse(await endless(), { watch: systemClock(), signal: end.signal, hear });
  await expect(conversation).rejects.toThrow('enough');
});

it('a thread that cannot begin is told of', async () => {
  const job = { ...(await endless()), engine: {} };
  await expect(converse(job, { watch: systemClock(), hear: () => false })).rejects.toMatchObject({
    code: 'script-crashed',
    message: expect.stringMatching(/broke down/),
  });
});
