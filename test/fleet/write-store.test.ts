import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobStore } from '../../src/fleet/blob-store.ts';
import type { Change, Outcome } from '../../src/fleet/change.ts';
import { writesSince } from '../../src/fleet/fight-store.ts';
import { WriteStore } from '../../src/fleet/write-store.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { readEvents } from '../../src/storage/events.ts';
import { addDevices } from '../feedback/support.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';

const PASSWORD = 'SIP.Authentication.Password';
const clock = new ManualClock(1_000);
let temporary: TemporaryDatabase;
let store: WriteStore;
let count = 999;

beforeEach(async () => {
  temporary = await temporaryDatabase();
  await addDevices(temporary.database, 2);
  store = new WriteStore(
    { fingerprintKey: 'key' },
    {
      database: temporary.database,
      blobs: new BlobStore({ database: temporary.database, clock }),
      clock,
      newId,
    },
  );
});

afterEach(() => temporary.close());

/** Ids fall, as those of one millisecond may: the order is that of committing. */
function newId(): string {
  count -= 1;
  return `id-${count}`;
}

function change(path: string, wanted: string | Secret): Change {
  const unreadable = wanted instanceof Secret;
  return {
    kind: 'configuration',
    path,
    from: 'a',
    to: String(wanted),
    wanted,
    unreadable,
    noticeable: false,
  };
}

async function write(one: Change, outcome: Outcome, { actor = 'drift', deviceId = 1 } = {}): Promise<void> {
  const ledger = store.ledger({ deviceId, revisionId: null, actor });
  await ledger.settle(await ledger.intend([one]), [{ change: one, outcome, detail: null }]);
}

describe('what is on record of a hidden value', () => {
  const proven = async (): Promise<string | undefined> => (await store.load(1)).get(PASSWORD.toLowerCase());
  const one = change(PASSWORD, new Secret('one'));
  const two = change(PASSWORD.toUpperCase(), new Secret('two'));

  it('is the last that was accepted, in order of writing, whatever the case of the path', async () => {
    await write(one, 'accepted-unreadable');
    await write(two, 'accepted-unreadable');
    expect(await proven()).toBe(store.fingerprint(new Secret('two')));
    expect(await store.load(2)).toEqual(new Map());
  });

  it.each(['refused', 'held', 'waiting'] as const)('survives a later write that was %s', async (outcome) => {
    await write(one, 'accepted-unreadable');
    await write(two, outcome);
    expect(await proven()).toBe(store.fingerprint(new Secret('one')));
  });

  it.each(['failed', 'differs'] as const)('is nothing after a write that %s', async (outcome) => {
    await write(one, 'accepted-unreadable');
    await write(two, outcome);
    expect(await proven()).toBeUndefined();
  });

  it('is nothing after a write that a crash cut off', async () => {
    await write(one, 'accepted-unreadable');
    await store.ledger({ deviceId: 1, revisionId: null, actor: 'drift' }).intend([two]);
    expect(await proven()).toBeUndefined();
    await store.settleInterrupted();
    expect(await proven()).toBeUndefined();
  });
});

describe('writes that can have flipped a setting', () => {
  it('are those that the device answered, since then, with who made them', async () => {
    for (const outcome of ['accepted', 'differs', 'refused'] as const)
      await write(change('A.B', '1'), outcome, { actor: 'drift' });
    for (const outcome of ['failed', 'held', 'waiting'] as const)
      await write(change('A.B', '1'), outcome, { actor: 'drift' });
    await write(change('a.b', '1'), 'accepted', { actor: 'cli:anna' });
    await write(change('A.B', '1'), 'accepted', { deviceId: 2 });
    const { database } = temporary;
    expect(
      (await writesSince(database, 1, 1_000)).map(({ path, isRepair, isRefused }) => [
        path,
        isRepair,
        isRefused,
      ]),
    ).toEqual([
      ['A.B', true, false],
      ['A.B', true, false],
      ['A.B', true, true],
      ['a.b', false, false],
    ]);
    expect(await writesSince(database, 1, 1_001)).toEqual([]);
  });
});

describe('writes', () => {
  it('are events too, with the outcome and without secrets', async () => {
    await write(change(PASSWORD, new Secret('hunter2')), 'accepted-unreadable', { actor: 'cli:anna' });
    const events = await readEvents(temporary.database, { afterSeq: 0, limit: 10 });
    expect(events).toMatchObject([
      {
        deviceId: 1,
        kind: 'write',
        path: PASSWORD,
        payload: { to: '[secret]', outcome: 'accepted-unreadable', actor: 'cli:anna', revision: null },
      },
    ]);
  });

  it('that are settled stay as they are when interrupted ones are', async () => {
    await write(change('A.B', '1'), 'accepted');
    await store.ledger({ deviceId: 1, revisionId: null, actor: 'drift' }).intend([change('A.C', '1')]);
    await store.settleInterrupted();
    const rows = await temporary.database.read(temporary.database.query.selectFrom('write').selectAll());
    expect(rows.map(({ path, state }) => [path, state])).toEqual([
      ['A.B', 'accepted'],
      ['A.C', 'unknown'],
    ]);
  });
});
