import type { Resource } from '../fleet/resource.ts';
import type { Database } from '../storage/database.ts';
import type { Device, SettingAnswer } from '../xapi/device.ts';
import { carryOutSlotOrder, SLOT_KIND, slotChange } from './slot-resource.ts';
import { type OwnSlot, ownSlots, type Slot, slotsFrom } from './slots.ts';

/**
 * No feedback slot of roomd's on a device: ours are given back, others are
 * never touched.
 * @param ownOf how ours is told from others on that device
 * @param onGone told when a look finds none of ours
 */
export function slotRemoval({
  ownOf,
  onGone,
}: {
  ownOf: (device: Device) => Promise<OwnSlot>;
  onGone?: (device: Device) => void;
}): Resource<readonly Slot[]> {
  return {
    kind: SLOT_KIND,
    async observe(device, _desired, _identity, options) {
      const ours = ownSlots(slotsFrom(await device.readStatus('HttpFeedback', options)), await ownOf(device));
      if (ours.length === 0) onGone?.(device);
      return ours;
    },
    diff: (_desired, ours) => ({
      changes: ours.map(({ number: slot }) =>
        slotChange({ action: 'deregister', slot }, 'registered', 'given back'),
      ),
      untouched: 0,
      problems: [],
      hints: [],
    }),
    async apply(device, changes, options) {
      const answers: SettingAnswer[] = [];
      for (const change of changes) answers.push(await carryOutSlotOrder(device, change, options));
      return answers;
    },
  };
}

/** The tokens that a device was given and that are accepted; none where it was given none. */
export async function readOwnTokens(database: Database, deviceId: number): Promise<readonly string[]> {
  const [row] = await database.read(
    database.query.selectFrom('slot_token').select(['token', 'old_token']).where('device_id', '=', deviceId),
  );
  return row === undefined ? [] : [row.token, ...(row.old_token === null ? [] : [row.old_token])];
}
