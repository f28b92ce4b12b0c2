import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../src/lib/abort.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newRegistry } from '../../src/lib/metrics.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';
import { type Message, type Notifier, NotifierError } from '../../src/notify/notifier.ts';
import { Outbox, OutboxError, type OutboxModules, type OutboxOptions } from '../../src/notify/outbox.ts';
import type { Database } from '../../src/storage/database.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';

const clock = systemClock();
const quick: OutboxOptions = {
  retry: { firstMs: 20, mostMs: 80 },
  pollMs: 30,
  sendDeadlineMs: 400,
  stopGraceMs: 50,
};

let storage: TemporaryDatabase;
let running: Outbox[] = [];

beforeEach(async () => {
  storage = await temporaryDatabase();
});

afterEach(async () => {
  for (const outbox of running) await outbox.stop();
  running = [];
  await storage.close();
});

/** A service in a test: what it took, and how it behaves. */
class Service implements Notifier {
  readonly name: string;
  readonly taken: string[] = [];
  readonly attemptedAt: number[] = [];
  underWay = 0;
  behave: (message: Message, signal: AbortSignal | undefined) => Promise<void> | void = () => undefined;

  constructor(name: string) {
    this.name = name;
  }

  async send(
    message: Message,
    { signal }: { signal?: AbortSignal | undefined },
  ): Promise<{ receipt: string }> {
    this.attemptedAt.push(clock.monotonic());
    this.underWay += 1;
    try {
      await this.behave(message, signal);
    } finally {
      this.underWay -= 1;
    }
    this.taken.push(message.markdown);
    return { receipt: `${this.name}-${this.taken.length}` };
  }

  isDown = (): void => {
    throw new NotifierError('unavailable', `${this.name} is down`);
  };

  hangs = (_: Message, signal: AbortSignal | undefined): Promise<void> => sleep(60_000, clock, { signal });
}

function outboxOf(
  notifiers: readonly Notifier[],
  options: OutboxOptions = {},
  modules: Partial<OutboxModules> = {},
): Outbox {
  const outbox = new Outbox(
    { ...quick, ...options },
    {
      database: storage.database,
      notifiers,
      clock,
      random: seededRandom(7),
      newId: uuidv7(clock),
      logger: silentLogger,
      ...modules,
    },
  );
  running.push(outbox);
  return outbox;
}

async function startOf(...args: Parameters<typeof outboxOf>): Promise<Outbox> {
  const outbox = outboxOf(...args);
  await outbox.start(new AbortController().signal);
  return outbox;
}

