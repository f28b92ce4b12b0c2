import type { Benchmark, BenchOptions, Outcome } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { Fetched } from './children/http-load.ts';
import { median, ratios, spread, table } from './figures.ts';
import { cpuOf, type Spent, spentCells } from './spent.ts';

const LIMIT = 2;
const LISTS = 5;
const PATH = '/api/v1/devices?limit=5000';

interface Children {
  readonly roomd: Child;
  readonly floor: Child;
  readonly load: Child;
}

interface Round {
  readonly floor: Spent;
  readonly whole: Spent;
  readonly some: Spent;
  readonly known: Spent;
}

/** The list of a large fleet over HTTP, against a bare server that makes the same rows of what it has in memory. */
export const httpList: Benchmark = (options) =>
  withChildren(
    {
      roomd: new Child('http-roomd', { profile: options.profile, flags: ['--expose-gc'] }),
      floor: new Child('http-floor'),
      load: new Child('http-load'),
    },
    (children) => compare(children, options),
  );

async function compare(
  { roomd, floor, load }: Children,
  { rounds, small, out }: BenchOptions,
): Promise<Outcome> {
  const count = small ? 500 : 5_000;
  const url = await roomd.ask<string>('open', { count });
  const bare = await floor.ask<string>('open', await load.ask('body', { url: url + PATH }));
  const first = await load.ask<Fetched>('fetch', { url: url + PATH, times: 1, etag: null });
  const same = await load.ask<Fetched>('fetch', { url: bare, times: 1, etag: null });
  if (first.bytes !== same.bytes)
    throw new Error(`the floor answers ${same.bytes} bytes, not ${first.bytes}`);
  out(
    `http-list: ${count} devices, ${(first.bytes / 1_000_000).toFixed(1)} MB, ${LISTS} lists a round, ${rounds} rounds`,
  );
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const whole = await spent(roomd, load, { url: url + PATH, status: 200 });
    const bareSpent = await spent(floor, load, { url: bare, status: 200 });
    const some = await spent(roomd, load, { url: `${url}${PATH}&fields=name,session,drift`, status: 200 });
    const known = await spent(roomd, load, { url: url + PATH, status: 304, etag: first.etag });
    // The first round warms both up.
    if (round > 0) measured.push({ whole, floor: bareSpent, some, known });
  }
  await roomd.ask('close');
  const part = (name: keyof Round) => measured.map((round) => round[name]);
  const cpu = ratios(cpuOf(part('whole')), cpuOf(part('floor')));
  const lines = table(
    ['', 'CPU ms a list', 'wall ms'],
    [
      ['floor', ...spentCells(part('floor'), LISTS)],
      ['roomd', ...spentCells(part('whole'), LISTS)],
      ['ratio', spread(cpu, 2), ''],
      ['three fields', ...spentCells(part('some'), LISTS)],
      ['known already (304)', ...spentCells(part('known'), LISTS)],
    ],
  );
  for (const line of lines) out(line);
  return { ratio: median(cpu), limit: LIMIT, checks: [] };
}

/** What so many of the same request took of a server. */
async function spent(
  server: Child,
  load: Child,
  { url, status, etag = null }: { url: string; status: number; etag?: string | null },
): Promise<Spent> {
  await server.ask('begin');
  const fetched = await load.ask<Fetched>('fetch', { url, times: LISTS, etag });
  if (fetched.status !== status) throw new Error(`${url} was answered ${fetched.status}, not ${status}`);
  return server.ask<Spent>('spent');
}
