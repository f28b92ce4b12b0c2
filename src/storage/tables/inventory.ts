import type { Generated } from 'kysely';

/** What a source knew after a complete pull. A pull that changes nothing of the fleet confirms the newest row. */
export interface InventoryPullTable {
  id: Generated<number>;
  source: string;
  at: number;
  confirmed_at: number;
  /** `PulledDevice[]` of `fleet/inventory/pulled`. */
  devices_json: string;
}

/** Present while a source cannot be pulled. */
export interface InventoryFailureTable {
  source: string;
  since_at: number;
  /** The latest attempt. */
  at: number;
  failures: number;
  reason: string;
}
