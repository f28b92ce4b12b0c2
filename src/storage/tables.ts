import type { ApiEntryTable, ApiSessionTable, ApiUseTable, DeedTable } from './tables/access.ts';
import type { AlertChangeTable, AlertTable, MaintenanceTable } from './tables/alerts.ts';
import type {
  RolloutDeviceTable,
  RolloutTable,
  RotationDeviceTable,
  RotationTable,
  UpgradeDeviceTable,
  UpgradeTable,
} from './tables/campaigns.ts';
import type {
  ContentBlobTable,
  FightTable,
  HoldTable,
  ManagedTable,
  RevisionTable,
  UnfinishedApplyTable,
  WriteTable,
} from './tables/configuration.ts';
import type {
  DeviceTable,
  LoginGateTable,
  ProductSchemaTable,
  SlotTokenTable,
  WebSessionTable,
} from './tables/devices.ts';
import type { EventTable, ProjectionTable, ProjectorTable } from './tables/events.ts';
import type { FactTable, SealedGrantTable } from './tables/facts.ts';
import type { InventoryFailureTable, InventoryPullTable } from './tables/inventory.ts';
import type { MacroRunTable, MacroSettingTable, MacroStepTable } from './tables/macros.ts';
import type { ChatCardTable, ConversationTable, OutboxTable } from './tables/messages.ts';
import type {
  BookingTable,
  CallTable,
  ErasureTable,
  MeasurementHourTable,
  MeasurementTable,
  PeopleCountTable,
  PresenceTable,
  SpanTable,
} from './tables/records.ts';
import type { UtilisationCursorTable, UtilisationMarkTable, UtilisationTable } from './tables/utilisation.ts';

/**
 * Every table and its columns. Times are integer UTC milliseconds; ids of
 * runs, revisions, writes and messages are UUIDv7 texts; columns that end in
 * `_json` hold JSON text. A slice owns the queries on its tables.
 */
export interface Tables {
  device: DeviceTable;
  login_gate: LoginGateTable;
  web_session: WebSessionTable;
  slot_token: SlotTokenTable;
  product_schema: ProductSchemaTable;

  event: EventTable;
  projector: ProjectorTable;
  projection: ProjectionTable;

  presence: PresenceTable;
  people_count: PeopleCountTable;
  call: CallTable;
  booking: BookingTable;
  span: SpanTable;
  measurement: MeasurementTable;
  measurement_hour: MeasurementHourTable;
  erasure: ErasureTable;

  utilisation: UtilisationTable;
  utilisation_cursor: UtilisationCursorTable;
  utilisation_mark: UtilisationMarkTable;

  revision: RevisionTable;
  unfinished_apply: UnfinishedApplyTable;
  write: WriteTable;
  hold: HoldTable;
  fight: FightTable;
  managed: ManagedTable;
  content_blob: ContentBlobTable;

  rollout: RolloutTable;
  rollout_device: RolloutDeviceTable;
  rotation: RotationTable;
  rotation_device: RotationDeviceTable;
  upgrade: UpgradeTable;
  upgrade_device: UpgradeDeviceTable;

  macro_run: MacroRunTable;
  macro_step: MacroStepTable;
  macro_setting: MacroSettingTable;

  outbox: OutboxTable;
  conversation: ConversationTable;
  chat_card: ChatCardTable;

  alert: AlertTable;
  alert_change: AlertChangeTable;
  maintenance: MaintenanceTable;

  api_token: ApiEntryTable;
  api_user: ApiEntryTable;
  api_use: ApiUseTable;
  api_session: ApiSessionTable;
  deed: DeedTable;

  inventory_pull: InventoryPullTable;
  inventory_failure: InventoryFailureTable;

  fact: FactTable;
  sealed_grant: SealedGrantTable;
}
