import { randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';

/** 32 random bytes, base64url. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The token of each of the devices; those that have none yet are given one. */
export async function ensureSlotTokens(
  database: Database,
  deviceIds: readonly number[],
  { clock, newToken }: { clock: Clock; newToken: () => string },
): Promise<ReadonlyMap<number, string>> {
  const known = await readTokens(database);
  const missing = deviceIds.filter((id) => !known.has(id));
  if (missing.length > 0) {
    const now = clock.now();
    await database.write(
      missing.map((id) =>
        database.query
          .insertInto('slot_token')
          .values({ device_id: id, token: newToken(), created_at: now })
          .onConflict((conflict) => conflict.column('device_id').doNothing()),
      ),
    );
  }
  const tokens = missing.length > 0 ? await readTokens(database) : known;
  return new Map(deviceIds.map((id) => [id, tokens.get(id) ?? '']));
}

async function readTokens(database: Database): Promise<Map<number, string>> {
  const rows = await database.read(database.query.selectFrom('slot_token').select(['device_id', 'token']));
  return new Map(rows.map(({ device_id, token }) => [device_id, token]));
}
