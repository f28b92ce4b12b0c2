import {
  request as ask,
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createHttpClient, HttpClientError, type TlsTrust } from '../../src/lib/http-client.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';

const keys = newKeyPair();
const certificate = selfSign(keys, { commonName: 'localhost', now: Date.now() });
const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A forwarding proxy for names that only it knows; it notes what it was asked for. */
async function proxyTo(port: number, refusal?: string): Promise<{ proxy: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} host ${request.headers.host}`);
    if (refusal !== undefined) {
      response.writeHead(Number(refusal.slice(0, 3))).end();
      return;
    }
    const { pathname } = new URL(request.url ?? '');
    const onward = ask({ port, host: '127.0.0.1', method: request.method, path: pathname }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push(`${request.method} ${request.url} host ${request.headers.host}`);
    socket.on('error', () => undefined);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\n\r\n`);
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  return { proxy: `http://127.0.0.1:${await listen(server)}`, asked };
}

function send(origin: string, proxy: string, tls?: TlsTrust) {
  const client = createHttpClient({
    origin,
    proxy,
    clock: systemClock(),
    connectTimeoutMs: 1_000,
    ...(tls === undefined ? {} : { tls }),
  });
  open.push(() => client.close());
  return () =>
    client.request({ method: 'POST', path: '/v1/x?y=1', body: 'hi', deadlineMs: 3_000, maxBytes: 1_000 });
}

async function failure(work: Promise<unknown>): Promise<HttpClientError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof HttpClientError) return thrown;
  throw new Error(`it did not fail as it should: ${String(thrown)}`);
}

const echo: RequestListener = (request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => response.end(`${request.method} ${request.url} ${text}`));
};

describe('a proxy', () => {
  it('is asked for a tunnel to an https origin, through which the origin shows its own certificate', async () => {
    const { keyPem, pem } = certificate;
    const port = await listen(createHttpsServer({ key: keyPem, cert: pem }, echo));
    const { proxy, asked } = await proxyTo(port);
    const tls = { mode: 'ca', ca: pem } as const;
    const post = send('https://localhost', proxy, tls);
    expect((await post()).body.toString()).toBe('POST /v1/x?y=1 hi');
    expect((await post()).status).toBe(200);
    expect(new Set(asked)).toEqual(new Set(['CONNECT localhost:443 host localhost:443']));
    const wrong = await failure(send('https://other.test', proxy, tls)());
    expect(wrong.code).toBe('tls');
  });

  it('is told the whole address of an http origin', async () => {
    const port = await listen(createServer(echo));
    const { proxy, asked } = await proxyTo(port);
    expect((await send('http://room.test:8080', proxy)()).body.toString()).toBe('POST /v1/x hi');
    expect(asked).toEqual(['POST http://room.test:8080/v1/x?y=1 host room.test:8080']);
  });

  it('is taken for loopback too', async () => {
    const port = await listen(createServer(echo));
    const { proxy, asked } = await proxyTo(port);
    expect((await send(`http://127.0.0.1:${port}`, proxy)()).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it.each(['https://room.test', 'http://room.test'])(
    'that wants a login is told of in a sentence: %s',
    async (origin) => {
      const { proxy } = await proxyTo(0, '407 Proxy Authentication Required');
      const error = await failure(send(origin, proxy)());
      expect(error).toMatchObject({ code: 'proxy', retryable: false, details: { status: 407, sent: false } });
      expect(error.message).toMatch(
        /^the proxy \S*127\.0\.0\.1:\d+ refused the way to \S*room\.test\S*: 407/,
      );
    },
  );

  it('that cannot get through is worth another try', async () => {
    const { proxy } = await proxyTo(0, '502 Bad Gateway');
    const error = await failure(send('https://room.test', proxy)());
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error.message).toContain('502 Bad Gateway');
  });

  it('that is none, or is not there, is named', async () => {
    const mute = await listen(createTcpServer((socket) => socket.end('220 mail.test ESMTP\r\n\r\n')));
    const odd = await failure(send('https://room.test', `http://127.0.0.1:${mute}`)());
    expect(odd).toMatchObject({ code: 'proxy' });
    const cut = await listen(createTcpServer((socket) => socket.once('data', () => socket.destroy())));
    const gone = await failure(send('https://room.test', `http://127.0.0.1:${cut}`)());
    expect(gone.code).toBe('unreachable');
    expect(gone.message).toContain(`the proxy 127.0.0.1:${cut}`);
    const absent = await failure(send('http://room.test', 'http://127.0.0.1:1')());
    expect(absent.message).toBe(
      'no answer from the proxy 127.0.0.1:1: the connection was refused (nothing listens there)',
    );
  });

  it('that never answers is given up when the time for a connection is over', async () => {
    const silent = await listen(createTcpServer(() => undefined));
    const error = await failure(send('https://room.test', `http://127.0.0.1:${silent}`)());
    expect(error.message).toContain('did not take a connection within 1 s');
  });
});
