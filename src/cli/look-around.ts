import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Engine } from '../daemon/engine.ts';
import { xapiSettings } from '../daemon/xapi-settings.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { silentLogger } from '../lib/logger.ts';
import { newRegistry } from '../lib/metrics.ts';
import type { CliContext } from './context.ts';

/**
 * Reaches the devices of a fleet from this process only to read them. It goes
 * on beside a daemon: the login gate is shared with it through the database,
 * and who answers is not recorded.
 */
export async function lookAround<Result>(
  fleet: Fleet,
  { clock, random, newId, signal }: CliContext,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(fleet.daemon.databaseFile), { recursive: true, mode: 0o700 });
  const engine = await Engine.open(
    fleet,
    { keepSessions: false, looksOnly: true, xapi: xapiSettings(fleet.daemon.timing) },
    { clock, random, newId, logger: silentLogger, registry: newRegistry() },
    signal,
  );
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}
