import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { placeHold } from '../../src/actions/hold.ts';
import { runMacro } from '../../src/actions/macros.ts';
import { plan } from '../../src/actions/plan.ts';
import { createToken } from '../../src/actions/tokens.ts';
import { newToken } from '../../src/fleet/access/hash.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

async function withDevices(
  names: readonly string[],
  more: { daemon?: string; more?: string; own?: Readonly<Record<string, string>> } = {},
): Promise<RunningDaemon> {
  const simulator = await simulated(names.map((name) => ({ name })));
  const text = fleetText({
    devices: simulator.devices,
    configuration: { 'Standby.Delay': '7' },
    daemon: more.daemon ?? '',
    more: more.more ?? '',
  });
  const whole = Object.entries(more.own ?? {}).reduce(
    (file, [name, own]) => file.replace(`{ name: ${name},`, `{ name: ${name}, ${own},`),
    text,
  );
  const running = await runDaemon(whole);
  await eventually(async () => {
    const { items } = await running.act(listDevices);
    expect(items.every(({ session, drift }) => session.state === 'up' && drift !== null)).toBe(true);
  });
  return running;
}

/** Every list that is paged, up to the value of its cursor. */
const PAGED = [
  '/devices?cursor',
  '/alerts?cursor',
  '/macros/runs?cursor',
  '/rollouts?cursor',
  '/rotations?cursor',
  '/upgrades?cursor',
  '/calls?cursor',
  '/bookings?cursor',
  '/sensors?device=hall&cursor',
  '/spans?cursor',
  '/history?cursor',
  '/devices/hall/history?cursor',
  '/revisions?cursor',
  '/deeds?cursor',
  '/presence/history?device=hall&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&cursor',
  '/devices/hall/timeline?after',
  '/devices/hall/timeline?before',
];

