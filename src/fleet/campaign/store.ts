import type { Compilable, Kysely } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { RolloutDeviceTable, RolloutTable } from '../../storage/tables/campaigns.ts';
import type { Campaign, CampaignDevice, CampaignRecord } from './campaign.ts';
import type { CampaignKind } from './verbs.ts';

/** How a kind of campaign stands in its two tables: KIND and KIND_device, whose rows name the first as KIND_id. */
export interface CampaignForm<Of extends Campaign, Device extends CampaignDevice, Row, DeviceRow> {
  readonly kind: CampaignKind;
  readonly rowOf: (campaign: Of) => Row;
  readonly campaignOf: (row: Row) => Of;
  readonly deviceRowOf: (device: Device) => DeviceRow;
  readonly deviceOf: (row: DeviceRow) => Device;
  /** Columns of a device that never change, so that they are written once: those that may be long. */
  readonly unchanging?: readonly (keyof DeviceRow & string)[];
}

/** Campaigns of one kind and how far they have come; every step is on record before it is taken. */
export interface CampaignStore<Of extends Campaign, Device extends CampaignDevice> {
  /** The last that was started, or the one with this id; null where there is none. */
  find(id?: string | null): Promise<CampaignRecord<Of, Device> | null>;
  /** Newest first, without their devices; only those before `before` (id) where it is given. */
  list(page: { readonly before: string | null; readonly limit: number }): Promise<readonly Of[]>;
  /** A new one; `ending` is one that it takes the place of. */
  insert(record: CampaignRecord<Of, Device>, ending: Of | null): Promise<void>;
  /** Keeps a campaign and those of its devices that changed, in one transaction. */
  save(campaign: Of, devices?: readonly Device[]): Promise<void>;
}

const PAGE = 1_000;

/** The columns that the tables of all kinds have. */
export type CampaignRow = Pick<
  RolloutTable,
  | 'id'
  | 'actor'
  | 'state'
  | 'paused'
  | 'reason'
  | 'strategy_json'
  | 'rings_json'
  | 'ring'
  | 'started_at'
  | 'ended_at'
>;

export type CampaignDeviceRow = Pick<
  RolloutDeviceTable,
  'device_id' | 'name' | 'ring' | 'state' | 'reason' | 'next_at'
>;

export function campaignStore<
  Of extends Campaign,
  Device extends CampaignDevice,
  Row extends CampaignRow,
  DeviceRow extends CampaignDeviceRow,
>(form: CampaignForm<Of, Device, Row, DeviceRow>, { database }: { database: Database }) {
  // The names of tables are those of the form; its row types say which columns they have.
  const query = database.query as unknown as Kysely<Record<string, Record<string, unknown>>>;
  const { kind, unchanging = [] } = form;
  const tableOfDevices = `${kind}_device`;
  const own = `${kind}_id`;

  const update = (campaign: Of): Compilable => {
    const { id, ...row } = form.rowOf(campaign);
    return query.updateTable(kind).set(row).where('id', '=', id);
  };

  const devicesOf = async (id: string): Promise<Device[]> => {
    const devices: Device[] = [];
    for (;;) {
      const page = await database.read(
        query
          .selectFrom(tableOfDevices)
          .selectAll()
          .where(own, '=', id)
          .where('device_id', '>', devices.at(-1)?.id ?? 0)
          .orderBy('device_id')
          .limit(PAGE),
      );
      devices.push(...page.map((row) => form.deviceOf(row as unknown as DeviceRow)));
      if (page.length < PAGE) return devices;
    }
  };

  return {
    async find(id = null) {
      const some = query.selectFrom(kind).selectAll();
      const [row] = await database.read(
        id === null ? some.orderBy('id', 'desc').limit(1) : some.where('id', '=', id),
      );
      if (row === undefined) return null;
      const campaign = form.campaignOf(row as unknown as Row);
      return { campaign, devices: await devicesOf(campaign.id) };
    },

    async list({ before, limit }) {
      const some = query.selectFrom(kind).selectAll().orderBy('id', 'desc').limit(limit);
      const rows = await database.read(before === null ? some : some.where('id', '<', before));
      return rows.map((row) => form.campaignOf(row as unknown as Row));
    },

    async insert({ campaign, devices }, ending) {
      await database.write([
        ...(ending === null ? [] : [update(ending)]),
        query.insertInto(kind).values({ ...(form.rowOf(campaign) as CampaignRow) }),
        ...devices.map((device) =>
          query.insertInto(tableOfDevices).values({ [own]: campaign.id, ...form.deviceRowOf(device) }),
        ),
      ]);
    },

    async save(campaign, devices = []) {
      const fixed = new Set<string>(['device_id', ...unchanging]);
      const updates = devices.map((device) => {
        const changing = Object.entries(form.deviceRowOf(device)).filter(([column]) => !fixed.has(column));
        return query
          .updateTable(tableOfDevices)
          .set(Object.fromEntries(changing))
          .where(own, '=', campaign.id)
          .where('device_id', '=', device.id);
      });
      await database.write([update(campaign), ...updates]);
    },
  } satisfies CampaignStore<Of, Device> as CampaignStore<Of, Device>;
}

/** The columns that all kinds have, of a campaign. */
export function campaignRowOf(campaign: Campaign): CampaignRow {
  return {
    id: campaign.id,
    actor: campaign.actor,
    state: campaign.state,
    paused: campaign.isPaused ? 1 : 0,
    reason: campaign.reason,
    strategy_json: JSON.stringify(campaign.strategy),
    rings_json: JSON.stringify(campaign.rings),
    ring: campaign.ring,
    started_at: campaign.startedAt,
    ended_at: campaign.endedAt,
  };
}

/** What a row tells of any campaign, in the words of the kind that wrote it. */
export function campaignOf<Of extends Campaign>(row: CampaignRow): Pick<Of, keyof Campaign> {
  const campaign: Campaign = {
    id: row.id,
    actor: row.actor,
    state: row.state,
    isPaused: row.paused === 1,
    reason: row.reason,
    strategy: JSON.parse(row.strategy_json) as Of['strategy'],
    rings: JSON.parse(row.rings_json) as string[],
    ring: row.ring,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
  return campaign;
}

export function deviceRowOf(device: CampaignDevice): CampaignDeviceRow {
  return {
    device_id: device.id,
    name: device.name,
    ring: device.ring,
    state: device.state,
    reason: device.reason,
    next_at: device.nextAt,
  };
}

export function deviceOf<Of extends CampaignDevice>(row: CampaignDeviceRow): Pick<Of, keyof CampaignDevice> {
  const device: CampaignDevice = {
    id: row.device_id,
    name: row.name,
    ring: row.ring,
    state: row.state,
    reason: row.reason,
    nextAt: row.next_at,
  };
  return device;
}
