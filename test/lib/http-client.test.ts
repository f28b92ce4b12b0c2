import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import {
  createHttpClient,
  type HttpClient,
  HttpClientError,
  type TlsTrust,
} from '../../src/lib/http-client.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';

const keys = newKeyPair();
const first = selfSign(keys, { commonName: 'localhost', now: Date.now() });
const second = selfSign(keys, { commonName: 'localhost', now: Date.now() });
const clock = systemClock();
const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function http(serve: RequestListener): Promise<HttpClient> {
  return client(`http://127.0.0.1:${await listen(createHttpServer(serve))}`);
}

function client(origin: string, tls?: TlsTrust): HttpClient {
  const made = createHttpClient({
    origin,
    clock,
    connectTimeoutMs: 1_000,
    ...(tls === undefined ? {} : { tls }),
  });
  open.push(() => made.close());
  return made;
}

const GET = { method: 'GET', path: '/', deadlineMs: 2_000, maxBytes: 1_000 } as const;

async function failure(work: Promise<unknown>): Promise<HttpClientError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HttpClientError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** A server that cuts every connection when the request has come. */
function cutting(onRequest: () => void = () => undefined): Promise<number> {
  return listen(
    createTcpServer((socket) =>
      socket.once('data', () => {
        onRequest();
        socket.destroy();
      }),
    ),
  );
}

