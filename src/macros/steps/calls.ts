import { sleep } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import { XapiError } from '../../xapi/errors.ts';
import { type StepContext, StepError } from '../step.ts';

/** A call as its status shows it. */
export interface Call {
  readonly id: string;
  /** xStatus Call Status: `Connected`, `Ringing`, … */
  readonly status: string;
  readonly direction: string;
  /** Who is at the other end, in each way the status says it, without a scheme such as `sip:`. */
  readonly remotes: readonly string[];
}

/** The device's calls, read live; one that is idle has ended and is left out. */
export async function readCalls(
  { device }: Pick<StepContext, 'device'>,
  signal?: AbortSignal,
): Promise<Call[]> {
  const status = await device.readStatus('Call', { signal });
  const calls: Call[] = [];
  for (const [path, value] of status) {
    const id = /^Call\[(\d+)\]\.Status$/.exec(path)?.[1];
    if (id === undefined || value === 'Idle') continue;
    calls.push({
      id,
      status: value,
      direction: status.get(`Call[${id}].Direction`) ?? '',
      remotes: ['RemoteNumber', 'CallbackNumber'].flatMap((name) =>
        addressIn(status.get(`Call[${id}].${name}`)),
      ),
    });
  }
  return calls;
}

function addressIn(text: string | undefined): string[] {
  const address = text?.replace(/^(?:sips?|h323|spark|tel):/i, '') ?? '';
  return address === '' ? [] : [address];
}

/** @throws StepError `refused` when there is a call, and when nobody knows whether there is one */
export async function refuseInCall(context: StepContext, verb: string): Promise<void> {
  let calls: Call[];
  try {
    calls = await readCalls(context, context.signal);
  } catch (error) {
    if (!(error instanceof XapiError)) throw error;
    throw new StepError(
      'refused',
      `did not ${verb}: whether the device is in a call is unknown (${messageOf(error)})`,
      { cause: error },
    );
  }
  const call = calls[0];
  if (call !== undefined)
    throw new StepError('refused', `did not ${verb}: the device is in a call (${call.status.toLowerCase()})`);
}

/**
 * Waits until the call is connected.
 * @throws StepError `failed` when the call ends first or time runs out
 */
export async function waitUntilConnected(
  context: StepContext,
  {
    callId,
    withinMs,
    ended,
    late,
  }: {
    callId: string;
    withinMs: number /** Begins the sentence about a call that ended. */;
    ended: string;
    late: string;
  },
): Promise<void> {
  const until = context.clock.monotonic() + withinMs;
  let status = 'beginning';
  for (;;) {
    const read = await tryRead(context);
    if (read !== null) {
      const call = read.find(({ id }) => id === callId);
      if (call === undefined) throw new StepError('failed', `${ended} (it ended while ${status})`);
      if (call.status === 'Connected') return;
      status = call.status.toLowerCase();
    }
    if (context.clock.monotonic() >= until)
      throw new StepError('failed', `${late} within ${withinMs / 1000} s (still ${status})`);
    await sleep(context.timing.pollMs, context.clock, { signal: context.signal });
  }
}

/** Null where the device does not answer just now; the wait around it has its own end. */
async function tryRead(context: StepContext): Promise<Call[] | null> {
  try {
    return await readCalls(context, context.signal);
  } catch (error) {
    if (error instanceof XapiError && error.retryable) return null;
    throw error;
  }
}

/**
 * Hangs a call up and sees it gone. It does not heed the run's signal: it is
 * how an aborted run is tidied up; the device's own deadlines bound it.
 * @throws StepError `failed` when the call is still there afterwards
 */
export async function hangUp(context: StepContext, callId: string): Promise<void> {
  if (!(await isThere(context, callId))) return;
  try {
    await context.device.command('Call.Disconnect', { CallId: Number(callId) });
  } catch (error) {
    // The far end may have been quicker; what counts is whether the call is still there.
    if (await isThere(context, callId)) throw error;
    return;
  }
  const until = context.clock.monotonic() + context.timing.settleMs;
  while (await isThere(context, callId)) {
    if (context.clock.monotonic() >= until)
      throw new StepError('failed', `call ${callId} is still there after it was hung up`);
    await sleep(context.timing.pollMs, context.clock);
  }
}

async function isThere(context: StepContext, callId: string): Promise<boolean> {
  return (await readCalls(context)).some(({ id }) => id === callId);
}
