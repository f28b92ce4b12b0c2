import { describe, expect, it, onTestFinished } from 'vitest';
import { Poller } from '../../src/chat/poller.ts';
import { createWebexClient } from '../../src/integrations/webex-messaging/client.ts';
import { ManualClock, systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { startWebexStandIn } from '../../src/simulator/cloud/webex.ts';

const BOT = { personId: 'bot', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' } as const;
const ANN = { personId: 'ann', email: 'ann@example.com', displayName: 'ann', type: 'person' } as const;
const MENTION = '<@personId:bot|roomd>';

/** A stand-in whose clock moves only when told, and a bot that looks at it. */
async function world() {
  const clock = new ManualClock(Date.parse('2026-11-23T08:00:00Z'));
  const standIn = await startWebexStandIn({
    tokens: { 'bot-token': BOT, 'ann-token': ANN },
    rooms: [{ title: 'Ops' }, { title: 'Other' }],
    clock,
    pageSize: 2,
  });
  onTestFinished(() => standIn.stop());
  const clientOf = (token: string) => {
    const client = createWebexClient(
      { baseUrl: standIn.url, token: new Secret(token) },
      { clock: systemClock() },
    );
    onTestFinished(() => client.close());
    return client;
  };
  const [client, ann] = [clientOf('bot-token'), clientOf('ann-token')];
  const poller = new Poller({ client, clock });
  const look = async () => (await poller.look({})).map(({ text }) => text?.replace(MENTION, '').trim());
  const say = (markdown: string, room = 0) =>
    ann.messages.create({ roomId: standIn.rooms[room]?.id ?? '', markdown });
  return { clock, standIn, ann, look, say, poller };
}

describe('asking for messages', () => {
  it('finds what mentions the bot after the first look, in order, once, also in the same millisecond', async () => {
    const { clock, say, look } = await world();
    await clock.advance(1_000);
    await say(`${MENTION} before`);
    expect(await look()).toEqual([]);
    await clock.advance(1_000);
    await say('of no concern');
    await say(`${MENTION} one`);
    await say(`${MENTION} two`, 1);
    expect(await look()).toEqual(['one', 'two']);
    await say(`${MENTION} three`, 1);
    expect(await look()).toEqual(['three']);
    expect(await look()).toEqual([]);
  });

  it('finds what is written to it alone, and every page of it', async () => {
    const { clock, ann, look } = await world();
    await look();
    await clock.advance(1_000);
    for (const text of ['a', 'b', 'c', 'd', 'e'])
      await ann.messages.create({ toPersonEmail: BOT.email, text });
    expect(new Set(await look())).toEqual(new Set(['a', 'b', 'c', 'd', 'e']));
    expect(await look()).toEqual([]);
  });

  it('finds after a failure what it would have found then', async () => {
    const { clock, standIn, say, look } = await world();
    await look();
    await clock.advance(1_000);
    await say(`${MENTION} one`);
    standIn.fail({ status: 502, times: 1 });
    await expect(look()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await look()).toEqual(['one']);
  });
});
