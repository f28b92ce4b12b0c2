import { z } from 'zod';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { type Action, ActionError } from './action.ts';
import { Time } from './answers.ts';
import type { DeviceView } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

/** A room whose next booking is so near is not offered. */
const LEAST_FREE_MS = 15 * 60_000;

const Input = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  people: z.coerce.number().int().min(1).max(10_000).nullable().default(null).describe('For so many.'),
});

export const FreeRoom = z.strictObject({
  name: z.string(),
  capacity: z.int().nullable().describe('Null where the file does not say.'),
  until: Time.nullable().describe('When its next booking begins; null where none is known.'),
});
export type FreeRoom = z.output<typeof FreeRoom>;

export const FreeRooms = z.strictObject({
  items: z
    .array(FreeRoom)
    .readonly()
    .describe('Surely free now; the smallest that is large enough first, then those free for longest.'),
  unsure: z
    .array(
      z.strictObject({
        name: z.string(),
        reason: z.string(),
      }),
    )
    .readonly()
    .describe('Nothing speaks against them, and roomd does not know enough: why.'),
  nextCursor: z.null(),
});
export type FreeRooms = z.output<typeof FreeRooms>;

export const freeRooms: Action<z.output<typeof Input>, FreeRooms> = {
  name: 'rooms.free',
  summary: 'Rooms that are free now: nobody there, no call, no booking now or in the next 15 minutes.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/rooms/free' },
  input: Input,
  answer: FreeRooms,
  async run({ devices, people }, ports) {
    const now = ports.now();
    const views = new Map(ports.devices().map((view) => [view.name, view]));
    const selected = selectDevices(ports.fleet(), devices).filter(
      (device) => people === null || (capacityOf(device) ?? 0) >= people,
    );
    if (selected.length === 0 && people !== null)
      throw new ActionError(
        'not-found',
        `no room there is known to be for ${people}: give rooms a tag capacity`,
      );
    const judged = selected.flatMap((device) => {
      const view = views.get(device.name);
      return view === undefined ? [] : [{ device, view, verdict: judge(view, now) }];
    });
    return {
      items: judged
        .filter(({ verdict }) => verdict === 'free')
        .map(({ device, view }) => freeRoom(device, view))
        .sort(smallestFirst),
      unsure: judged.flatMap(({ device: { name }, verdict }) =>
        typeof verdict === 'string' ? [] : [{ name, reason: verdict.unsure }],
      ),
      nextCursor: null,
    };
  },
};

/** How many people a room is for, as the file says; null where it does not. */
function capacityOf({ capacity, tags }: DesiredDevice): number | null {
  const tagged = Number(tags['capacity'] ?? Number.NaN);
  return capacity ?? (Number.isSafeInteger(tagged) && tagged > 0 ? tagged : null);
}

/** Unknown is not empty: what is not known is never free. */
function judge(view: DeviceView, now: number): 'free' | 'busy' | { readonly unsure: string } {
  const { nextBooking, presence, inCall, inUse, session, retired } = view;
  if (retired !== null || inCall === true || inUse === true || presence.state === 'yes') return 'busy';
  if (nextBooking !== null && nextBooking.start - now < LEAST_FREE_MS && nextBooking.end > now) return 'busy';
  if (session.word !== 'up' && session.word !== 'degraded')
    return { unsure: `its session is ${session.word}` };
  if (inCall === null) return { unsure: 'nobody knows whether it is in a call' };
  if (presence.state === 'unknown') return { unsure: 'nobody knows whether somebody is there' };
  return 'free';
}

function freeRoom(device: DesiredDevice, { nextBooking }: DeviceView): FreeRoom {
  return {
    name: device.name,
    capacity: capacityOf(device),
    until: rfc3339(nextBooking?.start ?? null),
  };
}

function smallestFirst(one: FreeRoom, other: FreeRoom): number {
  const byCapacity = (one.capacity ?? Number.MAX_SAFE_INTEGER) - (other.capacity ?? Number.MAX_SAFE_INTEGER);
  if (byCapacity !== 0) return byCapacity;
  const [first, second] = [one.until ?? '9', other.until ?? '9'];
  if (first !== second) return first > second ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}
