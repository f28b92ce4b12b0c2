import { randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, type NewEvent, ownEvent } from '../storage/events.ts';

/** The secret part of the URL that a device posts to. */
export interface SlotToken {
  readonly token: string;
  /** The one before it, accepted still while the new one is not proven; null otherwise. */
  readonly oldToken: string | null;
  /** When `token` was made, and when a post or a look first showed that the device uses it; UTC milliseconds. */
  readonly since: number;
  readonly provenAt: number | null;
}

interface Modules {
  readonly clock: Clock;
  readonly newToken: () => string;
}

/** 32 random bytes, base64url. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The token of each of the devices; those that have none yet are given one. */
export async function ensureSlotTokens(
  database: Database,
  deviceIds: readonly number[],
  { clock, newToken }: Modules,
): Promise<ReadonlyMap<number, SlotToken>> {
  const known = await readSlotTokens(database);
  const missing = deviceIds.filter((id) => !known.has(id));
  if (missing.length > 0) {
    const now = clock.now();
    await database.write(
      missing.map((id) =>
        database.query
          .insertInto('slot_token')
          .values({ device_id: id, token: newToken(), created_at: now, old_token: null, proven_at: null })
          .onConflict((conflict) => conflict.column('device_id').doNothing()),
      ),
    );
  }
  const tokens = missing.length > 0 ? await readSlotTokens(database) : known;
  return new Map(deviceIds.flatMap((id) => [...maybe(id, tokens.get(id))]));
}

/** Every device's. */
export async function readSlotTokens(database: Database): Promise<Map<number, SlotToken>> {
  const rows = await database.read(database.query.selectFrom('slot_token').selectAll());
  return new Map(
    rows.map(({ device_id, token, old_token, created_at, proven_at }) => [
      device_id,
      { token, oldToken: old_token, since: created_at, provenAt: proven_at },
    ]),
  );
}

/** Gives the device another token; the present one is accepted until the other is proven. Nothing happens while an earlier one is accepted still. */
export async function replaceSlotToken(
  database: Database,
  { deviceId, actor }: { deviceId: number; actor: string },
  { clock, newToken }: Modules,
): Promise<void> {
  const at = clock.now();
  await appendEvents(
    database,
    [told(deviceId, { stage: 'begun', actor }, at)],
    [
      database.query
        .updateTable('slot_token')
        .set((row) => ({ old_token: row.ref('token'), token: newToken(), created_at: at, proven_at: null }))
        .where('device_id', '=', deviceId)
        .where('old_token', 'is', null),
    ],
  );
}

/** The device was seen to use its new token. */
export async function proveSlotToken(
  database: Database,
  { deviceId, by }: { deviceId: number; by: 'post' | 'look' },
  at: number,
): Promise<void> {
  await appendEvents(
    database,
    [told(deviceId, { stage: 'proven', by }, at)],
    [
      database.query
        .updateTable('slot_token')
        .set({ proven_at: at })
        .where('device_id', '=', deviceId)
        .where('proven_at', 'is', null),
    ],
  );
}

/** The token before is no longer accepted. */
export async function dropOldSlotToken(database: Database, deviceId: number, at: number): Promise<void> {
  await appendEvents(
    database,
    [told(deviceId, { stage: 'ended' }, at)],
    [
      database.query
        .updateTable('slot_token')
        .set({ old_token: null })
        .where('device_id', '=', deviceId)
        .where('proven_at', 'is not', null),
    ],
  );
}

function told(deviceId: number, payload: object, at: number): NewEvent {
  return ownEvent({ deviceId, kind: 'slot-token', payload, at });
}

function maybe(id: number, token: SlotToken | undefined): [number, SlotToken][] {
  return token === undefined ? [] : [[id, token]];
}
