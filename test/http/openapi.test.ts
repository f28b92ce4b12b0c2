import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { listDevices } from '../../src/actions/devices.ts';
import { actions } from '../../src/actions/registry.ts';
import { createToken } from '../../src/actions/tokens.ts';
import { createUser } from '../../src/actions/users.ts';
import { createFileToken } from '../../src/fleet/access/token.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import type { OpenApiDocument } from '../../src/http/openapi/shapes.ts';
import { sleep } from '../../src/lib/abort.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { packSettings } from '../../src/schema/packed-settings.ts';
import {
  eventually,
  fleetText,
  freePort,
  type RunningDaemon,
  runDaemon,
  simulated,
} from '../support/world.ts';

/** One call of an operation and the status that it is answered with. */
interface Call {
  readonly path?: Readonly<Record<string, string>>;
  /** The query of a GET, the body of a POST. */
  readonly input?: Readonly<Record<string, unknown>>;
  readonly accept?: string;
  /** 200 where absent. */
  readonly status?: number;
}

const HALL = { name: 'hall' };
const FROM = new Date(Date.now() - 3_600_000).toISOString();
const TO = new Date(Date.now() + 3_600_000).toISOString();
const SCHEMA = Buffer.from(packSettings([])).toString('base64');
const BACKUP = {
  software: 'ce26.4.1',
  product: 'Cisco Room',
  readAt: FROM,
  settings: { 'SystemUnit.Name': 'Hall' },
};

