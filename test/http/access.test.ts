import { request } from 'node:http';
import type { Express, Router } from 'express';
import { describe, expect, test } from 'vitest';
import { placeHold } from '../../src/actions/hold.ts';
import { runMacro } from '../../src/actions/macros.ts';
import { startMaintenance } from '../../src/actions/maintenance.ts';
import { createToken } from '../../src/actions/tokens.ts';
import type { Alert } from '../../src/alerts/alert.ts';
import { AlertStore } from '../../src/alerts/store.ts';
import type { Role } from '../../src/fleet/fleet.ts';
import { createApi } from '../../src/http/api.ts';
import type { ApiModules } from '../../src/http/context.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newRegistry } from '../../src/lib/metrics.ts';
import { packSettings } from '../../src/schema/packed-settings.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';
import { OTHERS, TABLE } from './access-table.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;

interface World extends RunningDaemon {
  /** The headers of somebody of this role, perhaps limited to `south`. */
  readonly as: (role: Role, limited?: boolean) => Record<string, string>;
}

const MACROS = `macros:
  - name: chime
    devices: all
    steps: [{ message: { text: Hello, duration: 2s } }]
  - name: everywhere
    devices: all
    steps: [{ each: { devices: all, steps: [{ message: { text: Hello, duration: 2s } }] } }]
`;

async function world(): Promise<World> {
  const { devices } = await simulated([{ name: 'north' }, { name: 'south' }]);
  const running = await runDaemon(fleetText({ devices, mode: 'enforce', more: MACROS }));
  const tokens = new Map<string, string>();
  for (const role of ROLES)
    for (const limited of [false, true]) {
      const name = `${role}-${limited}`;
      const { token } = await running.act(createToken, { name, role, devices: limited ? 'south' : null });
      tokens.set(name, token);
    }
  return {
    ...running,
    as: (role, limited = false) => ({ authorization: `Bearer ${tokens.get(`${role}-${limited}`)}` }),
  };
}

/** What express knows of its routes: `GET /api/v1/plan`. */
function routesOf(): string[] {
  const modules = {
    ports: {},
    access: {},
    trustProxy: [],
    health: () => [],
    registry: newRegistry(),
    version: '0',
    clock: {},
    logger: silentLogger,
    signal: new AbortController().signal,
  } as unknown as ApiModules;
  const app: Express = createApi(modules);
  const inner = app.router.stack.find(({ route, handle }) => route === undefined && 'stack' in handle);
  const api = (inner?.handle as unknown as Router | undefined)?.stack ?? [];
  return [
    ...app.router.stack.flatMap((layer) => named(layer, '')),
    ...api.flatMap((layer) => named(layer, '/api/v1')),
  ];
}

function named({ route }: Router['stack'][number], before: string): string[] {
  const methods = (route?.stack ?? []).map(({ method }) => method).filter((method) => method !== undefined);
  return [...new Set(methods)].map((method) => `${method.toUpperCase()} ${before}${route?.path}`);
}

describe('Who may do what', () => {
  test('is written down of every route there is, and of no other', () => {
    const known = [
      ...Object.keys(TABLE).map((route) => route.replace(' ', ' /api/v1')),
      ...Object.keys(OTHERS),
    ];
    expect([...new Set(routesOf())].toSorted()).toEqual(known.toSorted());
  });

  test('holds for every role, for nobody, and for every role limited to some devices', async () => {
    const { daemon, as } = await world();
    for (const [route, [least, reach]] of Object.entries(TABLE)) {
      const [method = '', path = ''] = route.split(' ');
      const url = `${daemon.url}/api/v1${path.replace(/:\w+/g, 'south')}`;
      expect([route, 'nobody', await ask(method, url, {})]).toEqual([route, 'nobody', 401]);
      for (const role of ROLES) {
        const may = ROLES.indexOf(role) >= ROLES.indexOf(least);
        // Who may is told that the input is wrong, so that nothing is done.
        expect([route, role, await ask(method, url, as(role))]).toEqual([route, role, may ? 400 : 403]);
        const limited = may && reach === 'devices' ? 400 : 403;
        expect([route, role, 'south', await ask(method, url, as(role, true))]).toEqual([
          route,
          role,
          'south',
          limited,
        ]);
      }
    }
    for (const [route, status] of Object.entries(OTHERS)) {
      const [method = '', path = ''] = route.split(' ');
      const url = daemon.url + path.replace('{/*prefix}', '').replace(/:\w+/g, 'chime');
      expect([route, await ask(method, url, {})]).toEqual([route, status]);
    }
    expect(await ask('GET', `${daemon.url}/metrics`, as('viewer'))).toBe(200);
    expect(await ask('GET', `${daemon.url}/metrics`, as('admin', true))).toBe(403);
  }, 120_000);
});

let lastAddress = 1;

