import { lookup } from 'node:dns/promises';
import type { Patient } from '../actions/doctor/check.ts';
import type { Ports } from '../actions/ports.ts';
import { readOwnTokens } from '../feedback/slot-removal.ts';
import type { Clock } from '../lib/clock.ts';
import { createConnector } from '../lib/http-connect.ts';
import { addressOf } from './address.ts';
import type { Engine } from './engine.ts';
import { recordOf } from './trust-ports.ts';

const KNOCK_MS = 5_000;

/** What a daemon knows beyond what is on record. */
interface Listening {
  readonly mode: () => 'observe' | 'enforce';
  /** Why a device's posts are not relied on. */
  readonly doubt: (deviceId: number) => string | null;
}

/** Devices as a doctor reaches them, over an engine; `daemon` is null where none runs. */
export function patients(
  engine: Engine,
  { clock, daemon }: { clock: Clock; daemon: Listening | null },
): Ports['withPatient'] {
  return async (name, work) => {
    const target = engine.devices.target(name);
    const row = engine.devices.row(name);
    if (target === null || row === null) return null;
    const { desired, device } = target;
    const { pool } = engine.devices;
    // What was met since the device was made counts.
    const address = addressOf(desired, row);
    const certificate = recordOf(desired, row).recorded;
    const url = await urlOf(engine, row.id);
    return pool.look(address, (link) =>
      work({
        desired,
        device,
        link,
        recorded: { certificate, serial: row.serial },
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        resolve: (host) => lookup(host, { all: true }),
        knock: (target, { signal }) => knock(target, { clock, signal }),
        showCertificate: (how) => pool.showCertificate(address, how),
        webhook: {
          isListening: daemon !== null,
          mode: daemon?.mode() ?? engine.fleet.daemon.mode,
          isAsked: engine.fleet.daemon.feedback.publicUrl !== null,
          url,
          lastPostAt: () => lastPostAt(engine, row.id),
          doubt: daemon?.doubt(row.id) ?? null,
        },
      }),
    );
  };
}

/** The URL that the device's slot should have; null without a public URL, or where it was never given one. */
export async function urlOf(engine: Engine, deviceId: number): Promise<string | null> {
  const { publicUrl } = engine.fleet.daemon.feedback;
  const [token] = publicUrl === null ? [] : await readOwnTokens(engine.database, deviceId);
  return publicUrl === null || token === undefined ? null : `${publicUrl}/feedback/${token}`;
}

async function knock(
  { host, port }: Parameters<Patient['knock']>[0],
  { clock, signal }: { clock: Clock; signal: AbortSignal | undefined },
): Promise<void> {
  const connector = createConnector({ trust: { mode: 'insecure' }, connectTimeoutMs: KNOCK_MS, clock });
  const onAbort = (): void => connector.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const socket = await connector.connect({ host, port, secure: false });
    socket.destroy();
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

async function lastPostAt({ database }: Engine, deviceId: number): Promise<number | null> {
  const [row] = await database.read(
    database.query
      .selectFrom('event')
      .select('received_at')
      .where('device_id', '=', deviceId)
      .where('source', '=', 'webhook')
      .orderBy('seq', 'desc')
      .limit(1),
  );
  return row?.received_at ?? null;
}