/** Every operation, in an order in which each has something to answer; `run` is the id of a run, `alert` of an alert. */
const CALLS: Readonly<Record<string, readonly Call[]>> = {
  system: [{}],
  reload: [{}],
  now: [{}, { input: { devices: 'hall', soon: '30' } }],
  devices: [
    {},
    { input: { fields: 'name,session,drift', sort: '-since', limit: '1' } },
    { input: { state: 'nonsense' }, status: 400 },
  ],
  device: [{ path: HALL }, { path: { name: 'nobody' }, status: 404 }],
  plan: [{ input: {} }],
  apply: [{ input: { fingerprint: 'of another file' }, status: 412 }, { input: {} }],
  'device.configuration': [{ path: HALL }, { path: HALL, input: { path: 'Audio[' }, status: 400 }],
  // The small model has no macros of its own.
  'device.log': [
    { path: HALL, status: 409 },
    { path: HALL, input: { since: '1h' } },
  ],
  sessions: [{}],
  'device.sessions': [{ path: HALL }],
  'device.web-sessions': [{ path: HALL }],
  slots: [{}, { input: { fresh: 'true' } }],
  'slots.rotate': [{ input: {} }],
  'trust.look': [{ path: HALL }, { path: HALL, input: { what: 'serial' } }],
  trust: [
    { path: HALL, input: { retryLogin: true } },
    { path: HALL, input: {}, status: 400 },
  ],
  account: [{ path: HALL }],
  doctor: [{ path: HALL }],
  'doctor.round-trip': [{ path: HALL }],
  conformance: [{ path: HALL }],
  'replace.look': [{ path: HALL }],
  // The unit on record answers: there is nothing to replace.
  replace: [{ path: HALL, input: { serial: 'other' }, status: 409 }],
  'retire.plan': [{ path: { name: 'attic' } }],
  retire: [{ path: { name: 'attic' } }],
  'retire.undo': [{ path: { name: 'attic' } }],
  'device.call': [{ path: HALL, input: { number: 'help@example.com' } }],
  'device.hang-up': [{ path: HALL }],
  'device.mute': [{ path: HALL }],
  'device.message': [{ path: HALL, input: { text: 'Back in five minutes' } }],
  'device.standby': [{ path: HALL }],
  'device.wake': [{ path: HALL }],
  'device.reboot': [{ path: HALL }],
  'device.release': [{ path: HALL }],
  'rooms.free': [{}],
  presence: [{}],
  'presence.history': [
    { input: { devices: 'all', from: FROM, to: TO } },
    { input: { device: 'hall', from: FROM, to: TO } },
  ],
  tags: [{}],
  campaigns: [{}],
  'utilisation.week': [{}, { accept: 'text/csv' }],
  utilisation: [{}, { accept: 'text/csv' }, { accept: 'application/x-ndjson' }],
  export: [
    { path: { kind: 'presence' } },
    { path: { kind: 'calls' } },
    { path: { kind: 'bookings' }, accept: 'text/csv' },
    { path: { kind: 'utilisation' } },
  ],
  lint: [{ input: {} }],
  inventory: [{}],
  'inventory.plan': [{ status: 409 }],
  'inventory.pull': [{ status: 409 }],
  'inventory.forget': [{ input: { device: 'nobody' }, status: 404 }],
  systems: [{}],
  'webex.authorize': [{ input: {}, status: 409 }],
  'schema.import': [
    { input: { origin: 'test', software: '26.4.1', products: [{ product: 'test', content: SCHEMA }] } },
  ],
  schemas: [{}],
  'schemas.setting': [
    { input: { product: 'test', software: '26.4.1', path: 'Standby.Delay' } },
    { input: { product: 'test', software: '1.2.3', path: 'Standby.Delay' }, status: 404 },
  ],
  'rollout.start': [{ input: {} }],
  rollout: [{}],
  'rollout.list': [{}],
  'rollout.pause': [{ input: { reason: 'lunch' } }],
  'rollout.resume': [{}],
  'rollout.approve': [
    { input: { fingerprint: 'another' }, status: 412 },
    { input: {}, status: 409 },
  ],
  'rollout.abort': [{}],
  'rollout.revert': [{}],
  'rotation.preview': [{}],
  'rotation.start': [{ input: {} }],
  rotation: [{}],
  'rotation.list': [{}],
  'rotation.pause': [{ input: {} }],
  'rotation.resume': [{}],
  'rotation.abort': [{}],
  'upgrade.plan': [{ input: { devices: 'hall', now: true } }],
  'upgrade.start': [{ input: { devices: 'hall', now: true } }],
  upgrade: [{}],
  'upgrade.list': [{}],
  'upgrade.pause': [{ input: {} }],
  'upgrade.resume': [{}],
  'upgrade.abort': [{}],
  alerts: [{ input: { all: 'true' } }],
  'alerts.show': [{ path: { alert: '$alert' } }],
  'alerts.ack': [{ path: { alert: '$alert' }, input: { comment: 'seen' } }],
  'maintenance.start': [{ input: { devices: 'attic', for: '1h' } }],
  maintenance: [{ input: { all: 'true' } }],
  'maintenance.end': [{ input: {} }],
  hold: [{ input: { devices: 'attic' } }],
  holds: [{}],
  'hold.release': [{ input: { every: true } }],
  macros: [{}],
  'macros.run': [{ path: { macro: 'greet' }, input: { device: 'hall' } }],
  'macros.runs': [{ input: { state: 'succeeded' } }, { input: { state: 'nonsense' }, status: 400 }],
  'macros.run.show': [{ path: { run: '$run' } }],
  'macros.run.retry': [{ path: { run: '$run' }, input: {} }],
  'macros.run.cancel': [{ path: { run: '$run' }, status: 409 }],
  events: [{ input: { limit: '5' } }],
  calls: [{}],
  bookings: [{}],
  sensors: [{ input: { device: 'hall' } }, { input: { device: 'hall', hourly: 'true' } }],
  spans: [{ input: { kinds: 'session' } }],
  replay: [{ input: { device: 'hall' } }],
  timeline: [{ path: HALL }],
  history: [{ path: HALL }],
  'history.all': [{ input: { since: '1h', actor: 'nobody' } }, {}],
  revisions: [{}],
  'tokens.create': [{ input: { name: 'board', role: 'viewer', expires: '1d' } }],
  tokens: [{}],
  'tokens.revoke': [{ path: { name: 'board' } }],
  'users.create': [{ input: { name: 'anna', role: 'viewer', password: 'a long enough password' } }],
  users: [{}],
  'users.change': [{ path: { name: 'anna' }, input: { role: 'operator' } }],
  'users.password': [{ path: { name: 'anna' }, input: { password: 'another long password' } }],
  'users.remove': [{ path: { name: 'anna' } }],
  'diff-at': [{ path: HALL, input: { at: '1h' } }],
  notifiers: [{}],
  deeds: [{}],
  backups: [{}],
  'restore.plan': [{ path: HALL, input: BACKUP }],
  restore: [{ path: HALL, input: BACKUP }],
  'erase.count': [{ path: HALL, input: {} }],
  erase: [{ path: HALL, input: { before: '1h' } }],
};

const JSON_BODY = { 'content-type': 'application/json' };
const ADMIN = await createFileToken('admin', 'admin');

async function world(): Promise<RunningDaemon> {
  const simulator = await simulated([{ name: 'hall' }, { name: 'attic' }]);
  const feedbackPort = await freePort();
  return runDaemon(
    fleetText({
      devices: [...simulator.devices, { name: 'lost', port: 9 }],
      feedbackPort,
      next: '${env:ROOM_NEXT}',
      configuration: { 'SystemUnit.Name': 'A room', 'Standby.Delay': '7' },
      daemon: `  tokens: [{ name: admin, role: admin, hash: "${ADMIN.entry.hash}" }]`,
      more: `calls: { allow: ["*@example.com"] }
rollout: { canary: hall, soak: 60s }
alerts: { notify: [desk], rules: { device-offline: { for: 0s } } }
notifiers: { desk: { webhook: { url: "http://127.0.0.1:9", secret: "\${env:HOOK}" } } }
macros:
  - name: greet
    when: { schedule: "0 0 1 1 *" }
    devices: all
    steps: [{ message: { text: Hello, duration: 1s } }]
`,
    }).replace('defaults:\n', 'defaults:\n  software: { version: 26.9.1, url: "https://example.com/x" }\n'),
    { env: { ROOM_NEXT: 'correct horse battery staple two', HOOK: '0123456789abcdef0123456789abcdef' } },
  );
}