/** Asks with an input that no verb takes; from ever other addresses of this machine, for refusals are counted by them. */
function ask(method: string, url: string, headers: Record<string, string>): Promise<number> {
  lastAddress = (lastAddress % 250) + 1;
  const localAddress = `127.0.0.${lastAddress}`;
  const query = method === 'GET' && url.includes('/api/v1/') ? '?nonsense=1' : '';
  return new Promise((resolve, reject) => {
    const options = { method, localAddress, headers: { ...headers, 'content-type': 'application/json' } };
    const asking = request(url + query, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.once('error', reject);
    asking.end(method === 'GET' ? undefined : '{"nonsense":1}');
  });
}

/** Puts something on record of both devices, of all kinds that roomd knows. */
async function record({ daemon, act }: World): Promise<{ alerts: Alert[]; runs: string[] }> {
  const { ports } = daemon;
  const { database } = ports;
  const now = ports.now();
  const alerts: Alert[] = [];
  const runs: string[] = [];
  const store = new AlertStore({ database });
  for (const [at, name] of ['north', 'south'].entries()) {
    const deviceId = ports.deviceId(name) ?? 0;
    await database.write([
      database.query.insertInto('presence').values({
        device_id: deviceId,
        state: 'yes',
        from_at: now - 60_000,
        to_at: now - 30_000,
        source: 'session',
        max_count: 3,
        last_count: 3,
      }),
      database.query.insertInto('booking').values({
        device_id: deviceId,
        seq: 1,
        booking_id: `of-${name}`,
        meeting_id: null,
        organizer: null,
        organizer_form: 'full',
        start_at: now,
        end_at: now + 60_000,
        extended_times: 0,
        began_at: null,
        ended_at: null,
        state: 'scheduled',
      }),
    ]);
    const alert = alertAbout(at, [name], deviceId, now);
    alerts.push(alert);
    runs.push((await act(runMacro, { macro: 'chime', device: name })).id);
  }
  alerts.push(alertAbout(2, ['north', 'south'], null, now));
  await store.write(alerts.flatMap((alert) => store.save(alert, null)));
  return { alerts, runs };
}

function alertAbout(at: number, devices: readonly string[], deviceId: number | null, now: number): Alert {
  const id = `01890000-0000-7000-8000-00000000000${at}`;
  const words = `${devices.join(' and ')} is out`;
  return {
    id,
    rule: 'device-offline',
    key: `${at}`,
    deviceId,
    about: devices.length === 1 ? (devices[0] ?? '') : 'site oslo',
    devices,
    severity: 'warning',
    state: 'open',
    title: words,
    detail: words,
    remedy: 'look',
    cleared: words,
    openedAt: now,
    toldAt: null,
    toldTo: [],
    silenced: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    comment: null,
    resolvedAt: null,
    resolution: null,
    conversation: id,
  };
}

describe('Somebody limited to one device', () => {
  test('reads nothing of another, whatever they ask for', async () => {
    const running = await world();
    const { get, post, as, act } = running;
    const { alerts, runs } = await record(running);
    await act(startMaintenance, { devices: 'north', for: '1h', reason: 'paint' });
    await act(startMaintenance, { devices: 'north, south', for: '1h', reason: 'fire drill' });
    await act(placeHold, { devices: 'north', reason: 'painters' });
    await act(placeHold, { devices: 'north, south', reason: 'drill' });
    const { database } = running.daemon.ports;
    const learnt = { product: 'Learnt', software: 'ce26.4.1', origin: 'SIM-NORTH', settings: 0, at: 0 };
    await database.write([
      database.query
        .insertInto('product_schema')
        .values({ ...learnt, source: 'device', content: Buffer.from(packSettings([])), digest: '' }),
    ]);
    const schemas = async (limited: boolean) =>
      await (await get('/api/v1/schemas', as('viewer', limited))).text();
    expect(await schemas(false)).toContain('SIM-NORTH');
    expect(await schemas(true)).toMatch(/"product":"Learnt",[^}]*"origin":"another device"/);
    const now = new Date().toISOString();
    const parameters: Readonly<Record<string, string>> = {
      kind: 'presence',
      name: 'south',
      alert: alerts[1]?.id ?? '',
      run: runs[1] ?? '',
    };
    const queries: Readonly<Record<string, string>> = {
      '/presence/history': `?device=south&from=2026-01-01T00:00:00Z&to=${now}`,
      '/sensors': '?device=south',
      '/devices/:name/log': '?since=1h',
      '/devices/:name/diff': '?at=1h',
      '/devices/:name/trust': '?what=certificate',
      '/schemas/setting': '?product=none&software=26.4.1&path=Standby.Delay',
    };
    const gets = Object.entries(TABLE).filter(
      ([route, [, reach]]) => route.startsWith('GET') && reach === 'devices',
    );
    for (const [route] of gets) {
      const path = route.slice('GET '.length);
      const url = `/api/v1${path.replace(/:(\w+)/g, (_, key: string) => parameters[key] ?? '')}${queries[path] ?? ''}`;
      const response = await get(url, as('viewer', true));
      // Nothing is known of that product.
      expect.soft([route, response.status]).toEqual([route, path === '/schemas/setting' ? 404 : 200]);
      expect.soft([route, await response.text()]).toEqual([route, expect.not.stringContaining('north')]);
      if (!path.includes(':name')) continue;
      const other = await get(url.replace('/south', '/north'), as('admin', true));
      expect([route, other.status]).toEqual([route, 404]);
    }
    for (const kind of ['calls', 'bookings', 'utilisation'])
      expect(await (await get(`/api/v1/export/${kind}`, as('admin', true))).text()).not.toContain('north');
    expect(await (await post('/api/v1/plan', {}, as('viewer', true))).text()).not.toContain('north');
    expect(await (await post('/api/v1/lint', {}, as('viewer', true))).text()).not.toContain('north');
    for (const path of [
      '/devices?devices=north',
      '/events?device=north',
      '/calls?device=north',
      '/presence/history?device=north&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
      '/export/presence?devices=north',
      '/utilisation?devices=north',
      `/alerts/${alerts[0]?.id}`,
      `/macros/runs/${runs[0]}`,
    ])
      expect([path, (await get(`/api/v1${path}`, as('admin', true))).status]).toEqual([path, 404]);
    // Those who are not limited read of both.
    expect(await (await get('/api/v1/bookings', as('viewer'))).text()).toContain('north');
    const shared = (await (await get(`/api/v1/alerts/${alerts[2]?.id}`, as('viewer', true))).json()) as Alert;
    expect(shared).toMatchObject({
      devices: ['south'],
      title: 'south and others: device-offline',
      detail: '',
    });
  }, 120_000);

  test('touches nothing of another', async () => {
    const running = await world();
    const { post, as, act, daemon } = running;
    const { alerts, runs } = await record(running);
    const status = async (path: string, body: object = {}) =>
      (await post(`/api/v1${path}`, body, as('admin', true))).status;
    const posts = Object.entries(TABLE).filter(
      ([route]) => /^POST .*:name/.test(route) && TABLE[route]?.[1] === 'devices',
    );
    const bodies: Readonly<Record<string, object>> = {
      call: { number: 'x@example.com' },
      message: { text: 'Hello' },
      trust: { retryLogin: true },
      replace: { serial: 'X' },
      restore: { software: '26', product: 'x', readAt: 'now' },
      'restore/plan': { software: '26', product: 'x', readAt: 'now' },
    };
    expect(posts.length).toBeGreaterThan(10);
    for (const [route] of posts) {
      const verb = route.replace('POST /devices/:name/', '');
      expect([verb, await status(`/devices/north/${verb}`, bodies[verb])]).toEqual([verb, 404]);
    }
    expect(await status('/apply', { devices: 'north' })).toBe(404);
    expect(await status('/slots/rotate', { devices: 'north' })).toBe(404);
    expect(await status('/macros/chime/run', { device: 'north' })).toBe(404);
    expect(await status('/macros/everywhere/run', { device: 'south' })).toBe(403);
    expect(await status('/macros/chime/run', { device: 'south', dryRun: true })).toBe(200);
    expect(await status(`/macros/runs/${runs[0]}/retry`)).toBe(404);
    expect(await status(`/macros/runs/${runs[0]}/cancel`)).toBe(404);
    expect(await status(`/alerts/${alerts[0]?.id}/ack`)).toBe(404);
    expect(await status(`/alerts/${alerts[2]?.id}/ack`)).toBe(403);
    expect(await status('/maintenance', { devices: 'north', for: '1h' })).toBe(404);

    await act(placeHold, { reason: 'all' });
    await act(placeHold, { devices: 'north, south', reason: 'both' });
    expect(await status('/hold', { devices: 'all', reason: 'mine' })).toBe(200);
    const released = await post('/api/v1/hold/release', { every: true }, as('operator', true));
    expect(await released.json()).toMatchObject({ items: [{ reason: 'mine' }] });
    expect(daemon.ports.holds.list().map(({ reason }) => reason)).toEqual(['all', 'both']);
    await act(startMaintenance, { devices: 'all', for: '1h', reason: 'all' });
    expect(await status('/maintenance', { devices: 'all', for: '1h', reason: 'mine' })).toBe(200);
    await status('/maintenance/end');
    expect(daemon.ports.maintenances.running().map(({ reason }) => reason)).toEqual(['all']);
  }, 60_000);

  test('hears nothing of another', async () => {
    const { get, as, act, daemon } = await world();
    const stopping = new AbortController();
    const response = await fetch(`${daemon.url}/api/v1/events?after=0`, {
      headers: { ...as('viewer', true), accept: 'text/event-stream' },
      signal: stopping.signal,
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk as Uint8Array);
    })().catch(() => undefined);
    await act(runMacro, { macro: 'chime', device: 'north' });
    await act(runMacro, { macro: 'chime', device: 'south' });
    await eventually(() => expect(text).toContain('event: run'));
    stopping.abort();
    await reading;
    expect(text).toContain('"device":"south"');
    expect(text).not.toContain('north');
    expect(await (await get('/api/v1/events', as('viewer'))).text()).toContain('"device":"north"');
  });
});
