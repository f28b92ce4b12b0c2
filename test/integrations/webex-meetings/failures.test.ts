import { describe, expect, it } from 'vitest';
import { newKeyPair, selfSign } from '../../../src/simulator/certificate.ts';
import { APIS, clock, failureOf, planOf, serve, standInFor } from './support.ts';

describe.each(APIS)('what goes wrong with Webex Meetings by $api', ({ client, create, get, remove }) => {
  it('waits as long as it is told to be, and then is served', async () => {
    const standIn = await standInFor();
    standIn.fault({ kind: 'status', status: 429, retryAfterSeconds: 1, times: 1 });
    const began = clock.monotonic();
    await client(standIn).create(planOf());
    expect(clock.monotonic() - began).toBeGreaterThanOrEqual(990);
    expect(standIn.meetings()).toHaveLength(1);
  });

  it('does not wait beyond its deadline, and hands on how long it was to wait', async () => {
    const standIn = await standInFor();
    standIn.fault({ kind: 'status', status: 429, retryAfterSeconds: 3600, times: 9 });
    const failure = await failureOf(client(standIn).create(planOf()));
    expect(failure).toMatchObject({
      code: 'rate-limited',
      retryable: true,
      retryAfterMs: 3_600_000,
      isInDoubt: false,
    });
    expect(standIn.requests()).toHaveLength(1);
  });

  it('tells statuses apart', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const id = await service.create(planOf());
    for (const [status, code] of [
      [400, 'invalid'],
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [404, 'not-found'],
      [500, 'unavailable'],
      [302, 'malformed'],
    ] as const) {
      standIn.fault({ kind: 'status', status, times: 1 });
      expect((await failureOf(service.get(id))).code).toBe(code);
    }
    expect((await service.get(id)).id).toBe(id);
  });

  it('takes the page of a proxy and half an answer for no answer of the service', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const id = await service.create(planOf());
    standIn.fault({ kind: 'html', times: 3 });
    for (const work of [() => service.get(id), () => service.delete(id), () => service.create(planOf())])
      expect(await failureOf(work())).toMatchObject({ code: 'malformed', isInDoubt: true });
    expect(standIn.meetings()).toHaveLength(1);
    standIn.fault({ kind: 'truncated', times: 1, operation: create });
    expect(await failureOf(service.create(planOf()))).toMatchObject({ code: 'unreachable', isInDoubt: true });
    expect(standIn.meetings()).toHaveLength(2);
  });

  it('ends at its deadline, or when it is called off, although the service is slow', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    const id = await service.create(planOf());
    standIn.fault({ kind: 'slow', delayMs: 60_000, times: 2 });
    expect(await failureOf(service.get(id, { deadlineMs: 100 }))).toMatchObject({
      code: 'deadline',
      retryable: true,
    });
    const off = new AbortController();
    const reason = new Error('the macro was cancelled');
    const work = service.delete(id, { signal: off.signal });
    await expect.poll(() => standIn.requests().some(({ operation }) => operation === remove)).toBe(true);
    off.abort(reason);
    await expect(work).rejects.toBe(reason);
    await expect(service.get(id, { signal: off.signal })).rejects.toBe(reason);
  });

  it('says that nothing was sent where nobody listens, and hides its secrets', async () => {
    const { restUrl, xmlUrl, stop } = await standInFor();
    await stop();
    const service = client({ restUrl, xmlUrl });
    const failure = await failureOf(service.create(planOf()));
    expect(failure).toMatchObject({ code: 'unreachable', isInDoubt: false });
    expect(`${failure.message} ${JSON.stringify(failure.details)}`).not.toMatch(/ada-token|right|Sesame/);
  });

  it('goes through the proxy that it is given, and says that nothing was sent where that refuses', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url);
      response.writeHead(407).end();
    });
    const standIn = await standInFor();
    const service = client(standIn, { proxy });
    const failure = await failureOf(service.create(planOf()));
    expect(failure).toMatchObject({ code: 'unreachable', isInDoubt: false });
    expect(failure.message).toContain('it wants a login');
    expect(asked).toHaveLength(1);
    expect([standIn.xmlUrl, `${standIn.restUrl}/meetings`]).toContain(asked[0]);
    expect(standIn.requests()).toEqual([]);
  });

  it('gives up at the deadline on credentials that never come', async () => {
    const standIn = await standInFor();
    const service = client(standIn, { secret: () => new Promise(() => undefined), deadlineMs: 50 });
    expect((await failureOf(service.create(planOf()))).code).toBe('deadline');
    expect(standIn.requests()).toEqual([]);
  });

  it('speaks TLS to whom it is told to trust, and to nobody else', async () => {
    const { pem, keyPem } = selfSign(newKeyPair(), { commonName: 'webex', now: clock.now() });
    const standIn = await standInFor({ tls: { key: keyPem, cert: pem } });
    const trusting = client(standIn, { tls: { mode: 'ca', ca: pem } });
    await trusting.create(planOf());
    expect(standIn.meetings()).toHaveLength(1);
    expect(await failureOf(client(standIn).create(planOf()))).toMatchObject({
      code: 'unreachable',
      isInDoubt: false,
    });
  });

  it('is not confused by a failure of one operation alone', async () => {
    const standIn = await standInFor();
    const service = client(standIn);
    standIn.fault({ kind: 'status', status: 500, times: 1, operation: get });
    const id = await service.create(planOf());
    expect((await failureOf(service.get(id))).code).toBe('unavailable');
    expect((await service.get(id)).id).toBe(id);
  });
});
