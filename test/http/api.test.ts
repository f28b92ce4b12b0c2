import { describe, expect, test } from 'vitest';
import { listEvents } from '../../src/actions/events.ts';
import { placeHold } from '../../src/actions/hold.ts';
import { createFileToken } from '../../src/fleet/access/token.ts';
import { line } from '../cli/command-line.ts';
import {
  eventually,
  fleetText,
  type RunningDaemon,
  runDaemon,
  simulated,
  temporaryFolder,
} from '../support/world.ts';

async function withDevices(names: readonly string[], daemonLines = ''): Promise<RunningDaemon> {
  const simulator = await simulated(names.map((name) => ({ name })));
  return runDaemon(fleetText({ devices: simulator.devices, daemon: daemonLines }));
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const body = (await response.json()) as { status: number; code: string; detail: string; title: string };
  expect(body.status).toBe(response.status);
  expect(body.title.length).toBeGreaterThan(2);
  expect(body.detail).not.toMatch(/\n\s+at /);
  return [body.status, body.code];
}

describe('The HTTP API', () => {
  test('answers what is wrong with a request as problem details', async () => {
    const { get, post, daemon } = await withDevices(['hall']);
    const json = { 'content-type': 'application/json' };
    const raw = (path: string, init: RequestInit) => fetch(`${daemon.url}${path}`, init);
    const answers = {
      page: await problemOf(await get('/nowhere')),
      path: await problemOf(await get('/api/v1/nowhere')),
      device: await problemOf(await get('/api/v1/devices/nobody')),
      method: await problemOf(await raw('/api/v1/plan', { method: 'DELETE' })),
      form: await problemOf(await raw('/api/v1/plan', { method: 'POST', body: 'devices=hall' })),
      json: await problemOf(await post('/api/v1/plan', '{"devices":')),
      list: await problemOf(await post('/api/v1/plan', [1])),
      large: await problemOf(await post('/api/v1/plan', { devices: 'x'.repeat(300_000) })),
      charset: await problemOf(
        await raw('/api/v1/plan', {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json; charset=latin1' },
        }),
      ),
      encoding: await problemOf(
        await raw('/api/v1/plan', {
          method: 'POST',
          body: '{}',
          headers: { ...json, 'content-encoding': 'zstd' },
        }),
      ),
      unknownField: await problemOf(await post('/api/v1/apply', { device: 'hall' })),
      unknownQuery: await problemOf(await get('/api/v1/devices?device=hall')),
      selector: await problemOf(await get('/api/v1/devices?devices=site%3D%3D%3D')),
      percent: await problemOf(await get('/api/v1/devices/%E0%A4%A')),
      time: await problemOf(await get('/api/v1/presence/history?device=hall&from=yesterday&to=now')),
    };
    expect(answers).toEqual({
      page: [404, 'not-found'],
      path: [404, 'not-found'],
      device: [404, 'not-found'],
      method: [405, 'wrong-method'],
      form: [415, 'bad-input'],
      json: [400, 'bad-input'],
      list: [400, 'bad-input'],
      large: [413, 'too-large'],
      charset: [415, 'bad-input'],
      encoding: [415, 'bad-input'],
      unknownField: [400, 'bad-input'],
      unknownQuery: [400, 'bad-input'],
      selector: [400, 'bad-input'],
      percent: [400, 'bad-input'],
      time: [400, 'bad-input'],
    });
    const method = await raw('/api/v1/hold', { method: 'PUT' });
    expect(method.headers.get('allow')).toBe('GET, POST');
  });

  test('lets in by token and role only, where the file has tokens', async () => {
    const viewer = await createFileToken('grafana', 'viewer');
    const operator = await createFileToken('desk', 'operator');
    const lines = [viewer, operator].map(
      ({ entry }) => `    - { name: ${entry.name}, role: ${entry.role}, hash: "${entry.hash}" }`,
    );
    const { get, post } = await withDevices(['hall'], `  tokens:\n${lines.join('\n')}`);
    expect(await problemOf(await get('/api/v1/devices'))).toEqual([401, 'unauthenticated']);
    expect(await problemOf(await get('/api/v1/devices', bearer(`roomd_${'x'.repeat(32)}`)))).toEqual([
      401,
      'unauthenticated',
    ]);
    expect((await get('/api/v1/devices', bearer(viewer.token))).status).toBe(200);
    expect(await problemOf(await post('/api/v1/hold', {}, bearer(viewer.token)))).toEqual([403, 'forbidden']);
    expect((await post('/api/v1/hold', {}, bearer(operator.token))).status).toBe(200);
    const trust = await post('/api/v1/devices/hall/trust', { serial: 'X' }, bearer(operator.token));
    expect(await problemOf(trust)).toEqual([403, 'forbidden']);
    expect((await get('/healthz')).status).toBe(200);
  });

  test('without tokens answers this machine only, under its own name', async () => {
    const { daemon } = await withDevices(['hall']);
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(`${daemon.url}/api/v1/devices`, { headers: { host: 'evil.example' } }, ({ statusCode }) =>
        resolve(statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  test('pages devices and events', async () => {
    const { get, act } = await withDevices(['a', 'b', 'c']);
    const first = (await (await get('/api/v1/devices?limit=2')).json()) as {
      items: { name: string }[];
      nextCursor: string;
    };
    expect(first.items.map(({ name }) => name)).toEqual(['a', 'b']);
    const rest = await (await get(`/api/v1/devices?limit=2&cursor=${first.nextCursor}`)).json();
    expect(rest).toMatchObject({
      items: [{ name: 'c', session: {}, presence: { state: expect.any(String) } }],
      nextCursor: null,
    });
    for (let time = 0; time < 3; time += 1) await act(placeHold, { reason: `number ${time}` });
    const page = (await (await get('/api/v1/events?kinds=hold&limit=2')).json()) as {
      items: object[];
      nextCursor: string;
    };
    expect(page.items).toHaveLength(2);
    const next = await (await get(`/api/v1/events?kinds=hold&limit=2&after=${page.nextCursor}`)).json();
    expect(next).toMatchObject({ items: [{ payload: { reason: 'number 2' } }], nextCursor: null });
  });

  test('streams events, and goes on after the last one that was seen', async () => {
    const { get, act } = await withDevices(['hall']);
    await act(placeHold, { reason: 'one' });
    const listen = async (headers: Record<string, string>, until: string): Promise<string> => {
      const response = await get('/api/v1/events?kinds=hold', { accept: 'text/event-stream', ...headers });
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      let text = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        if (text.includes(until)) break;
      }
      return text;
    };
    const first = await listen({}, '"one"');
    const id = /id: (\d+)/.exec(first)?.[1] ?? '';
    const later = listen({ 'last-event-id': id }, '"two"');
    await act(placeHold, { reason: 'two' });
    const second = await later;
    expect(second).not.toContain('"one"');
    expect(second).toMatch(/^id: \d+\nevent: hold\ndata: \{.*"two".*\}\n\n$/m);
    const bad = await get('/api/v1/events', { accept: 'text/event-stream', 'last-event-id': 'x' });
    expect(await problemOf(bad)).toEqual([400, 'bad-input']);
    expect((await act(listEvents, { kinds: 'hold' })).items).toHaveLength(2);
  });

  test('tells health, readiness and metrics whose names end in their unit', async () => {
    const { get } = await withDevices(['hall']);
    expect(await (await get('/healthz')).json()).toMatchObject({ ok: true, parts: expect.any(Array) });
    expect(await (await get('/readyz')).json()).toEqual({ ready: true, reasons: [] });
    await eventually(async () => {
      const text = await (await get('/metrics')).text();
      expect(text).toContain('roomd_sessions{state="up"} 1');
      const names = [...text.matchAll(/^# TYPE (roomd_\S+) (\S+)/gm)];
      const counters = names.flatMap(([, name = '', type]) => (type === 'counter' ? [name] : []));
      expect(counters.filter((name) => !name.endsWith('_total'))).toEqual([]);
    });
  });
});

test('an address off this machine without TLS or a proxy is a warning, from file and command line', async () => {
  const cwd = temporaryFolder();
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${cwd}/fleet.yaml`, fleetText({ devices: [{ name: 'hall', port: 9 }] }));
  const { code, err } = await line(['validate', '--listen', '0.0.0.0:8080'], { cwd });
  expect([code, err]).toEqual([0, expect.stringContaining('plain HTTP')]);
});

test('a token made by the command line opens the API of a file that holds its entry', async () => {
  const made = await line(['token', 'create', 'grafana', '--role', 'admin', '--print', '--json'], {
    cwd: temporaryFolder(),
  });
  const { token, entry } = made.json() as {
    token: string;
    entry: { name: string; role: string; hash: string };
  };
  const { get } = await withDevices(['hall'], `  tokens: [${JSON.stringify(entry)}]`);
  expect((await get('/api/v1/system', { authorization: `Bearer ${token}` })).status).toBe(200);
});
