import type { AbortOptions } from '../lib/abort.ts';
import { messageOf } from '../lib/errors.ts';
import type { Device, LeafMap } from '../xapi/device.ts';

/** Whether people may be using the room, with a sentence that says why. */
export interface Occupancy {
  readonly state: 'busy' | 'free' | 'unknown';
  readonly reason: string;
}

/** A booking that begins this soon makes the room busy. */
const SOON_MS = 10 * 60_000;

const DETECTOR = 'RoomAnalytics.PeoplePresenceDetector';

/**
 * The status that decides; each is read live, none is remembered. Standby is
 * not among it: it silences the people count, and presence stands.
 */
const WATCHED = ['Call', 'Conference.Presentation', 'Bookings', 'RoomAnalytics'] as const;

/**
 * Reads a device's status and decides. Never rejects for the device's sake: a
 * device that does not answer is `unknown`.
 */
export async function observeOccupancy(
  device: Device,
  { now, signal }: AbortOptions & { now: () => number },
): Promise<Occupancy> {
  try {
    const status = new Map<string, string>();
    for (const path of WATCHED) {
      for (const [leaf, value] of await device.readStatus(path, { signal })) status.set(leaf, value);
      // What makes the room busy is enough; the reads follow the order in which reasons count.
      const soFar = decideOccupancy(status, { now: now(), detector: 'off' });
      if (soFar.state === 'busy') return soFar;
    }
    const unaided = decideOccupancy(status, { now: now(), detector: 'on' });
    if (unaided.state !== 'unknown') return unaided;
    // Only now is it worth a whole document to learn whether the detector is meant to speak.
    const document = await device.readConfiguration({ signal });
    return decideOccupancy(status, { now: now(), detector: detectorOf(document.find(DETECTOR)?.value) });
  } catch (error) {
    signal?.throwIfAborted();
    return { state: 'unknown', reason: `its state could not be read: ${messageOf(error)}` };
  }
}

/**
 * Busy is a call (ringing included), sharing, presence, or a booking that runs
 * or begins within ten minutes. A detector that is off or does not exist says
 * nothing and is ignored; one that should speak and does not makes the room
 * unknown.
 */
export function decideOccupancy(
  status: LeafMap,
  { now, detector }: { now: number; detector: Detector },
): Occupancy {
  const call = callState(status);
  if (call !== null) return { state: 'busy', reason: `a call is ${call}` };
  if (isSharing(status)) return { state: 'busy', reason: 'someone is sharing' };
  const booking = bookingNear(status, now);
  if (booking !== null) return booking;
  return decidePresence(status.get('RoomAnalytics.PeoplePresence'), detector);
}

type Detector = 'on' | 'off' | 'none';

function detectorOf(setting: string | undefined): Detector {
  if (setting === undefined) return 'none';
  return setting === 'Off' ? 'off' : 'on';
}

/** The word of the first call that is not idle ("connected", "ringing"), or null. */
function callState(status: LeafMap): string | null {
  for (const [path, value] of status) {
    if (/^Call\[\d+\]\.Status$/.test(path) && value !== 'Idle') return value.toLowerCase();
  }
  return null;
}

/** Sharing with the far end, or locally on the room's own screen. */
function isSharing(status: LeafMap): boolean {
  const mode = status.get('Conference.Presentation.Mode') ?? 'Off';
  if (mode !== 'Off') return true;
  for (const [path, value] of status) {
    if (/^Conference\.Presentation\.LocalInstance\[\d+\]\.SendingMode$/.test(path) && value !== 'Off')
      return true;
  }
  return false;
}

function bookingNear(status: LeafMap, now: number): Occupancy | null {
  if ((status.get('Bookings.Current.Id') ?? '') !== '')
    return { state: 'busy', reason: 'a booking is running' };
  if (status.get('Bookings.Availability.Status') === 'BookedUntil') {
    return { state: 'busy', reason: 'a booking is running' };
  }
  if (status.get('Bookings.Availability.Status') !== 'FreeUntil') return null;
  const until = status.get('Bookings.Availability.TimeStamp') ?? '';
  const at = Date.parse(until);
  if (Number.isNaN(at))
    return { state: 'unknown', reason: `the time of the next booking cannot be read ("${until}")` };
  return at - now <= SOON_MS ? { state: 'busy', reason: 'a booking begins within 10 minutes' } : null;
}

function decidePresence(presence: string | undefined, detector: Detector): Occupancy {
  const nothing = 'no call, no sharing, no booking';
  if (presence === 'Yes') return { state: 'busy', reason: 'People Presence says yes' };
  if (presence === 'No') return { state: 'free', reason: `${nothing}, nobody present` };
  if (detector === 'off') return { state: 'free', reason: `${nothing}; the presence detector is off` };
  if (detector === 'none')
    return { state: 'free', reason: `${nothing}; the device has no presence detector` };
  return { state: 'unknown', reason: 'the presence detector should speak and does not' };
}
