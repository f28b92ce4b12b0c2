import { sleep } from '../../../src/lib/abort.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { RunRecord } from '../../../src/macros/run-store.ts';
import type { World } from '../world.ts';

const PATIENCE_MS = 25_000;

/** Lets time go on while threads, which live in real time, do their part, until the condition holds. */
export async function untilSeen(
  here: World,
  what: string,
  holds: () => Promise<boolean>,
  stepMs = 1_000,
): Promise<void> {
  const clock = systemClock();
  const from = clock.monotonic();
  while (!(await holds())) {
    if (clock.monotonic() - from > PATIENCE_MS) throw new Error(`it did not come about: ${what}`);
    await here.clock.advance(stepMs);
    await here.settle();
    await sleep(10, clock);
  }
}

/** Runs that have ended, once there are so many. */
export async function endedRuns(here: World, count: number, stepMs?: number): Promise<RunRecord[]> {
  const ended = async (): Promise<RunRecord[]> =>
    (await here.runs()).filter(({ endedAt }) => endedAt !== null);
  await untilSeen(here, `${count} ended runs`, async () => (await ended()).length >= count, stepMs);
  return await ended();
}

export async function endedRun(here: World): Promise<RunRecord> {
  const [run] = await endedRuns(here, 1);
  if (run === undefined) throw new Error('no run');
  return run;
}
