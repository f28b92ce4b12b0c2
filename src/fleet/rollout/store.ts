import type { Database } from '../../storage/database.ts';
import type { RolloutDeviceTable, RolloutTable } from '../../storage/tables/campaigns.ts';
import type { ApprovedSettings } from '../approved-settings.ts';
import {
  type CampaignStore,
  campaignOf,
  campaignRowOf,
  campaignStore,
  deviceOf,
  deviceRowOf,
} from '../campaign/store.ts';
import { commitOf, rowOfCommit } from '../fleet-commit.ts';
import type { Rollout, RolloutDevice } from './rollout.ts';

/** Rollouts and how far they have come. */
export function rolloutStore(modules: { database: Database }): CampaignStore<Rollout, RolloutDevice> {
  return campaignStore(
    {
      kind: 'rollout',
      rowOf,
      campaignOf: rolloutOf,
      deviceRowOf: deviceRow,
      deviceOf: rolloutDevice,
      unchanging: ['before_json', 'after_json'],
    },
    modules,
  );
}

function rowOf(rollout: Rollout): RolloutTable {
  return {
    ...campaignRowOf(rollout),
    fingerprint: rollout.fingerprint,
    revision_before: rollout.revisionBefore,
    revision: rollout.revision,
    confirmed_by: rollout.confirmedBy,
    confirm_by: rollout.confirmBy,
    ...rowOfCommit(rollout.commit),
  };
}

function rolloutOf(row: RolloutTable): Rollout {
  return {
    ...campaignOf<Rollout>(row),
    fingerprint: row.fingerprint,
    commit: commitOf(row),
    revisionBefore: row.revision_before,
    revision: row.revision,
    confirmedBy: row.confirmed_by,
    confirmBy: row.confirm_by,
  };
}

function deviceRow(device: RolloutDevice): Omit<RolloutDeviceTable, 'rollout_id'> {
  return {
    ...deviceRowOf(device),
    touched: device.isTouched ? 1 : 0,
    cuts_off: device.cutsOff ? 1 : 0,
    before_json: device.before === null ? null : JSON.stringify(device.before),
    after_json: JSON.stringify(device.after),
    known_errors_json: JSON.stringify(device.knownErrors),
    written_at: device.writtenAt,
    strikes: device.strikes,
  };
}

function rolloutDevice(row: Omit<RolloutDeviceTable, 'rollout_id'>): RolloutDevice {
  return {
    ...deviceOf<RolloutDevice>(row),
    isTouched: row.touched === 1,
    cutsOff: row.cuts_off === 1,
    before: row.before_json === null ? null : (JSON.parse(row.before_json) as ApprovedSettings),
    after: JSON.parse(row.after_json) as ApprovedSettings,
    knownErrors: JSON.parse(row.known_errors_json) as string[],
    writtenAt: row.written_at,
    strikes: row.strikes,
  };
}
