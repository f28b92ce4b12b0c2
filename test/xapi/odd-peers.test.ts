import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import type { XapiSettings } from '../../src/xapi/settings.ts';
import {
  addressOf,
  failure,
  newPool,
  PASSWORD,
  record,
  type TestPool,
  USERNAME,
  until,
  untilUp,
} from './support.ts';

/** Devices that the simulator cannot be: old ones, and broken ones. */
const certificate = selfSign(newKeyPair(), { commonName: 'odd', now: Date.now() });
const BASIC = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`;
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Peer {
  readonly port: number;
  /** Method and path of what was asked, and how it was logged in. */
  readonly asked: string[];
}

async function peer(behaviour: {
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer, accept: () => void) => void;
  message?: (client: WebSocket, request: { id: string; method: string }) => void;
  http?: (request: string) => { status: number; body: string };
}): Promise<Peer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const upgrader = new WebSocketServer({ noServer: true, handleProtocols: () => false });
  const server = createServer({ key: certificate.keyPem, cert: certificate.pem }, (request, response) => {
    const line = `${request.method} ${request.url} ${request.headers.authorization === BASIC ? 'basic' : 'nothing'}`;
    asked.push(line);
    const { status, body } = behaviour.http?.(line) ?? { status: 404, body: 'Not Found' };
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    const offered = request.headers['sec-websocket-protocol'];
    asked.push(
      `ws ${offered === undefined ? '' : 'subprotocol'}${request.headers.authorization === BASIC ? 'basic' : ''}`,
    );
    const accept = (): void =>
      upgrader.handleUpgrade(request, socket, head, (client) =>
        client.on('message', (data: Buffer) =>
          behaviour.message?.(client, JSON.parse(data.toString()) as never),
        ),
      );
    behaviour.upgrade?.(request, socket, head, accept);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

function poolOf(settings: Partial<XapiSettings> = {}): TestPool {
  const own = newPool(settings);
  closers.push(() => own.pool.stop());
  return own;
}

async function keep({ port }: Peer, settings: Partial<XapiSettings> = {}, expressions: string[] = []) {
  const own = poolOf(settings);
  const device = own.pool.device(addressOf({ name: 'odd-1', port }), expressions);
  await own.pool.start(AbortSignal.timeout(60_000));
  return device;
}

const SYSTEM_UNIT = {
  Hardware: { Module: { SerialNumber: 'S1' } },
  ProductId: 'Old',
  Software: { Version: 'ce9.7' },
};

function answer(client: WebSocket, id: string, result: unknown): void {
  client.send(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

describe('a device that does not take the subprotocol', () => {
  it('is logged in to by Basic authentication, on another connection', async () => {
    const odd = await peer({
      upgrade: (_request, _socket, _head, accept) => accept(),
      message: (client, { id }) => answer(client, id, SYSTEM_UNIT),
    });
    const device = await keep(odd);
    await untilUp(device);
    expect(odd.asked).toEqual(['ws subprotocol', 'ws basic']);
  });

  it('says so where the subprotocol is the only way allowed', async () => {
    const odd = await peer({ upgrade: (_request, _socket, _head, accept) => accept() });
    const device = await keep(odd, { websocketLogin: 'subprotocol' });
    await until('it waits', () => device.session().state === 'waiting');
    expect(device.session().reason).toContain('subprotocol');
    expect(odd.asked).not.toContain('ws basic');
  });
});

const refusing = (line: string) =>
  peer({ upgrade: (_request, socket) => void socket.end(`HTTP/1.1 ${line}\r\nContent-Length: 0\r\n\r\n`) });

describe('an upgrade', () => {
  it.each([
    ['302 Found\r\nLocation: /web/signin', 'refused', 'login-refused'],
    ['401 Unauthorized', 'refused', 'login-refused'],
    ['502 Bad Gateway', 'waiting', 'not-ready'],
    ['503 Service Unavailable', 'waiting', 'busy'],
  ])('answered %j makes the session %s', async (line, state, errorCode) => {
    const device = await keep(await refusing(line), { reconnectBackoff: { firstMs: 5_000, mostMs: 5_000 } });
    await until(`it is ${state}`, () => device.session().state === state);
    expect(device.session()).toMatchObject({ errorCode });
  });

  it('that is never answered ends at its time-out', async () => {
    const device = await keep(await peer({ upgrade: () => undefined }), { handshakeTimeoutMs: 100 });
    await until('it waits', () => device.session().state === 'waiting');
    expect(device.session()).toMatchObject({ errorCode: 'deadline' });
  });
});

const feedback = (people: number): string =>
  JSON.stringify({
    method: 'xFeedback/Event',
    params: { Id: 1, Status: { RoomAnalytics: { PeopleCount: people } } },
  });

describe('a session', () => {
  it('ends on a frame beyond the cap', async () => {
    const odd = await peer({
      upgrade: (_request, _socket, _head, accept) => accept(),
      message: (client, { id }) => answer(client, id, 'x'.repeat(5_000)),
    });
    const device = await keep(odd, { maxFrameBytes: 1_000, websocketLogin: 'basic' });
    await until('it waits', () => device.session().state === 'waiting');
    expect(device.session()).toMatchObject({ errorCode: 'too-large' });
  });

  it('loses no change that is reported while the state is read, and tells it once', async () => {
    const odd = await peer({
      upgrade: (_request, _socket, _head, accept) => accept(),
      message: (client, { id, method, ...rest }) => {
        const path = JSON.stringify(rest);
        if (method === 'xFeedback/Subscribe') {
          client.send(feedback(1));
          answer(client, id, { Id: 1 });
          client.send(feedback(2));
        } else if (path.includes('SystemUnit')) {
          answer(client, id, SYSTEM_UNIT);
        } else if (path.includes('RoomAnalytics')) {
          answer(client, id, { PeopleCount: 3 });
          client.send(feedback(4));
        } else {
          answer(client, id, { State: 'Off' });
        }
      },
    });
    const own = poolOf({ websocketLogin: 'basic' });
    const device = own.pool.device(addressOf({ name: 'odd-1', port: odd.port }), [
      '/Status/RoomAnalytics',
      '/Status/Standby',
    ]);
    const news = record(device);
    await own.pool.start(AbortSignal.timeout(60_000));
    await untilUp(device);
    const snapshot = news.find((one) => one.type === 'snapshot');
    expect(snapshot?.type === 'snapshot' && [...snapshot.status]).toEqual([
      ['RoomAnalytics.PeopleCount', '4'],
      ['Standby.State', 'Off'],
    ]);
    expect(news.filter((one) => one.type === 'delta')).toEqual([]);
  });

  it('stays up where one subscription is refused, and says so', async () => {
    const odd = await peer({
      upgrade: (_request, _socket, _head, accept) => accept(),
      message: (client, { id, method }) =>
        method === 'xFeedback/Subscribe'
          ? client.send(JSON.stringify({ id, error: { code: -31998, message: 'Subscriber Count Exceeded' } }))
          : answer(client, id, SYSTEM_UNIT),
    });
    const device = await keep(odd, { websocketLogin: 'basic' }, ['/Event/Standby']);
    await untilUp(device);
    expect(device.session().reason).toContain('Subscriber Count Exceeded');
  });
});

describe('a device without web sessions', () => {
  it('is spoken to by Basic authentication, its session begun once in a while only', async () => {
    const status =
      '<Status><SystemUnit><Hardware><Module><SerialNumber>S1</SerialNumber></Module></Hardware><ProductId>Old</ProductId><Software><Version>ce9.0</Version></Software></SystemUnit></Status>';
    const odd = await peer({
      http: (request) =>
        request.startsWith('GET /getxml') ? { status: 200, body: status } : { status: 404, body: '' },
    });
    const device = poolOf({ webSessionIdleMs: 5_000 }).pool.oneShot(
      addressOf({ name: 'odd-1', port: odd.port }),
    );
    expect((await device.identify()).serial).toBe('S1');
    await device.identify();
    expect(odd.asked).toEqual([
      'POST /xmlapi/session/begin basic',
      'GET /getxml?location=/Status/SystemUnit basic',
      'GET /getxml?location=/Status/SystemUnit basic',
    ]);
  });

  it('is not asked again once it has refused the login', async () => {
    const odd = await peer({ http: () => ({ status: 200, body: '<!DOCTYPE html><html>Sign in</html>' }) });
    const device = poolOf().pool.oneShot(addressOf({ name: 'odd-1', port: odd.port }));
    expect((await failure(device.identify())).code).toBe('login-refused');
    expect((await failure(device.identify())).code).toBe('login-blocked');
    expect(odd.asked).toHaveLength(1);
  });
});

it('an answer that repeats the login is quoted without it', async () => {
  const odd = await peer({ http: () => ({ status: 400, body: `cannot read ${BASIC} nor ${PASSWORD}` }) });
  const device = poolOf().pool.oneShot(addressOf({ name: 'odd-1', port: odd.port }));
  const { message } = await failure(device.readConfiguration());
  expect(message).toContain('[secret]');
  expect(message).not.toContain(PASSWORD);
  expect(message).not.toContain(BASIC.slice(6));
});
