import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { placeHold } from '../../src/actions/hold.ts';
import { Access } from '../../src/fleet/access/access.ts';
import { setGuest } from '../../src/http/context.ts';
import { SLOW_READER_MS } from '../../src/http/drained.ts';
import { streamEvents } from '../../src/http/event-stream.ts';
import type { StreamLimits } from '../../src/http/stream-gate.ts';
import { type Clock, ManualClock, systemClock } from '../../src/lib/clock.ts';
import { newRegistry } from '../../src/lib/metrics.ts';
import { appendEvents } from '../../src/storage/events.ts';
import {
  eventually,
  fleetText,
  keepingLogger,
  type RunningDaemon,
  runDaemon,
  simulated,
} from '../support/world.ts';

async function withHall(): Promise<RunningDaemon> {
  const simulator = await simulated([{ name: 'hall' }]);
  return runDaemon(fleetText({ devices: simulator.devices }));
}

/** An event stream and what has come of it. */
async function listen(url: string, headers: Record<string, string> = {}) {
  const ended = new AbortController();
  onTestFinished(() => ended.abort());
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: ended.signal,
  });
  const stream = { response, text: '', isOver: false, end: () => ended.abort() };
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? [])
      stream.text += decoder.decode(chunk as Uint8Array, { stream: true });
  })()
    .catch(() => undefined)
    .finally(() => {
      stream.isOver = true;
    });
  return stream;
}

