import { randomBytes } from 'node:crypto';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from './database.ts';

/** One of roomd's own facts; null where it was never set. */
export async function getFact(
  database: Database,
  name: string,
  options: AbortOptions = {},
): Promise<string | null> {
  const [row] = await database.read(
    database.query.selectFrom('fact').select('value').where('name', '=', name),
    options,
  );
  return row?.value ?? null;
}

export async function setFact(
  database: Database,
  name: string,
  value: string,
  options: AbortOptions = {},
): Promise<void> {
  const statement = database.query
    .insertInto('fact')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }));
  await database.write([statement], options);
}

/** The key for `Secret.fingerprint`. */
export function fingerprintKey(database: Database, options: AbortOptions = {}): Promise<string> {
  return keptKey(database, 'fingerprint-key', options);
}

/** The key for hashes of identities, where the fleet file lets them be kept as such. */
export function identityKey(database: Database, options: AbortOptions = {}): Promise<string> {
  return keptKey(database, 'identity-key', options);
}

/** What Webex signs its posts to the bot with. */
export function chatHookKey(database: Database, options: AbortOptions = {}): Promise<string> {
  return keptKey(database, 'chat-webhook-key', options);
}

/**
 * 256 bits in hex: made when it is first asked for and the same ever after, so
 * that what it keyed compares over restarts.
 */
async function keptKey(database: Database, name: string, options: AbortOptions): Promise<string> {
  const known = await getFact(database, name, options);
  if (known !== null) return known;
  const value = randomBytes(32).toString('hex');
  const statement = database.query
    .insertInto('fact')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doNothing());
  await database.write([statement], options);
  // Another caller may have been first; what is stored counts.
  return (await getFact(database, name, options)) ?? value;
}