function made(...parts: unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

async function codeOf(response: Response): Promise<[number, string]> {
  const body = (await response.json()) as { code: string };
  return [response.status, body.code];
}

async function namesOf(response: Response): Promise<string[]> {
  const { items } = (await response.json()) as { items: { name: string }[] };
  return items.map(({ name }) => name);
}

describe('Requests', () => {
  test('are named in answers, problems and the log, by their own name where it is sane', async () => {
    const { get, log, post } = await withDevices(['hall']);
    const given = await get('/api/v1/system', { 'x-request-id': 'proxy-17' });
    expect(given.headers.get('x-request-id')).toBe('proxy-17');
    const insane = await get('/api/v1/system', { 'x-request-id': 'a b"{}' });
    expect(insane.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const problem = (await (await get('/api/v1/nowhere', { 'x-request-id': 'lost-1' })).json()) as object;
    expect(problem).toMatchObject({ requestId: 'lost-1', code: 'not-found' });
    await post('/api/v1/hold', {}, { 'x-request-id': 'hold-1' });
    const said = log.find(({ message }) => message === 'A verb was asked for');
    expect(said?.facts).toMatchObject({ verb: 'hold', actor: 'http:loopback', requestId: 'hold-1' });
  });

  test('of pages elsewhere are answered readably only for the origins that the file names', async () => {
    const { get, daemon } = await withDevices(['hall'], { daemon: '  cors: ["https://board.example.com"]' });
    const asks = (origin: string) => get('/api/v1/devices', { origin });
    const allowed = await asks('https://board.example.com');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://board.example.com');
    expect(allowed.headers.get('access-control-expose-headers')).toContain('ETag');
    const other = await asks('https://evil.example.com');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(`${daemon.url}/api/v1/hold`, {
      method: 'OPTIONS',
      headers: { origin: 'https://board.example.com', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, POST',
    ]);
    const refused = await fetch(`${daemon.url}/api/v1/hold`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' },
    });
    expect(await codeOf(refused)).toEqual([403, 'forbidden']);
  });

  test('that cannot be meant are each told what is wrong, and nothing of the inside', async () => {
    const { get, post, log } = await withDevices(['hall']);
    const answers = {
      longAddress: await codeOf(await get(`/api/v1/devices?text=${'x'.repeat(9_000)}`)),
      hugePage: await codeOf(await get('/api/v1/devices?limit=1000000')),
      noCursor: await codeOf(await get('/api/v1/devices?cursor=garbage')),
      cursorOfAnotherOrder: await codeOf(
        await get(`/api/v1/devices?sort=drift&cursor=${made('name', 'a', 'a')}`),
      ),
      sort: await codeOf(await get('/api/v1/devices?sort=colour')),
      fields: await codeOf(await get('/api/v1/devices?fields=name,colour')),
      state: await codeOf(await get('/api/v1/devices?state=upp')),
      twice: await codeOf(await get('/api/v1/devices?limit=1&limit=2')),
      nested: await codeOf(await get('/api/v1/devices?limit[a]=1')),
      prototype: await codeOf(
        await post('/api/v1/hold', '{"__proto__": {"role": "admin"}, "constructor": 1}'),
      ),
      ifMatchWhereNothingDepends: await codeOf(await post('/api/v1/hold', {}, { 'if-match': '"x"' })),
      stale: await codeOf(await post('/api/v1/apply', {}, { 'if-match': '"of another file"' })),
      staleBody: await codeOf(await post('/api/v1/apply', { fingerprint: 'of another file' })),
      noTag: await codeOf(await post('/api/v1/apply', {}, { 'if-match': 'bare' })),
    };
    expect(answers).toEqual({
      longAddress: [414, 'too-large'],
      hugePage: [400, 'bad-input'],
      noCursor: [400, 'bad-input'],
      cursorOfAnotherOrder: [400, 'bad-input'],
      sort: [400, 'bad-input'],
      fields: [400, 'bad-input'],
      state: [400, 'bad-input'],
      twice: [400, 'bad-input'],
      nested: [400, 'bad-input'],
      prototype: [400, 'bad-input'],
      ifMatchWhereNothingDepends: [400, 'bad-input'],
      stale: [412, 'stale'],
      staleBody: [412, 'stale'],
      noTag: [400, 'bad-input'],
    });
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('with a wrong token are sixty a minute, at the figures as below the API', async () => {
    const { get, act } = await withDevices(['hall']);
    // One of the database: whatever is none is known to be wrong without a hash.
    const { token } = await act(createToken, { name: 'grafana', role: 'viewer' });
    const asks = async (path: string, as: string) =>
      (await get(path, { authorization: `Bearer ${as}` })).status;
    const statuses: number[] = [];
    for (let at = 0; at < 40; at += 1)
      statuses.push(await asks('/metrics', newToken()), await asks('/api/v1/system', newToken()));
    expect(statuses).toEqual([...Array<number>(60).fill(401), ...Array<number>(20).fill(429)]);
    expect(await asks('/metrics', token)).toBe(429);
  });

  test('with a cursor that no list gave are told so by every list', async () => {
    const { get } = await withDevices(['hall']);
    const garbage = [
      "1' OR 1=1--",
      'e30',
      '1',
      '1.5',
      '%00',
      'garbage',
      made('name', { a: 1 }, 'x'),
      `${made('name', 'a', 'x')}=`,
      made('name', 'a', 'x', 'y'),
      '',
    ];
    const taken: string[] = [];
    for (const list of PAGED)
      for (const cursor of garbage) {
        const path = `/api/v1${list}=${encodeURIComponent(cursor)}`;
        const [status, code] = await codeOf(await get(path));
        if (status !== 400 || code !== 'bad-input') taken.push(`${status} ${path}`);
      }
    expect(taken).toEqual([]);
  });

  test('with the cursor that a list gave go on where it ended', async () => {
    const { get, act } = await withDevices(['hall', 'attic'], {
      more: `macros:
  - name: greet
    devices: all
    steps: [{ message: { text: Hello, duration: 1s } }]
`,
    });
    await act(apply);
    await act(runMacro, { macro: 'greet', device: 'hall' });
    await act(runMacro, { macro: 'greet', device: 'attic' });
    for (const list of ['/history', '/macros/runs', '/spans']) {
      const ask = async (query: string) =>
        (await (await get(`/api/v1${list}?${query}`)).json()) as {
          items: unknown[];
          nextCursor: string | null;
        };
      const { items: whole } = await ask('limit=500');
      expect(whole.length).toBeGreaterThan(1);
      const paged: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await ask(`limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
        paged.push(...page.items);
        cursor = page.nextCursor;
      }
      expect(paged).toEqual(whole);
    }
  });

  test('of a device that there is not are told so in one sentence, which ends once', async () => {
    const { get } = await withDevices(['hall']);
    const detailOf = async (path: string) => ((await (await get(path)).json()) as { detail: string }).detail;
    expect(await detailOf('/api/v1/devices/nowhere')).toBe('no device is called "nowhere"');
    expect(await detailOf('/api/v1/devices/hal')).toBe('no device is called "hal". Did you mean "hall"?');
  });

  test('bind no other port or subdomain of the host to TLS', async () => {
    const { get } = await withDevices(['hall']);
    const said = (await get('/healthz')).headers.get('strict-transport-security');
    expect(said).toMatch(/^max-age=\d+$/);
  });

  test('by a tag that every object has by nature are by no tag', async () => {
    const { get } = await withDevices(['hall']);
    for (const tag of ['nosuch', '__proto__', 'constructor'])
      expect([tag, ...(await codeOf(await get(`/api/v1/utilisation?by=${tag}`)))]).toEqual([
        tag,
        400,
        'bad-input',
      ]);
    expect((await get('/api/v1/devices?sort=tags.constructor&limit=1')).status).toBe(200);
  });

  test('with the fingerprint of the plan that was seen are carried out', async () => {
    const { act, post } = await withDevices(['hall']);
    const { fingerprint } = await act(plan);
    const applied = await post('/api/v1/apply', {}, { 'if-match': `"${fingerprint}"` });
    expect(applied.status).toBe(200);
  });
});

describe('The list of devices', () => {
  test('is narrowed by state, drift, kind, text, and cut to fields', async () => {
    const { get } = await withDevices(['hall', 'attic', 'cellar'], {
      own: { attic: 'kind: desk, tags: { floor: top }', cellar: 'configuration: { Standby.Delay: 10 }' },
    });
    const names = async (query: string) => namesOf(await get(`/api/v1/devices?${query}`));
    expect(await names('kind=desk,board')).toEqual(['attic']);
    expect(await names('text=TOP')).toEqual(['attic']);
    expect(await names('state=up')).toEqual(['attic', 'cellar', 'hall']);
    expect(await names('state=refused,unreachable')).toEqual([]);
    expect(await names('software=1.2')).toEqual([]);
    expect(await names('drift=unknown')).toEqual([]);
    expect((await names('drift=yes')).concat(await names('drift=no')).toSorted()).toEqual([
      'attic',
      'cellar',
      'hall',
    ]);
    expect(await names('sort=-tags.floor')).toEqual(['attic', 'cellar', 'hall']);
    const cut = (await (await get('/api/v1/devices?fields=name,session&limit=1')).json()) as {
      items: object[];
    };
    expect(cut.items.map((item) => Object.keys(item))).toEqual([['name', 'session']]);
  });

  test('is paged in any order, every device once', async () => {
    const { get } = await withDevices(['a', 'b', 'c', 'd', 'e'], {
      own: { b: 'kind: desk', d: 'kind: board' },
    });
    for (const [sort, expected] of [
      ['-name', ['e', 'd', 'c', 'b', 'a']],
      ['kind', ['d', 'b', 'a', 'c', 'e']],
      ['-kind', ['b', 'd', 'a', 'c', 'e']],
    ] as const) {
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const response = await get(
          `/api/v1/devices?sort=${sort}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
        );
        const page = (await response.json()) as { items: { name: string }[]; nextCursor: string | null };
        seen.push(...page.items.map(({ name }) => name));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(expected);
    }
  });

  test('is not made again for who has it, and is when anything changed', async () => {
    const { get, act } = await withDevices(['hall']);
    const path = '/api/v1/devices?fields=name,held';
    // A look or an event may come in between two requests; not at each of them.
    const tag = await eventually(async () => {
      const first = (await get(path)).headers.get('etag') ?? '';
      const again = await get(path, { 'if-none-match': first });
      expect([again.status, await again.text()]).toEqual([304, '']);
      return first;
    });
    await act(placeHold, { reason: 'a look' });
    const changed = await get(path, { 'if-none-match': tag });
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({ items: [{ name: 'hall', held: expect.any(String) }] });
  });

  test('is nothing that a wrong question could be told to have already', async () => {
    const { get, daemon } = await withDevices(['hall']);
    for (const wrong of ['bogus=1', 'limit=1000000000', 'cursor=garbage', 'state=upp', 'devices=((']) {
      const path = `/api/v1/devices?${wrong}`;
      const refused = await get(path, { 'if-none-match': '*' });
      expect([wrong, refused.status, refused.headers.get('etag')]).toEqual([wrong, 400, null]);
    }
    expect((await get('/api/v1/devices', { 'if-none-match': '*' })).status).toBe(304);
    await eventually(async () => {
      const tag = (await get('/api/v1/devices')).headers.get('etag') ?? '';
      const head = await fetch(`${daemon.url}/api/v1/devices`, {
        method: 'HEAD',
        headers: { 'if-none-match': tag },
      });
      expect(head.status).toBe(304);
    });
  });

  test('and every other answer has a tag by its text', async () => {
    const { get } = await withDevices(['hall']);
    const first = await get('/api/v1/hold');
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^W\/"/);
    expect((await get('/api/v1/hold', { 'if-none-match': `"other", ${tag}` })).status).toBe(304);
    expect((await get('/api/v1/hold', { 'if-none-match': '"other"' })).status).toBe(200);
  });
});