describe('an exchange', () => {
  it('sends method, path, headers and body and gives back status, headers and body', async () => {
    const made = await http((request, response) => {
      response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'x-seen': `${request.method} ${request.url}` });
      request.pipe(response);
    });
    const answer = await made.request({
      ...GET,
      method: 'POST',
      path: '/x?y=1',
      body: 'hå',
      headers: { 'x-a': 'b' },
    });
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'set-cookie': ['a=1', 'b=2'], 'x-seen': 'POST /x?y=1' },
    });
    expect(answer.body.toString()).toBe('hå');
  });

  it('keeps to one connection for requests that follow one another', async () => {
    const sockets = new Set<Socket>();
    const made = await http((request, response) => {
      sockets.add(request.socket);
      response.end('ok');
    });
    for (let count = 0; count < 4; count += 1) await made.request(GET);
    expect(sockets.size).toBe(1);
  });

  it('does not follow a redirect', async () => {
    const made = await http((_request, response) => response.writeHead(302, { location: '/other' }).end());
    expect((await made.request(GET)).status).toBe(302);
  });

  it('ends an answer that is larger than the cap', async () => {
    const made = await http((_request, response) => response.end('x'.repeat(5_000)));
    expect(await failure(made.request(GET))).toMatchObject({ code: 'too-large', retryable: false });
  });

  it('ends at the deadline, also in the middle of a body', async () => {
    const made = await http((_request, response) => response.write('x'));
    const error = await failure(made.request({ ...GET, path: '/a?token=hidden', deadlineMs: 100 }));
    expect(error).toMatchObject({ code: 'deadline', retryable: true });
    expect(error.message).not.toContain('hidden');
  });

  it("ends with the caller's signal and with close", async () => {
    const made = await http(() => undefined);
    const reason = new Error('enough');
    const controller = new AbortController();
    const called = failure(made.request({ ...GET, signal: controller.signal }));
    controller.abort(reason);
    expect(await called).toMatchObject({ code: 'aborted', cause: reason });
    const pending = failure(made.request(GET));
    await made.close();
    expect((await pending).code).toBe('aborted');
    expect((await failure(made.request(GET))).code).toBe('aborted');
  });

  it('ends with close also in the middle of a body', async () => {
    let begun = false;
    const made = await http((_request, response) => {
      response.write('x', () => {
        begun = true;
      });
    });
    const pending = failure(made.request(GET));
    await expect.poll(() => begun).toBe(true);
    await made.close();
    expect((await pending).code).toBe('aborted');
  });

  it('says unreachable, and whether anything was sent, where nobody answers', async () => {
    const port = await listen(createTcpServer());
    await open.pop()?.();
    const refused = await failure(client(`http://127.0.0.1:${port}`).request(GET));
    expect(refused).toMatchObject({ code: 'unreachable', retryable: true, details: { sent: false } });
    const cut = await failure(client(`http://127.0.0.1:${await cutting()}`).request(GET));
    expect(cut.code).toBe('unreachable');
    expect(cut.details['sent']).toBeUndefined();
  });

  it('repeats a GET whose connection broke, once, and never a login', async () => {
    let tried = 0;
    const port = await cutting(() => {
      tried += 1;
    });
    await failure(client(`http://127.0.0.1:${port}`).request(GET));
    expect(tried).toBe(2);
    await failure(client(`http://127.0.0.1:${port}`).request({ ...GET, method: 'POST' }));
    expect(tried).toBe(3);
    await failure(
      client(`http://127.0.0.1:${port}`).request({ ...GET, headers: { authorization: 'Basic eA==' } }),
    );
    expect(tried).toBe(4);
  });

  it('gives up on a peer that accepts and never speaks TLS, and leaves no socket behind', async () => {
    const sockets: Socket[] = [];
    const port = await listen(createTcpServer((socket) => sockets.push(socket.resume())));
    const made = createHttpClient({
      origin: `https://127.0.0.1:${port}`,
      clock,
      connectTimeoutMs: 100,
      tls: { mode: 'insecure' },
    });
    expect((await failure(made.request(GET))).code).toBe('unreachable');
    await made.close();
    await expect.poll(() => sockets.every((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
  });
});

async function https(): Promise<{
  origin: string;
  requests: () => number;
  present: (pem: typeof first) => void;
}> {
  let requests = 0;
  const server = createHttpsServer({ key: first.keyPem, cert: first.pem }, (_request, response) => {
    requests += 1;
    response.end('ok');
  });
  const port = await listen(server);
  return {
    origin: `https://127.0.0.1:${port}`,
    requests: () => requests,
    present: (certificate) => {
      server.setSecureContext({ key: certificate.keyPem, cert: certificate.pem });
      server.closeAllConnections();
    },
  };
}

describe('TLS', () => {
  it('refuses a certificate that no trusted authority vouches for', async () => {
    const { origin, requests } = await https();
    expect(await failure(client(origin).request(GET))).toMatchObject({ code: 'tls', retryable: false });
    expect(await failure(client(origin, { mode: 'ca', ca: second.pem }).request(GET))).toMatchObject({
      code: 'tls',
    });
    expect(requests()).toBe(0);
  });

  it('takes any certificate when told to be insecure', async () => {
    const { origin } = await https();
    expect((await client(origin, { mode: 'insecure' }).request(GET)).status).toBe(200);
  });

  it('takes exactly the pinned certificate, in any case of letters', async () => {
    const { origin, requests } = await https();
    const pinned = client(origin, { mode: 'pin', fingerprint256: first.fingerprint256.toLowerCase() });
    expect((await pinned.request(GET)).status).toBe(200);
    const other = client(origin, { mode: 'pin', fingerprint256: second.fingerprint256 });
    const error = await failure(other.request({ ...GET, headers: { authorization: 'Basic c2VjcmV0' } }));
    expect(error).toMatchObject({ code: 'certificate-changed', details: { shown: first.fingerprint256 } });
    expect(error.message).not.toContain('c2VjcmV0');
    expect(requests()).toBe(1);
  });

  it('takes the certificate met first, tells it once, and holds to it', async () => {
    const { origin, requests, present } = await https();
    const met: string[] = [];
    const made = client(origin, {
      mode: 'pin',
      fingerprint256: null,
      onFirstContact: (shown) => met.push(shown),
    });
    await Promise.all([made.request(GET), made.request(GET)]);
    expect(met).toEqual([first.fingerprint256]);
    present(second);
    expect((await failure(made.request(GET))).code).toBe('certificate-changed');
    expect(requests()).toBe(2);
  });

  it('sends not one byte of HTTP to a peer with another certificate', async () => {
    const { origin } = await https();
    const bytes: Buffer[] = [];
    const target = Number(new URL(origin).port);
    const relay = await listen(
      createTcpServer((socket) => {
        const onward = connect(target, '127.0.0.1');
        socket.on('data', (chunk: Buffer) => bytes.push(chunk));
        socket.on('error', () => undefined);
        onward.on('error', () => undefined);
        socket.pipe(onward).pipe(socket);
        socket.on('close', () => onward.destroy());
      }),
    );
    const made = client(`https://127.0.0.1:${relay}`, { mode: 'pin', fingerprint256: second.fingerprint256 });
    expect((await failure(made.request(GET))).code).toBe('certificate-changed');
    // Only handshake (22), cipher change (20) and alert (21) records, and the one small encrypted Finished.
    const encrypted = recordsOf(Buffer.concat(bytes)).filter(({ type }) => type === 23);
    expect(encrypted.length).toBeLessThanOrEqual(2);
    for (const { length } of encrypted) expect(length).toBeLessThan(100);
  });
});

function recordsOf(stream: Buffer): { type: number; length: number }[] {
  const records = [];
  for (let at = 0; at + 5 <= stream.length; ) {
    const length = stream.readUInt16BE(at + 3);
    records.push({ type: stream.readUInt8(at), length });
    at += 5 + length;
  }
  return records;
}