/** The door of streams alone, over a daemon's ports, with limits and a clock of its own. */
async function door(
  { daemon }: RunningDaemon,
  { limits, clock = systemClock() }: { limits?: StreamLimits; clock?: Clock } = {},
): Promise<string> {
  const { logger } = keepingLogger();
  const stopping = new AbortController();
  const app = express();
  app.use((request, response, next) => {
    setGuest(response, {
      caller: { actor: request.headers['x-actor']?.toString() ?? 'anna', role: 'viewer', devices: null },
      grant: { entry: null, session: null },
      cookie: null,
      signal: stopping.signal,
    });
    next();
  });
  const modules = {
    ports: daemon.ports,
    access: new Access(
      { tokens: () => [], life: () => ({ idleMs: 60_000, mostMs: 60_000 }) },
      { database: daemon.ports.database, clock, logger },
    ),
    trustProxy: [],
    health: () => [],
    registry: newRegistry(),
    version: '0',
    newId: () => '0',
    clock,
    logger,
    signal: stopping.signal,
  };
  app.get('/', streamEvents(modules, limits));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    stopping.abort();
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function append(daemon: RunningDaemon, kind: string, count: number, size = 10): Promise<unknown> {
  const events = Array.from({ length: count }, (_, number) => ({
    deviceId: null,
    kind,
    path: null,
    payload: { number, text: 'x'.repeat(size) },
    source: 'roomd',
    receivedAt: Date.now(),
    deviceAt: null,
  }));
  return appendEvents(daemon.daemon.ports.database, events);
}

describe('An event stream', () => {
  test('is not begun for kinds that there are not, nor with a limit', async () => {
    const { get } = await withHall();
    const stream = { accept: 'text/event-stream' };
    for (const headers of [stream, {}]) {
      const refused = await get('/api/v1/events?kinds=session,bogus', headers);
      expect(refused.status).toBe(400);
      const { detail } = (await refused.json()) as { detail: string };
      expect(detail).toMatch(/"bogus" is no kind.* session,/);
    }
    expect((await get('/api/v1/events?limit=5', stream)).status).toBe(400);
    const kinds = await get('/api/v1/events?kinds=access,slot-token,flood,bookings&limit=5');
    expect(kinds.status).toBe(200);
  });

  test('says that events are gone which should have come next, and goes on with what is kept', async () => {
    const running = await withHall();
    const { daemon, act } = running;
    for (const reason of ['one', 'two', 'three']) await act(placeHold, { reason });
    const { database } = daemon.ports;
    const [oldest] = await database.read(
      database.query
        .selectFrom('event')
        .select('seq')
        .where('kind', '=', 'hold')
        .orderBy('seq', 'desc')
        .limit(1),
    );
    await database.write([database.query.deleteFrom('event').where('seq', '<', oldest?.seq ?? 0)]);
    const url = `${daemon.url}/api/v1/events?kinds=hold`;
    const late = await listen(url, { 'last-event-id': '1' });
    await eventually(() => expect(late.text).toContain('"three"'));
    const from = (oldest?.seq ?? 0) - 1;
    expect(late.text).toMatch(
      new RegExp(`^id: ${from}\nevent: reset\ndata: {"seq":${from}}\n\nid: ${from + 1}\n`),
    );
    const ahead = await listen(url, { 'last-event-id': '999999' });
    await eventually(() => expect(ahead.text).toContain('event: reset'));
    const inTime = await listen(url, { 'last-event-id': String(from) });
    await eventually(() => expect(inTime.text).toContain('"three"'));
    expect(inTime.text).not.toContain('reset');
  });

  test('that begins now tells where that is, and nothing from before', async () => {
    const { daemon, act } = await withHall();
    await act(placeHold, { reason: 'before' });
    const stream = await listen(`${daemon.url}/api/v1/events?kinds=hold&after=now`);
    await eventually(() => expect(stream.text).toMatch(/^id: \d+\nevent: open\n/));
    await act(placeHold, { reason: 'after' });
    await eventually(() => expect(stream.text).toContain('"after"'));
    expect(stream.text).not.toContain('"before"');
  });

  test('is one of so many, in all and of a caller; the next is told to come later', async () => {
    const url = await door(await withHall(), { limits: { inAll: 3, perCaller: 2 } });
    const first = await listen(url);
    await listen(url);
    const own = await listen(url);
    expect([own.response.status, own.response.headers.get('retry-after')]).toEqual([429, '30']);
    await listen(url, { 'x-actor': 'bert' });
    const all = await listen(url, { 'x-actor': 'carl' });
    expect(all.response.status).toBe(503);
    await eventually(() => expect(all.text).toContain('"code":"too-many-streams"'));
    first.end();
    await eventually(async () => {
      const next = await listen(url);
      expect(next.response.status).toBe(200);
    });
  });

  test('comes whole and in order to a thousand readers, the slow ones paced', {
    timeout: 60_000,
  }, async () => {
    const running = await withHall();
    const url = await door(running);
    const streams: Awaited<ReturnType<typeof listen>>[] = [];
    // More at once would wait for the machine, not for roomd.
    while (streams.length < 1_000) {
      const opened = Array.from({ length: 50 }, () => listen(`${url}?kinds=chat&after=now`));
      streams.push(...(await Promise.all(opened)));
    }
    expect(streams.every(({ response }) => response.status === 200)).toBe(true);
    for (let round = 0; round < 5; round += 1) await append(running, 'chat', 20);
    await eventually(() => {
      const whole = streams.filter(({ text }) => text.split('event: chat').length === 101);
      expect(whole).toHaveLength(1_000);
    }, 40_000);
    const ids = [...(streams[999]?.text ?? '').matchAll(/^id: (\d+)\nevent: chat$/gm)].map(([, id]) =>
      Number(id),
    );
    expect(ids).toEqual(ids.toSorted((one, other) => one - other));
  });

  test('is closed when its reader takes nothing, and holds little until then', async () => {
    const running = await withHall();
    const clock = new ManualClock();
    const url = new URL(await door(running, { clock }));
    const client = connect(Number(url.port), url.hostname);
    onTestFinished(() => void client.destroy());
    client.on('error', () => undefined);
    client.pause();
    client.write(`GET /?kinds=chat HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`);
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 20; round += 1) await append(running, 'chat', 20, 50_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_000_000);
    await eventually(async () => {
      await clock.advance(SLOW_READER_MS);
      client.resume();
      expect(client.closed).toBe(true);
    });
  });
});