describe('The OpenAPI document', { timeout: 60_000 }, () => {
  test('is sound, whatever a strict reader asks of it', async () => {
    const document = openApiDocument(actions, '1.2.3');
    const problems = await lintFromString({
      source: JSON.stringify(document),
      config: await createConfig({
        extends: ['recommended-strict'],
        rules: {
          // A macro called `runs` would be in the way of its own runs, and nobody else's.
          'no-ambiguous-paths': 'off',
          // Health and this document itself have nothing to refuse.
          'operation-4xx-response': 'off',
        },
      }),
    });
    expect(problems.map(({ message, location }) => [message, location[0]?.pointer])).toEqual([]);
  });

  test('is had without a token, as JSON and as a page that needs nothing else', async () => {
    const { get } = await world();
    const json = await get('/openapi.json');
    expect(((await json.json()) as OpenApiDocument).openapi).toBe('3.1.0');
    const page = await get('/api');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const text = await page.text();
    expect(text).toContain('/api/v1/devices/{name}');
    expect(text).not.toMatch(/<script|<link|<img|src=|url\(|@import|href="(?!#|\/)/);
    const again = await get('/openapi.json', { 'if-none-match': json.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
  });
});

test('every operation answers as the document says', { timeout: 120_000 }, async () => {
  expect(Object.keys(CALLS).toSorted()).toEqual(actions.map(({ name }) => name).toSorted());
  const daemon = await world();
  await eventually(async () => {
    const { items } = await daemon.act(listDevices);
    expect(items.filter(({ session, drift }) => session.state === 'up' && drift !== null)).toHaveLength(2);
  });
  const document = (await (await daemon.get('/openapi.json')).json()) as OpenApiDocument;
  const check = checker(document);
  const known: Record<string, string> = {};
  const wrong: unknown[] = [];
  for (const [name, calls] of Object.entries(CALLS))
    for (const call of calls) {
      const said = await untilAnswered(daemon, name, call, known);
      const problems = check(placeOf(name), said);
      if (said.status !== (call.status ?? 200) || problems.length > 0)
        wrong.push({ name, call, status: said.status, problems, body: said.text.slice(0, 600) });
      remember(name, said, known);
    }
  expect(wrong).toEqual([]);
});

test('the paths that no verb stands behind answer as the document says', { timeout: 60_000 }, async () => {
  const { daemon, get, act } = await world();
  await act(createUser, { name: 'anna', role: 'operator', password: 'a long enough password' });
  const document = (await (await get('/openapi.json')).json()) as OpenApiDocument;
  const check = checker(document);
  const admin = { authorization: `Bearer ${ADMIN.token}` };
  const signIn = { user: 'anna', password: 'a long enough password' };
  const begun = await fetch(`${daemon.url}/api/v1/session`, {
    method: 'POST',
    headers: JSON_BODY,
    body: JSON.stringify(signIn),
  });
  const cookie = { cookie: (begun.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  const { csrf } = (await begun.json()) as { csrf: string };
  const trigger = '/api/v1/macros/{macro}/trigger';
  const limited = await act(createToken, { name: 'oslo', role: 'viewer', devices: 'hall' });
  const asked: readonly [string, string, number, Record<string, string>, unknown?][] = [
    ['get', '/healthz', 200, {}],
    ['get', '/readyz', 200, {}],
    ['get', '/metrics', 401, {}],
    ['get', '/metrics', 403, { authorization: `Bearer ${limited.token}` }],
    ['get', '/metrics', 200, admin],
    ['get', '/api/v1/session', 401, {}],
    ['get', '/api/v1/session', 200, admin],
    ['get', '/api/v1/session', 200, cookie],
    ['post', '/api/v1/session', 200, JSON_BODY, signIn],
    ['post', '/api/v1/session', 400, JSON_BODY, {}],
    ['post', '/api/v1/session', 401, JSON_BODY, { ...signIn, password: 'wrong' }],
    ['post', '/api/v1/session', 403, { ...JSON_BODY, origin: 'https://evil.example.com' }, signIn],
    ['post', '/api/v1/session/end', 403, { ...JSON_BODY, ...cookie }, {}],
    ['post', '/api/v1/session/end', 200, { ...JSON_BODY, ...cookie, 'x-csrf-token': csrf }, {}],
    ['post', trigger, 401, JSON_BODY, {}],
    ['post', trigger, 413, JSON_BODY, { value: 'x'.repeat(300_000) }],
    ['post', trigger, 415, {}, {}],
    ['post', trigger, 415, { ...JSON_BODY, 'content-encoding': 'x-none' }, {}],
  ];
  const wrong: unknown[] = [];
  for (const [method, path, status, headers, body] of asked) {
    const response = await fetch(daemon.url + path.replace('{macro}', 'greet'), {
      method: method.toUpperCase(),
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = {
      status: response.status,
      type: (response.headers.get('content-type') ?? '').split(';')[0] ?? '',
      text: await response.text(),
    };
    const problems = check({ path, method }, said);
    if (said.status !== status || problems.length > 0) wrong.push({ method, path, status, problems, said });
  }
  expect(wrong).toEqual([]);
  expect(document.paths['/metrics']?.['get']?.['security']).not.toEqual([]);
  const { securitySchemes } = document.components as unknown as { securitySchemes: object };
  expect(Object.keys(securitySchemes)).toEqual(['token', 'cookie', 'trigger']);
  const ofPost = document.paths['/api/v1/hold']?.['post']?.parameters?.map(({ name }) => name);
  expect(ofPost).toContain('X-CSRF-Token');
});

/** What one operation began may still be under way for the next. */
async function untilAnswered(
  daemon: RunningDaemon,
  name: string,
  call: Call,
  known: Readonly<Record<string, string>>,
): Promise<Said> {
  for (let tries = 0; ; tries += 1) {
    const said = await ask(daemon, name, call, known);
    if (said.status === (call.status ?? 200) || tries >= 30) return said;
    await sleep(200, systemClock());
  }
}

interface Said {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function ask(
  daemon: RunningDaemon,
  name: string,
  { path = {}, input, accept = 'application/json' }: Call,
  known: Readonly<Record<string, string>>,
): Promise<Said> {
  const action = actions.find((one) => one.name === name);
  if (action === undefined) throw new Error(`there is no verb ${name}`);
  const filled = action.http.path.replaceAll(/:(\w+)/g, (_, field: string) => {
    const given = path[field] ?? '';
    return encodeURIComponent(known[given] ?? given);
  });
  const headers = { authorization: `Bearer ${ADMIN.token}`, accept };
  const query = new URLSearchParams(input as Record<string, string> | undefined);
  const response =
    action.http.method === 'GET'
      ? await daemon.get(`/api/v1${filled}?${query.toString()}`, headers)
      : await daemon.post(`/api/v1${filled}`, input ?? {}, headers);
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
  return { status: response.status, type, text: await response.text() };
}

function remember(name: string, { text, type, status }: Said, known: Record<string, string>): void {
  if (type !== 'application/json' || status !== 200) return;
  const body = JSON.parse(text) as { id?: string; items?: { id: string }[] };
  if (name === 'macros.run') known['$run'] = body.id ?? '';
  if (name === 'alerts') known['$alert'] = body.items?.[0]?.id ?? '';
}

/** Of a verb, where it stands in the document. */
function placeOf(name: string): Place {
  const action = actions.find((one) => one.name === name);
  if (action === undefined) throw new Error(`there is no verb ${name}`);
  const path = `/api/v1${action.http.path.replaceAll(/:(\w+)/g, '{$1}')}`;
  return { path, method: action.http.method.toLowerCase() };
}

interface Place {
  readonly path: string;
  readonly method: string;
}

/** What of an answer is not as the document says: status, type or shape. */
function checker(document: OpenApiDocument): (place: Place, said: Said) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormatsModule.default(ajv);
  ajv.addSchema(document, 'api');
  return ({ path, method }, { status, type, text }) => {
    const response = document.paths[path]?.[method]?.responses[String(status)];
    if (response === undefined) return [`the status ${status} is not in the document`];
    const isRef = '$ref' in response;
    const base = isRef
      ? ['components', 'responses', `Problem${status}`]
      : ['paths', path, method, 'responses', String(status)];
    const holder = (
      isRef ? (document.components['responses'] as Record<string, object>)[`Problem${status}`] : response
    ) as { content?: object };
    if (!Object.keys(holder.content ?? {}).includes(type)) return [`the type ${type} is not in the document`];
    // Lines of JSON, and none where there are no rows.
    if (type !== 'application/json' && type !== 'application/problem+json') return [];
    const validate = ajv.getSchema(pointer([...base, 'content', type, 'schema']));
    if (validate === undefined) return ['there is no schema'];
    if (validate(JSON.parse(text)) === true) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** A place in the document, as its reader takes it. */
function pointer(parts: readonly string[]): string {
  return `api#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
}
