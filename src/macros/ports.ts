import type { LiveState } from '../feedback/live.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Occupancy } from '../fleet/occupancy.ts';
import type { Device } from '../xapi/device.ts';

/** What macros need of the rest of roomd; bound in `daemon`. */
export interface MacroPorts {
  /** Null where no session is kept to a device of that name. */
  device(name: string): Device | null;
  /** What feedback knows of the room just now. */
  state(name: string): MacroState;
  mode(): 'observe' | 'enforce';
  /** Whether a machine may act on the device now: no hold, not protected. */
  mayAct(device: DesiredDevice): Permission;
  /** Puts a message into the outbox; resolves with its id once it is committed, long before it is delivered. */
  enqueue(notifier: string, message: { readonly markdown: string }): Promise<string>;
  /** Read live from the device. */
  occupancy(name: string, signal: AbortSignal): Promise<Occupancy>;
}

type Permission = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** A room's state as conditions see it; null and `unknown` where nobody knows. */
export interface MacroState {
  readonly presence: 'yes' | 'no' | 'unknown';
  readonly peopleCount: number | null;
  readonly inCall: boolean | null;
  /** One of `CALL_WORDS`, the word of the first call. */
  readonly callStatus: string;
  /** One of `STANDBY_WORDS`; `off` is awake, as the device has it. */
  readonly standby: string;
  readonly sharing: boolean | null;
}

/** xStatus Call Status in lower case, and `none` for no call. */
export const CALL_WORDS = [
  'none',
  'connected',
  'connecting',
  'dialling',
  'disconnecting',
  'earlymedia',
  'idle',
  'onhold',
  'preserved',
  'remotepreserved',
  'ringing',
  'unknown',
] as const;

/** xStatus Standby State in lower case. */
export const STANDBY_WORDS = ['off', 'halfwake', 'enteringstandby', 'standby', 'unknown'] as const;

/** The live state of a device in the words of conditions; null is a device that nothing was heard of. */
export function macroStateOf(live: LiveState | null): MacroState {
  const isHeard = live !== null && live.inCall !== null;
  return {
    presence: live?.presence ?? 'unknown',
    peopleCount: live?.peopleCount ?? null,
    inCall: live?.inCall ?? null,
    callStatus: isHeard ? (live.callStatus?.toLowerCase() ?? 'none') : 'unknown',
    standby: live?.standby?.toLowerCase() ?? 'unknown',
    sharing: live?.sharing ?? null,
  };
}
