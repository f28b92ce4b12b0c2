import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { Database } from '../../src/storage/database.ts';
import type { NewEvent } from '../../src/storage/events.ts';
import { LaidOutConfiguration } from '../../src/xapi/configuration-document.ts';
import type {
  CommandArguments,
  CommandResult,
  Device,
  LeafMap,
  SessionNews,
  SessionState,
  SessionStatus,
} from '../../src/xapi/device.ts';

/** Devices with the ids 1 to `count`, as the log's references want. */
export async function addDevices(database: Database, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) => ({
    id: at + 1,
    name: `room-${at + 1}`,
    host: '127.0.0.1',
    serial: null,
    fingerprint256: null,
    product: null,
    software: null,
    first_seen_at: null,
    last_seen_at: null,
    removed_at: null,
    created_at: 0,
  }));
  await database.write([database.query.insertInto('device').values(rows)]);
}

export function statusEvent(deviceId: number, at: number, leaves: Record<string, string>): NewEvent {
  return {
    deviceId,
    kind: 'status',
    path: Object.keys(leaves)[0] ?? '',
    payload: { leaves, gone: [] },
    source: 'webhook',
    receivedAt: at,
    deviceAt: null,
  };
}

export function presenceEvent(deviceId: number, at: number, word: string): NewEvent {
  return statusEvent(deviceId, at, { 'RoomAnalytics.PeoplePresence': word });
}

/** What a file may want of a room, as far as feedback goes. */
export function desiredRoom(
  name: string,
  feedback: Partial<DesiredDevice['feedback']> & Pick<DesiredDevice['feedback'], 'expressions'>,
): DesiredDevice {
  return {
    name,
    formerly: null,
    place: { file: 'fleet.yaml', line: 1, column: 1 },
    host: '127.0.0.1',
    port: 443,
    kind: null,
    credential: 'roomd',
    username: 'admin',
    password: new Secret('secret'),
    tls: { mode: 'insecure' },
    timezone: 'Etc/UTC',
    tags: {},
    protected: false,
    configuration: new Map(),
    feedback: { format: 'XML', slot: null, ...feedback },
  };
}

/** A table's rows without their ids, as short texts: `yes 10-50 max 3 last 2 webhook`. */
export async function presenceRows(database: Database, deviceId: number): Promise<string[]> {
  const rows = await database.read(
    database.query.selectFrom('presence').selectAll().where('device_id', '=', deviceId).orderBy('from_at'),
  );
  return rows.map(
    (row) =>
      `${row.state} ${row.from_at}-${row.to_at ?? ''} max ${row.max_count ?? '-'} last ${row.last_count ?? '-'} ${row.source}`,
  );
}

/** Polls until `look` gives something other than null or false. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  const end = Date.now() + 8_000;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A device whose session says what the test says, and whose status is what the test set. */
export class ToldDevice implements Device {
  readonly address: Device['address'];
  status = new Map<string, string>();
  isReachable = true;
  #session: SessionStatus = { state: 'idle', since: 0, reason: null, errorCode: null };
  readonly #listeners = new Set<(news: SessionNews) => void>();

  constructor(id: number) {
    this.address = {
      id,
      name: `room-${id}`,
      host: '127.0.0.1',
      port: 443,
      credential: 'roomd',
      username: 'admin',
      password: new Secret('secret'),
      tls: { mode: 'insecure' },
      serial: null,
    };
  }

  session(): SessionStatus {
    return this.#session;
  }

  becomes(state: SessionState, reason: string | null = null): void {
    this.#session = { state, since: 0, reason, errorCode: null };
    this.tell({ type: 'status', status: this.#session });
  }

  /** Connects: state, then the whole status. */
  connects(status: Record<string, string>): void {
    this.status = new Map(Object.entries(status));
    this.becomes('up');
    this.tell({ type: 'snapshot', identity: IDENTITY, status: this.status });
  }

  /** Over HTTPS only: a reading. */
  isRead(status: Record<string, string>): void {
    this.status = new Map(Object.entries(status));
    this.tell({ type: 'snapshot', identity: IDENTITY, status: this.status });
  }

  tells(leaves: Record<string, string>): void {
    for (const [path, value] of Object.entries(leaves)) this.status.set(path, value);
    const delta = {
      tree: 'Status' as const,
      leaves: new Map(Object.entries(leaves)),
      gone: [],
      bare: new Map(),
    };
    this.tell({ type: 'delta', delta });
  }

  subscribe(listen: (news: SessionNews) => void): () => void {
    this.#listeners.add(listen);
    listen({ type: 'status', status: this.#session });
    return () => {
      this.#listeners.delete(listen);
    };
  }

  async readStatus(path: string): Promise<LeafMap> {
    if (!this.isReachable) throw new Error('unreachable');
    return new Map([...this.status].filter(([leaf]) => leaf === path || leaf.startsWith(`${path}.`)));
  }

  async identify() {
    return IDENTITY;
  }

  async readConfiguration() {
    return new LaidOutConfiguration(new Map());
  }

  async readValueSpaces() {
    return new Map();
  }

  async writeConfiguration() {
    return [];
  }

  async command(_path: string, _args: CommandArguments = {}): Promise<CommandResult> {
    return new Map();
  }

  tell(news: SessionNews): void {
    for (const listen of this.#listeners) listen(news);
  }
}

const IDENTITY = {
  serial: 'FTT1',
  product: 'Cisco Codec Pro',
  software: 'ce26.4.1.0a1b2c3',
  systemName: null,
};