/** The same database, but for what a write does. */
function writingBy(database: Database, write: Database['write']): Database {
  return new Proxy(database, {
    get(target, key) {
      if (key === 'write') return write;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = clock.monotonic() + 5_000;
  while (!(await isTrue())) {
    if (clock.monotonic() > endsAt) throw new Error('it did not come true within 5 s');
    await sleep(5, clock);
  }
}

async function statesOf(outbox: Outbox): Promise<string[]> {
  return (await outbox.list()).map((entry) => entry.state);
}

describe('the outbox', () => {
  it('delivers in order and keeps the receipt', async () => {
    const ops = new Service('ops');
    const outbox = await startOf([ops]);
    const words = Array.from({ length: 250 }, (_, word) => `message ${word}`);
    await Promise.all(words.map((markdown) => outbox.enqueue('ops', { markdown })));
    await outbox.flush();
    expect(ops.taken).toEqual(words);
    expect((await outbox.list({ state: 'delivered', limit: 1 }))[0]).toMatchObject({
      notifier: 'ops',
      message: { markdown: 'message 249' },
      attempts: 1,
      receipt: 'ops-250',
      lastError: null,
    });
  });

  it('loses nothing while a service is down, says why, and delivers in order once it is back', async () => {
    const ops = new Service('ops');
    ops.behave = ops.isDown;
    const outbox = await startOf([ops]);
    for (const markdown of ['one', 'two', 'three']) await outbox.enqueue('ops', { markdown });
    await until(() => ops.attemptedAt.length >= 3);
    await until(async () => (await outbox.list()).some((entry) => entry.lastError === 'ops is down'));
    expect(await statesOf(outbox)).toEqual(['waiting', 'waiting', 'waiting']);
    ops.behave = () => undefined;
    await until(() => ops.taken.length === 3);
    await outbox.flush();
    expect(ops.taken).toEqual(['one', 'two', 'three']);
    expect(await statesOf(outbox)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('waits as long as the service asks, whatever else is enqueued or flushed', async () => {
    const ops = new Service('ops');
    ops.behave = () => {
      ops.behave = () => undefined;
      throw new NotifierError('unavailable', 'slow down', { retryAfterMs: 300 });
    };
    const outbox = await startOf([ops]);
    await outbox.enqueue('ops', { markdown: 'one' });
    await outbox.flush();
    await outbox.enqueue('ops', { markdown: 'two' });
    await outbox.flush();
    expect(ops.taken).toEqual([]);
    await until(() => ops.taken.length === 2);
    const [first = 0, second = 0] = ops.attemptedAt;
    expect(second - first).toBeGreaterThanOrEqual(299);
  });

  it('marks as failed what can never be delivered, and goes on with the next', async () => {
    const ops = new Service('ops');
    ops.behave = ({ markdown }) => {
      if (markdown === 'refused') throw new NotifierError('refused', 'the room is gone');
      if (markdown === 'broken') throw new TypeError('a fault of the notifier');
    };
    const outbox = await startOf([ops]);
    for (const markdown of ['refused', 'broken', 'fine']) await outbox.enqueue('ops', { markdown });
    await outbox.flush();
    expect(ops.taken).toEqual(['fine']);
    expect(await outbox.list({ state: 'failed' })).toMatchObject([
      { message: { markdown: 'broken' }, lastError: 'a fault of the notifier', attempts: 1 },
      { message: { markdown: 'refused' }, lastError: 'the room is gone', attempts: 1 },
    ]);
  });

  it('lets no notifier that hangs or is down delay another or the caller', async () => {
    const stuck = new Service('stuck');
    const down = new Service('down');
    const ops = new Service('ops');
    stuck.behave = stuck.hangs;
    down.behave = down.isDown;
    const outbox = await startOf([stuck, down, ops], { sendDeadlineMs: 60_000 });
    const startedAt = clock.monotonic();
    for (const name of ['stuck', 'down', 'ops', 'stuck', 'ops'])
      await outbox.enqueue(name, { markdown: name });
    await until(() => ops.taken.length === 2);
    expect(clock.monotonic() - startedAt).toBeLessThan(2_000);
    expect([stuck.underWay, stuck.attemptedAt.length]).toEqual([1, 1]);
  });

  it('ends an attempt at its deadline and tries again, even where the notifier ignores the signal', async () => {
    const ops = new Service('ops');
    ops.behave = () => {
      ops.behave = () => undefined;
      return new Promise(() => undefined);
    };
    const outbox = await startOf([ops], { sendDeadlineMs: 60 });
    await outbox.enqueue('ops', { markdown: 'late' });
    await until(() => ops.taken.length === 1);
    await outbox.flush();
    expect(await outbox.list()).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  it('goes on after a restart with what was waiting, before what is new', async () => {
    const ops = new Service('ops');
    ops.behave = ops.isDown;
    const before = await startOf([ops]);
    await before.enqueue('ops', { markdown: 'one' });
    await before.enqueue('ops', { markdown: 'two' });
    await until(() => ops.attemptedAt.length > 0);
    await before.stop();
    ops.behave = () => undefined;
    const after = await startOf([ops]);
    await after.enqueue('ops', { markdown: 'three' });
    await until(() => ops.taken.length === 3);
    expect(ops.taken).toEqual(['one', 'two', 'three']);
  });

  it('sends again, and loses nothing, where the process ended between sending and marking', async () => {
    const ops = new Service('ops');
    const { database } = storage;
    const dying = writingBy(database, (...args) =>
      ops.taken.length === 0
        ? database.write(...args)
        : Promise.reject(new StorageError('closed', 'the process ended here')),
    );
    const before = await startOf([ops], {}, { database: dying });
    await before.enqueue('ops', { markdown: 'one' });
    await until(() => ops.taken.length === 1);
    await before.stop();
    const after = await startOf([ops]);
    await until(async () => (await after.list({ state: 'delivered' })).length === 1);
    expect(ops.taken).toEqual(['one', 'one']);
    expect(await after.list()).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  it('sends a message once where the database fails between sending and marking', async () => {
    const ops = new Service('ops');
    const { database } = storage;
    let refusals = 3;
    const full = writingBy(database, (...args) => {
      if (ops.taken.length === 0 || refusals === 0) return database.write(...args);
      refusals -= 1;
      return Promise.reject(new StorageError('disk-full', 'no space'));
    });
    const outbox = await startOf([ops], {}, { database: full });
    await outbox.enqueue('ops', { markdown: 'one' });
    await until(async () => (await statesOf(outbox))[0] === 'delivered');
    expect(refusals).toBe(0);
    expect(ops.taken).toEqual(['one']);
  });

  it("takes messages with someone else's transaction, or not at all when that fails", async () => {
    const ops = new Service('ops');
    const outbox = await startOf([ops]);
    const fact = storage.database.query.insertInto('fact').values({ name: 'run', value: 'done' });
    const good = outbox.enqueueStatements('ops', { markdown: 'the run is done' });
    await storage.database.write([fact, ...good.statements]);
    await until(() => ops.taken.length === 1);
    const bad = outbox.enqueueStatements('ops', { markdown: 'never' });
    await expect(storage.database.write([...bad.statements, fact])).rejects.toMatchObject({
      code: 'constraint',
    });
    await outbox.flush();
    expect((await outbox.list()).map((entry) => entry.id)).toEqual([good.id]);
    expect(ops.taken).toEqual(['the run is done']);
  });

  it('refuses a message for a notifier that nobody knows, and names those there are', async () => {
    const outbox = await startOf([new Service('ops'), new Service('lobby')]);
    const enqueued = outbox.enqueue('opps', { markdown: 'x' });
    await expect(enqueued).rejects.toThrow(OutboxError);
    await expect(enqueued).rejects.toThrow('ops, lobby');
    expect(await outbox.list()).toEqual([]);
  });

  it('takes over the notifiers of a reloaded file and keeps what waits for one that is gone', async () => {
    const ops = new Service('ops');
    const lobby = new Service('lobby');
    const outbox = await startOf([ops]);
    await outbox.enqueue('ops', { markdown: 'to ops' });
    await outbox.flush();
    ops.behave = ops.isDown;
    await outbox.enqueue('ops', { markdown: 'waits' });
    await outbox.replaceNotifiers([lobby]);
    await outbox.enqueue('lobby', { markdown: 'to the lobby' });
    await outbox.flush();
    expect(lobby.taken).toEqual(['to the lobby']);
    const back = new Service('ops');
    await outbox.replaceNotifiers([lobby, back]);
    await until(() => back.taken.length === 1);
    expect([ops.taken, back.taken]).toEqual([['to ops'], ['waits']]);
  });

  it('leaves nothing running when it stops, and what was under way keeps waiting', async () => {
    const stuck = new Service('stuck');
    stuck.behave = stuck.hangs;
    const outbox = await startOf([stuck], { sendDeadlineMs: 60_000 });
    await outbox.enqueue('stuck', { markdown: 'x' });
    await until(() => stuck.underWay === 1);
    await outbox.stop();
    await outbox.stop();
    const attempts = stuck.attemptedAt.length;
    await sleep(100, clock);
    expect([stuck.underWay, stuck.attemptedAt.length]).toEqual([0, attempts]);
    expect(await outbox.list()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
  });

  it('lets a message that is being sent finish when it stops', async () => {
    const ops = new Service('ops');
    ops.behave = () => sleep(60, clock);
    const outbox = await startOf([ops], { stopGraceMs: 2_000 });
    await outbox.enqueue('ops', { markdown: 'x' });
    await until(() => ops.underWay === 1);
    await outbox.stop();
    expect(await statesOf(outbox)).toEqual(['delivered']);
  });

  it('ends a flush with the reason of the caller', async () => {
    const stuck = new Service('stuck');
    stuck.behave = stuck.hangs;
    const outbox = await startOf([stuck]);
    await outbox.enqueue('stuck', { markdown: 'x' });
    const caller = new AbortController();
    const flushed = outbox.flush({ signal: caller.signal });
    caller.abort(new Error('time is up'));
    await expect(flushed).rejects.toThrow('time is up');
  });

  it('deletes what was delivered or has failed long ago, and never what waits', async () => {
    const now = clock.now();
    const day = 86_400_000;
    const rows = [
      { id: 'old-delivered', state: 'delivered', created_at: now - 9 * day, delivered_at: now - 8 * day },
      { id: 'new-delivered', state: 'delivered', created_at: now - 9 * day, delivered_at: now - 6 * day },
      { id: 'old-failed', state: 'failed', created_at: now - 31 * day, delivered_at: null },
      { id: 'new-failed', state: 'failed', created_at: now - 29 * day, delivered_at: null },
      { id: 'old-waiting', state: 'waiting', created_at: now - 99 * day, delivered_at: null },
    ] as const;
    const rest = {
      notifier: 'gone',
      message_json: '{"markdown":"x"}',
      attempts: 1,
      next_attempt_at: 0,
      receipt: null,
      last_error: null,
    };
    await storage.database.write([
      storage.database.query.insertInto('outbox').values(rows.map((row) => ({ ...row, ...rest }))),
    ]);
    const outbox = await startOf([]);
    await until(async () => (await outbox.list()).length === 3);
    expect((await outbox.list()).map((entry) => entry.id)).toEqual([
      'new-delivered',
      'new-failed',
      'old-waiting',
    ]);
  });

  it('counts what is delivered, failed and waiting for each notifier', async () => {
    const ops = new Service('ops');
    const down = new Service('down');
    down.behave = down.isDown;
    ops.behave = ({ markdown }) => {
      if (markdown === 'refused') throw new NotifierError('refused', 'no');
    };
    const registry = newRegistry();
    const outbox = await startOf([ops, down], {}, { registry });
    for (const markdown of ['fine', 'refused', 'fine']) await outbox.enqueue('ops', { markdown });
    await outbox.enqueue('down', { markdown: 'x' });
    await outbox.flush();
    const text = await registry.metrics();
    expect(text).toContain('roomd_outbox_delivered_total{notifier="ops"} 2');
    expect(text).toContain('roomd_outbox_failed_total{notifier="ops"} 1');
    expect(text).toContain('roomd_outbox_waiting{notifier="down"} 1');
    expect(text).not.toContain('roomd_outbox_waiting{notifier="ops"}');
  });
});
