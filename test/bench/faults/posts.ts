import { presencePost, xmlPost } from '../../feedback/posts.ts';
import { post } from '../../feedback/receiver-client.ts';
import { type Ears, until, withEars } from './ears.ts';
import type { Fault } from './fault.ts';

const MINE = '/feedback/token-1';

/** Bodies and the one status that each must get; afterwards a good post is taken all the same. */
const BODIES: readonly (readonly [fault: string, status: number, body: string | Buffer, path?: string])[] = [
  ['a post with a wrong token', 404, presencePost('Yes'), '/feedback/guessed'],
  ["a post with another device's token", 403, presencePost('Yes', 'FTT1'), '/feedback/token-2'],
  ['a post of 10 MB', 413, xmlPost('Status', `<Audio><Volume>${'1'.repeat(10_000_000)}</Volume></Audio>`)],
  ['a truncated post', 400, presencePost('Yes').slice(0, 300)],
  ['a post nested 10,000 deep', 400, `<Status>${'<A>'.repeat(10_000)}${'</A>'.repeat(10_000)}</Status>`],
  [
    'a post with an entity bomb',
    400,
    `<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Status><Audio>&b;</Audio></Status>`,
  ],
  [
    'a post with invalid UTF-8',
    400,
    Buffer.concat([
      Buffer.from('<Status><A>'),
      Buffer.from([0xff, 0xfe, 0xc3]),
      Buffer.from('</A></Status>'),
    ]),
  ],
  [
    'a post with control characters',
    200,
    xmlPost('Status', '<SystemUnit><Uptime>1\u0003\u001f</Uptime></SystemUnit>'),
  ],
  [
    'a post with unknown elements',
    200,
    xmlPost('Status', '<Nonsense><Deep item="7"><X>1</X></Deep></Nonsense>'),
  ],
  [
    'a ghost of a call that was never seen',
    200,
    xmlPost('Status', '<Call ghost="True" item="99" maxOccurrence="n"/>'),
  ],
];

export const POST_FAULTS: readonly Fault[] = [
  ...BODIES.map(
    ([fault, status, body, path = MINE]): Fault => ({
      fault,
      expected: `HTTP ${status}, the next good post is taken, no call and no presence made up`,
      try: () =>
        withEars(async (ears) => {
          const answered = await post(ears.port, path, body);
          const next = await post(ears.port, MINE, presencePost('No'));
          const rows = await settled(ears, ['no']);
          const calls = await ears.database.read(ears.database.query.selectFrom('call').select('id'));
          const isTaken = next === 200 && rows.join() === 'no' && calls.length === 0;
          return `HTTP ${answered}, ${isTaken ? 'the next good post is taken, no call and no presence made up' : `then HTTP ${next}, presence ${rows.join()}, ${calls.length} calls`}`;
        }),
    }),
  ),
  sequence('the same post three times', ['Yes', 'Yes', 'Yes'], ['yes']),
  sequence('posts in another order than things were', ['No', 'Yes', 'No'], ['no', 'yes', 'no']),
  {
    fault: 'a post from before a reboot, after it',
    expected: 'HTTP 200, the call of before is told as it came and no other',
    try: () =>
      withEars(async ({ port, database }) => {
        await post(
          port,
          MINE,
          xmlPost('Event', '<BootEvent item="1"><Action item="1">Restart</Action></BootEvent>'),
        );
        const late = xmlPost('Status', '<Call item="3" maxOccurrence="n"><Status>Connected</Status></Call>');
        const status = await post(port, MINE, late);
        const came = await until(
          async () => (await database.read(database.query.selectFrom('call').select('id'))).length === 1,
        );
        return `HTTP ${status}, ${came ? 'the call of before is told as it came and no other' : 'it is lost'}`;
      }),
  },
  {
    fault: 'a device whose clock is years off',
    expected: "HTTP 200, on record at roomd's own time",
    try: () =>
      withEars(async ({ port, database }) => {
        const odd = xmlPost('Status', '<Time><SystemTime>2009-01-01T00:00:00Z</SystemTime></Time>');
        const status = await post(port, MINE, odd);
        const [row] = await database.read(
          database.query.selectFrom('event').select('received_at').where('kind', '=', 'status'),
        );
        const isOurs = row !== undefined && Math.abs(row.received_at - Date.now()) < 60_000;
        return `HTTP ${status}, on record at ${isOurs ? "roomd's own" : 'another'} time`;
      }),
  },
];

function sequence(fault: string, words: readonly string[], expected: readonly string[]): Fault {
  return {
    fault,
    expected: `each HTTP 200, presence ${expected.join(', ')}`,
    try: () =>
      withEars(async (ears) => {
        const statuses: number[] = [];
        for (const word of words) statuses.push(await post(ears.port, MINE, presencePost(word)));
        const rows = await settled(ears, expected);
        const answered = statuses.every((status) => status === 200) ? 'each HTTP 200' : statuses.join();
        return `${answered}, presence ${rows.join(', ')}`;
      }),
  };
}

/** Presence of device 1, once it is as expected or ten seconds have passed. */
async function settled({ database }: Ears, expected: readonly string[]): Promise<string[]> {
  let rows: string[] = [];
  await until(async () => {
    const found = await database.read(
      database.query.selectFrom('presence').select('state').where('device_id', '=', 1).orderBy('id'),
    );
    rows = found.map(({ state }) => state);
    return rows.join() === expected.join();
  });
  return rows;
}
