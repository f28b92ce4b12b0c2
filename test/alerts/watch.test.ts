import { expect, onTestFinished, test } from 'vitest';
import { Alerts } from '../../src/alerts/alerts-schema.ts';
import { Maintenances } from '../../src/alerts/maintenance.ts';
import type { AlertPorts } from '../../src/alerts/ports.ts';
import { AlertStore } from '../../src/alerts/store.ts';
import { AlertWatch } from '../../src/alerts/watch.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newRegistry } from '../../src/lib/metrics.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';
import type { Message, Notifier } from '../../src/notify/notifier.ts';
import { Outbox } from '../../src/notify/outbox.ts';
import type { Database } from '../../src/storage/database.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { eventually } from '../support/world.ts';

const clock = systemClock();

/** A service that keeps what it takes; with `repeats` it holds state. */
class Service implements Notifier {
  readonly name = 'ops';
  readonly taken: Message[] = [];
  repeated: string[] = [];

  async send(message: Message): Promise<{ receipt: string }> {
    this.taken.push(message);
    return { receipt: `r${this.taken.length}` };
  }

  async repeat(alerts: readonly { title: string }[]): Promise<void> {
    this.repeated = alerts.map(({ title }) => title);
  }
}

/** The watch over a fleet without devices, whose database a test can take away. */
async function world() {
  const storage = await temporaryDatabase();
  onTestFinished(() => storage.close());
  const state = { trouble: null as string | null };
  const database: Database = {
    query: storage.database.query,
    eventFeed: storage.database.eventFeed,
    read: (query, options) => storage.database.read(query, options),
    write: (statements, options) =>
      state.trouble === null
        ? storage.database.write(statements, options)
        : Promise.reject(new StorageError('disk-full', state.trouble)),
    close: () => storage.database.close(),
  };
  const file = { notify: ['ops'], rules: { 'database-trouble': { for: '200ms', clear: '200ms' } } };
  const fleet = { devices: [], sections: new Map([['alerts', Alerts.parse(file)]]) } as unknown as Fleet;
  const service = new Service();
  const newId = uuidv7(clock);
  const outbox = new Outbox(
    { pollMs: 50 },
    { database, notifiers: [service], clock, random: seededRandom(1), newId, logger: silentLogger },
  );
  const ports: AlertPorts = {
    fleet: () => fleet,
    devices: () => [],
    deviceId: () => null,
    slot: () => ({ state: 'off', number: null, reason: null }),
    room: () => null,
    fights: () => [],
    detects: () => false,
    macros: () => new Set(),
    database: () => state.trouble,
    webex: () => null,
    certificates: () => [],
    notifiers: () => [service],
    enqueue: (notifier, message) => outbox.enqueueStatements(notifier, message).statements,
    wake: () => outbox.wake(),
  };
  const registry = newRegistry();
  const watch = new AlertWatch(
    { lookMs: 50, gatherMs: 20, probeMs: 60_000, repeatMs: 100 },
    {
      database,
      ports,
      maintenances: new Maintenances({ database, clock, newId }),
      clock,
      newId,
      logger: silentLogger,
      registry,
    },
  );
  await outbox.start(new AbortController().signal);
  await watch.start();
  onTestFinished(async () => {
    await watch.stop();
    await outbox.stop();
  });
  return { state, service, watch, registry, store: new AlertStore({ database }) };
}

test('trouble with the database is told past it, once, and recorded when it is over', async () => {
  const { state, service, watch, store, registry } = await world();
  state.trouble = 'The disk is full';
  const titles = (): (string | undefined)[] => service.taken.map(({ alert }) => alert?.title);
  await eventually(() => expect(titles()).toEqual(['The database of roomd cannot be written']), 10_000);
  expect(watch.open()).toHaveLength(1);
  await eventually(() => expect(service.repeated).toHaveLength(1), 10_000);
  expect(await registry.metrics()).toContain(
    'roomd_alerts{rule="database-trouble",severity="critical",state="open"} 1',
  );
  expect(titles()).toHaveLength(1);

  state.trouble = null;
  await eventually(() => expect(titles().at(-1)).toBe('The database of roomd is written again'), 10_000);
  expect(titles()).toHaveLength(2);
  const [alert] = await store.list({ all: true, devices: null, limit: 10, cursor: null });
  expect(alert).toMatchObject({ rule: 'database-trouble', state: 'resolved', toldTo: ['ops'] });
  expect((await store.changes(alert?.id ?? '')).map(({ change }) => change)).toEqual(['opened', 'resolved']);
  expect(watch.open()).toEqual([]);
});
