import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readInputs, withNonce } from '../../src/chat/card.ts';
import { CardBook } from '../../src/chat/card-book.ts';
import { Rates } from '../../src/chat/rates.ts';
import { roleOf, writerOf } from '../../src/chat/who.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';

const HERE = { roomId: 'room', messageId: 'message' };

let temporary: TemporaryDatabase;

beforeEach(async () => {
  temporary = await temporaryDatabase();
});

afterEach(() => temporary.close());

const QUESTION = {
  kind: 'question',
  text: 'Sure?',
  options: ['Yes', 'No'],
  thread: null,
  deed: null,
} as const;

async function bookWith(clock: ManualClock): Promise<CardBook> {
  const book = new CardBook({ database: temporary.database, clock });
  await book.open('nonce', QUESTION, { expiresAt: clock.now() + 1_000 });
  return book;
}

const button = (word: string) => ({ type: 'Action.Submit', data: { roomd: word, more: 1 } });

const person = (email: string, orgId: string | null, type = 'person') =>
  writerOf({
    id: 'x',
    emails: [email],
    displayName: '',
    firstName: null,
    lastName: null,
    orgId,
    status: null,
    type,
    created: null,
  });

describe('a nonce', () => {
  it('is good at its own card only, and not before that is posted', async () => {
    const book = await bookWith(new ManualClock());
    expect(await book.find('nonce', HERE)).toBeNull();
    await book.place('nonce', HERE);
    expect(await book.find('nonce', HERE)).toEqual(QUESTION);
    expect(await book.find('nonce', { ...HERE, messageId: 'other' })).toBeNull();
    expect(await book.find('nonce', { ...HERE, roomId: 'other' })).toBeNull();
    expect(await book.find('else', HERE)).toBeNull();
  });

  it('is good once, also for two at once, and until its time is over', async () => {
    const clock = new ManualClock();
    const book = await bookWith(clock);
    await book.place('nonce', HERE);
    expect(await Promise.all([book.close('nonce'), book.close('nonce')])).toEqual([true, false]);
    expect(await book.find('nonce', HERE)).toBeNull();
    const other = await bookWith(clock);
    await other.place('nonce', HERE);
    await clock.advance(1_000);
    expect(await other.find('nonce', HERE)).toBeNull();
  });

  it('is good after a restart, and the database holds none that could be pressed', async () => {
    const clock = new ManualClock();
    await (await bookWith(clock)).place('nonce', HERE);
    const after = new CardBook({ database: temporary.database, clock });
    expect(await after.find('nonce', HERE)).toEqual(QUESTION);
    expect(after.decider('nonce')).toBeNull();
    const { query } = temporary.database;
    const rows = await temporary.database.read(query.selectFrom('chat_card').selectAll());
    expect(JSON.stringify(rows)).not.toContain('nonce');
    expect(await after.close('nonce')).toBe(true);
  });

  it('makes room: so many wait, the oldest go', async () => {
    const clock = new ManualClock();
    const book = await bookWith(clock);
    await book.place('nonce', HERE);
    for (let at = 0; at < 500; at += 1) {
      await clock.advance(1);
      await book.open(`other-${at}`, QUESTION, { expiresAt: clock.now() + 60_000 });
    }
    expect(await book.find('nonce', HERE)).toBeNull();
    const { query } = temporary.database;
    expect(await temporary.database.read(query.selectFrom('chat_card').select('key'))).toHaveLength(500);
  });
});

describe('the card of a macro', () => {
  it('gets the nonce into every button that submits, at any depth, and keeps what they say', () => {
    const { card, words } = withNonce(
      {
        type: 'AdaptiveCard',
        body: [{ type: 'ActionSet', actions: [button('Help')] }],
        actions: [button('later'), { type: 'Action.OpenUrl', url: 'https://example.com' }],
      },
      'n',
    );
    expect([...words]).toEqual(['help', 'later']);
    expect(card).toMatchObject({
      body: [{ actions: [{ data: { roomd: 'Help', more: 1, roomdNonce: 'n' } }] }],
      actions: [{ data: { roomdNonce: 'n' } }, { type: 'Action.OpenUrl' }],
    });
    expect(JSON.stringify(card).split('roomdNonce')).toHaveLength(3);
  });

  it('may submit anything; only texts of ours are read', () => {
    expect(readInputs({ roomdNonce: 7, roomdChoice: '2', roomd: ['x'], value: 'x'.repeat(900) })).toEqual({
      nonce: null,
      choice: 2,
      word: null,
      value: 'x'.repeat(200),
    });
  });
});

describe('a person', () => {
  it('may do so much at once, is told once that it is too much, and goes on after a while', async () => {
    const clock = new ManualClock();
    const rates = new Rates({ burst: 2, everyMs: 1_000 }, { clock });
    const take = () => rates.take('ann');
    expect([take(), take(), take(), take(), rates.take('vic')]).toEqual([
      'ok',
      'ok',
      'too-often',
      'still',
      'ok',
    ]);
    await clock.advance(1_000);
    expect([take(), take()]).toEqual(['ok', 'too-often']);
  });

  it('counts before the domain, and the domain before the organization', () => {
    const allow = [
      { whom: { kind: 'organization', value: 'org' }, role: 'admin' },
      { whom: { kind: 'domain', value: 'example.com' }, role: 'viewer' },
      { whom: { kind: 'email', value: 'ann@example.com' }, role: 'operator' },
    ] as const;
    const roles = [
      person('Ann@Example.com', 'org'),
      person('vic@example.com', 'org'),
      person('sam@elsewhere.org', 'org'),
      person('sam@sub.example.com', null),
      person('sam@notexample.com', null),
    ].map((writer) => roleOf({ allow }, writer));
    expect(roles).toEqual(['operator', 'viewer', 'admin', null, null]);
    expect(person('echo@webex.bot', null).isBot).toBe(true);
    expect(person('echo@example.com', null, 'bot').isBot).toBe(true);
  });
});
