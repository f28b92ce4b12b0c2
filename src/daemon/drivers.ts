import { type DeviceRow, type DeviceStore, newRow } from '../fleet/device-store.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Database } from '../storage/database.ts';
import { prepared } from '../storage/prepared.ts';
import type { WebSessionLedger } from '../xapi/device.ts';
import type { LoginGateStore } from '../xapi/login-record.ts';

/** The login gate's memory over restarts and processes. */
export function storedLogins(database: Database): LoginGateStore {
  const { query } = database;
  return {
    async get(key) {
      const [row] = await database.read(query.selectFrom('login_gate').selectAll().where('key', '=', key));
      if (row === undefined) return null;
      const { state, attempts, reason, at } = row;
      return { state, attempts, reason, at };
    },
    async put(key, record) {
      await database.write([
        query
          .insertInto('login_gate')
          .values({ key, ...record })
          .onConflict((conflict) => conflict.column('key').doUpdateSet({ ...record })),
      ]);
    },
  };
}

/** The xmlapi sessions that are open, so that those a crash left can be ended: a device has 30 in all. */
export interface StoredWebSessions extends WebSessionLedger {
  leftovers(): Promise<
    readonly { readonly deviceId: number; readonly cookie: string; readonly openedAt: number }[]
  >;
}

export function storedWebSessions(database: Database, now: () => number): StoredWebSessions {
  const { query } = database;
  const begin = prepared(query.insertInto('web_session').values({ device_id: 0, cookie: '', opened_at: 0 }));
  const end = prepared(query.deleteFrom('web_session').where('cookie', '=', ''));
  return {
    async opened(deviceId, cookie) {
      await database.write([begin([deviceId, cookie, now()])]);
    },
    async closed(_deviceId, cookie) {
      await database.write([end([cookie])]);
    },
    async leftovers() {
      const rows = await database.read(
        query.selectFrom('web_session').select(['device_id', 'cookie', 'opened_at']),
      );
      return rows.map(({ device_id, cookie, opened_at }) => ({
        deviceId: device_id,
        cookie,
        openedAt: opened_at,
      }));
    },
  };
}

/** Ids for devices that a look from outside names and the daemon's file does not: the login gate needs them. They are marked as gone from the start. */
async function reserveDevices(
  database: Database,
  devices: readonly DesiredDevice[],
  now: number,
): Promise<void> {
  await database.write(
    devices.map(({ name, host, port }) =>
      database.query
        .insertInto('device')
        .values({ ...newRow(name, `${host}:${port}`, now), removed_at: now }),
    ),
  );
}

/** The daemon's rows where the names are the same; a name that it does not know gets a row that stays marked as gone. */
export async function knownRows(
  store: DeviceStore,
  fleet: Fleet,
  { database, now }: { database: Database; now: number },
): Promise<ReadonlyMap<string, DeviceRow>> {
  const known = new Map((await store.all()).map((row) => [row.name, row]));
  const strange = fleet.devices.filter(({ name }) => !known.has(name));
  if (strange.length > 0) await reserveDevices(database, strange, now);
  const all = strange.length > 0 ? await store.all() : [...known.values()];
  const named = new Set(fleet.devices.map(({ name }) => name));
  return new Map(all.filter(({ name }) => named.has(name)).map((row) => [row.name, row]));
}
