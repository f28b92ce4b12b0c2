import type { Database } from '../../storage/database.ts';
import type { UpgradeDeviceTable, UpgradeTable } from '../../storage/tables/campaigns.ts';
import {
  type CampaignStore,
  campaignOf,
  campaignRowOf,
  campaignStore,
  deviceOf,
  deviceRowOf,
} from '../campaign/store.ts';
import type { UpgradeOrder } from './order.ts';
import type { Upgrade, UpgradeDevice } from './upgrade.ts';

/** Upgrades and how far they have come. */
export function upgradeStore(modules: { database: Database }): CampaignStore<Upgrade, UpgradeDevice> {
  return campaignStore(
    {
      kind: 'upgrade',
      rowOf: (upgrade: Upgrade): UpgradeTable => campaignRowOf(upgrade),
      campaignOf: (row) => campaignOf<Upgrade>(row),
      deviceRowOf: deviceRow,
      deviceOf: upgradeDevice,
    },
    modules,
  );
}

function deviceRow(device: UpgradeDevice): Omit<UpgradeDeviceTable, 'upgrade_id'> {
  return {
    ...deviceRowOf(device),
    from_version: device.from,
    to_version: device.to,
    url: device.url,
    order_json: device.order === null ? null : JSON.stringify(device.order),
    differed_before: device.differedBefore,
    differing_json: device.differing === null ? null : JSON.stringify(device.differing),
    known_errors_json: JSON.stringify(device.knownErrors),
    proven_at: device.provenAt,
    strikes: device.strikes,
  };
}

function upgradeDevice(row: Omit<UpgradeDeviceTable, 'upgrade_id'>): UpgradeDevice {
  return {
    ...deviceOf<UpgradeDevice>(row),
    from: row.from_version,
    to: row.to_version,
    url: row.url,
    order: row.order_json === null ? null : (JSON.parse(row.order_json) as UpgradeOrder),
    differedBefore: row.differed_before,
    differing: row.differing_json === null ? null : (JSON.parse(row.differing_json) as string[]),
    knownErrors: JSON.parse(row.known_errors_json) as string[],
    provenAt: row.proven_at,
    strikes: row.strikes,
  };
}
