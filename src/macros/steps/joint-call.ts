import pLimit from 'p-limit';
import type { DesiredDevice } from '../../fleet/fleet.ts';
import { messageOf } from '../../lib/errors.ts';
import { type FreeContext, StepError } from '../step.ts';
import { refuseInCall } from './calls.ts';
import { placeQuietCall, type QuietCall, type QuietCallUp } from './quiet-call.ts';

/** A device that did not join, and why. */
export interface Absent {
  readonly device: DesiredDevice;
  readonly error: unknown;
}

const MOST_TOLD = 5;

/** Which devices could join by now, and which could not whatever is done. @throws the signal's reason */
export async function lookAt(
  targets: readonly DesiredDevice[],
  verb: string,
  { ports, signal }: FreeContext,
): Promise<{ fit: readonly DesiredDevice[]; absent: readonly Absent[] }> {
  const looked = await Promise.all(
    targets.map(async (desired): Promise<DesiredDevice | Absent> => {
      try {
        const device = ports.device(desired.name);
        if (device === null) throw new StepError('failed', 'roomd keeps no session to it');
        await refuseInCall({ device, signal }, verb);
        return desired;
      } catch (error) {
        return { device: desired, error };
      }
    }),
  );
  signal.throwIfAborted();
  return {
    fit: looked.flatMap((one) => ('error' in one ? [] : [one])),
    absent: looked.flatMap((one) => ('error' in one ? [one] : [])),
  };
}

/**
 * Has devices into a call, each as it would be had alone. Those who joined are
 * put into `joined` as they do; resolves with those who did not, once none is
 * on its way any more.
 */
export async function joinAll(
  devices: readonly DesiredDevice[],
  joined: Map<DesiredDevice, QuietCallUp>,
  { call, parallel, context }: { call: QuietCall; parallel: number; context: FreeContext },
): Promise<Absent[]> {
  const absent: Absent[] = [];
  const limit = pLimit(parallel);
  await Promise.all(
    devices.map((device) =>
      limit(async () => {
        try {
          context.signal.throwIfAborted();
          joined.set(device, await context.onDevice(device, (room) => placeQuietCall(room, call)));
        } catch (error) {
          absent.push({ device, error });
        }
      }),
    ),
  );
  return absent;
}

/** A no that all say alike stays that no; for one device its own words are enough. */
export function nobody(absent: readonly Absent[]): StepError {
  const [first, ...others] = absent;
  if (first === undefined) return new StepError('failed', 'no device is meant, so nobody could join');
  const codes = new Set(absent.map(({ error }) => (error instanceof StepError ? error.code : 'failed')));
  const [code = 'failed'] = codes.size === 1 ? codes : [];
  const text = others.length === 0 ? messageOf(first.error) : `nobody joined: ${told(absent)}`;
  return new StepError(code, text, { cause: first.error });
}

export function told(absent: readonly Absent[]): string {
  const named = absent.slice(0, MOST_TOLD).map(({ device, error }) => `${device.name} (${messageOf(error)})`);
  const more = absent.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
