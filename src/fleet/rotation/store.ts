import type { Database } from '../../storage/database.ts';
import type { RotationDeviceTable, RotationTable } from '../../storage/tables/campaigns.ts';
import {
  type CampaignStore,
  campaignOf,
  campaignRowOf,
  campaignStore,
  deviceOf,
  deviceRowOf,
} from '../campaign/store.ts';
import type { Rotation, RotationDevice } from './rotation.ts';

/** Rotations and how far they have come. */
export function rotationStore(modules: { database: Database }): CampaignStore<Rotation, RotationDevice> {
  return campaignStore(
    {
      kind: 'rotation',
      rowOf: (rotation: Rotation): RotationTable => ({
        ...campaignRowOf(rotation),
        credential: rotation.credential,
        next_fingerprint: rotation.nextFingerprint,
      }),
      campaignOf: (row) => ({
        ...campaignOf<Rotation>(row),
        credential: row.credential,
        nextFingerprint: row.next_fingerprint,
      }),
      deviceRowOf: (device: RotationDevice): Omit<RotationDeviceTable, 'rotation_id'> => ({
        ...deviceRowOf(device),
        doubtful: device.isDoubtful ? 1 : 0,
        accepted_at: device.acceptedAt,
      }),
      deviceOf: (row) => ({
        ...deviceOf<RotationDevice>(row),
        isDoubtful: row.doubtful === 1,
        acceptedAt: row.accepted_at,
      }),
    },
    modules,
  );
}
