import type { Selectable } from 'kysely';
import type { Database } from '../../storage/database.ts';
import { appendEvents, ownEvent } from '../../storage/events.ts';
import type { ApiEntryTable, ApiSessionTable, ApiUseTable } from '../../storage/tables/access.ts';
import type { AccessEntry } from './entry.ts';

/** A browser that is signed in. */
export type SessionRow = Selectable<ApiSessionTable>;
export type UseRow = Selectable<ApiUseTable>;
/** One that stands in the database. */
export type StoredEntry = AccessEntry & { readonly madeAt: number; readonly madeBy: string };

/** What becomes of an entry, by whom and when. */
interface Change {
  readonly change: 'made' | 'changed' | 'removed';
  readonly actor: string;
  readonly at: number;
}

const TABLES = { token: 'api_token', user: 'api_user' } as const;

/** The queries on tokens, users and who is signed in. */
export class AccessStore {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  async entries(): Promise<StoredEntry[]> {
    const [tokens, users] = await Promise.all([this.#entriesOf('token'), this.#entriesOf('user')]);
    return [...tokens, ...users];
  }

  sessions(): Promise<SessionRow[]> {
    return this.#database.read(this.#database.query.selectFrom('api_session').selectAll());
  }

  uses(): Promise<UseRow[]> {
    return this.#database.read(this.#database.query.selectFrom('api_use').selectAll());
  }

  /** Puts one in, over the one of its name, and on record who did. */
  async put(entry: StoredEntry, how: Change): Promise<void> {
    const { name, role, devices, hash } = entry;
    const row = {
      role,
      devices,
      hash,
      made_at: entry.madeAt,
      made_by: entry.madeBy,
      expires_at: entry.expiresAt,
    };
    const put = this.#database.query
      .insertInto(TABLES[entry.kind])
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row));
    await appendEvents(this.#database, [eventOf(entry, how)], [put]);
  }

  /** Takes one out, and what was signed in by it. */
  async remove(entry: StoredEntry, { actor, at }: Omit<Change, 'change'>): Promise<void> {
    const { kind, place, name } = entry;
    const { query } = this.#database;
    await appendEvents(
      this.#database,
      [eventOf(entry, { change: 'removed', actor, at })],
      [
        query.deleteFrom(TABLES[kind]).where('name', '=', name),
        query
          .deleteFrom('api_use')
          .where('kind', '=', kind)
          .where('place', '=', place)
          .where('name', '=', name),
      ],
    );
  }

  async addSession(session: SessionRow): Promise<void> {
    await this.#database.write([this.#database.query.insertInto('api_session').values(session)]);
  }

  async endSessions(digests: readonly string[]): Promise<void> {
    if (digests.length === 0) return;
    await this.#database.write([
      this.#database.query.deleteFrom('api_session').where('digest', 'in', digests),
    ]);
  }

  /** Writes down when sessions and entries were used last. */
  async used(sessions: readonly SessionRow[], uses: readonly UseRow[]): Promise<void> {
    const { query } = this.#database;
    const statements = [
      ...sessions.map(({ digest, used_at }) =>
        query.updateTable('api_session').set({ used_at }).where('digest', '=', digest),
      ),
      ...uses.map((use) =>
        query
          .insertInto('api_use')
          .values(use)
          .onConflict((conflict) =>
            conflict.columns(['kind', 'place', 'name']).doUpdateSet({ used_at: use.used_at }),
          ),
      ),
    ];
    if (statements.length > 0) await this.#database.write(statements);
  }

  async #entriesOf(kind: AccessEntry['kind']): Promise<StoredEntry[]> {
    const rows = await this.#database.read(
      this.#database.query.selectFrom(TABLES[kind]).selectAll().orderBy('name'),
    );
    return rows.map((row) => entryOf(kind, row));
  }
}

function entryOf(kind: AccessEntry['kind'], row: Selectable<ApiEntryTable>): StoredEntry {
  const { name, role, devices, hash, made_at: madeAt, made_by: madeBy, expires_at: expiresAt } = row;
  return { kind, place: 'database', name, role, devices, hash, madeAt, madeBy, expiresAt };
}

function eventOf({ kind, name, role, devices, expiresAt }: StoredEntry, { change, actor, at }: Change) {
  const payload = { change, what: kind, name, role, devices, expiresAt, actor };
  return ownEvent({ deviceId: null, kind: 'access', payload, at });
}
