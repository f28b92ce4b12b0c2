import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { XapiError } from '../../src/xapi/errors.ts';
import { StoredLoginGate } from '../../src/xapi/login-gate.ts';
import { type LoginGateStore, memoryLoginGateStore } from '../../src/xapi/login-record.ts';
import { addressOf, failure } from './support.ts';

const address = (id: number, password = 'one') =>
  addressOf({ name: `room-${id}`, port: 1 }, { id, password: new Secret(password) });
const refusal = new XapiError('login-refused', 'no');

let clock: ManualClock;
let store: LoginGateStore;
let gate: StoredLoginGate;

beforeEach(() => {
  clock = new ManualClock(1_000_000);
  store = memoryLoginGateStore();
  gate = newGate();
});

function newGate(): StoredLoginGate {
  return new StoredLoginGate({ fingerprintKey: 'key' }, { store, clock });
}

/** "in", "waits" or the error's code: what became of an entrance within the present turn of the event loop. */
async function state(entrance: Promise<unknown>): Promise<string> {
  const settled = entrance.then(
    () => 'in',
    (error: { code: string }) => error.code,
  );
  const later = new Promise<'waits'>((resolve) => setImmediate(() => setImmediate(() => resolve('waits'))));
  return Promise.race([settled, later]);
}

describe('the login gate', () => {
  it('lets an accepted secret in as often as it likes', async () => {
    await gate.enter(address(1));
    await gate.accepted(address(1));
    expect(await state(gate.enter(address(1)))).toBe('in');
    expect(await state(newGate().enter(address(1)))).toBe('in');
  });

  it('lets a refused secret in no more, in this process or the next', async () => {
    await gate.enter(address(1));
    await gate.refused(address(1), refusal);
    expect(await state(gate.enter(address(1)))).toBe('login-blocked');
    expect(await state(newGate().enter(address(1)))).toBe('login-blocked');
  });

  it('opens for another secret, and for the same one when a person reopens it', async () => {
    await gate.enter(address(1));
    await gate.refused(address(1), refusal);
    expect(await state(gate.enter(address(1, 'two')))).toBe('in');
    await gate.abandoned(address(1, 'two'), { sent: false });
    await gate.reopen(address(1));
    expect(await state(gate.enter(address(1)))).toBe('in');
  });

  it('lets one attempt at a time through while a secret is not accepted, and the others by its outcome', async () => {
    await gate.enter(address(1));
    const waiting = [gate.enter(address(1)), gate.enter(address(1))];
    expect(await Promise.all(waiting.map(state))).toEqual(['waits', 'waits']);
    await gate.refused(address(1), refusal);
    for (const entrance of waiting) expect((await failure(entrance)).code).toBe('login-blocked');
  });

  it('ends a wait with the signal', async () => {
    await gate.enter(address(1));
    const controller = new AbortController();
    const waiting = failure(gate.enter(address(1), { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect((await waiting).message).toBe('enough');
  });

  it('records the attempt before it is made, and allows one more after a crash, then one after a pause', async () => {
    await gate.enter(address(1));
    const second = newGate();
    expect(await state(second.enter(address(1)))).toBe('in');
    const third = newGate();
    expect(await state(third.enter(address(1)))).toBe('busy');
    await clock.advance(60_000);
    expect(await state(third.enter(address(1)))).toBe('in');
    await third.accepted(address(1));
    expect(await state(newGate().enter(address(1)))).toBe('in');
  });

  it('counts an attempt that may have been sent, and not one that was not', async () => {
    for (let time = 0; time < 10; time += 1) {
      await gate.enter(address(1));
      await gate.abandoned(address(1), { sent: false });
    }
    await gate.enter(address(1));
    await gate.abandoned(address(1), { sent: true });
    await gate.enter(address(1));
    await gate.abandoned(address(1), { sent: true });
    expect(await state(gate.enter(address(1)))).toBe('busy');
    await clock.advance(60_000);
    await gate.enter(address(1));
    await gate.abandoned(address(1), { sent: true });
    await clock.advance(60_000);
    expect(await state(gate.enter(address(1)))).toBe('busy');
    await clock.advance(60_000);
    expect(await state(gate.enter(address(1)))).toBe('in');
  });

  it('keeps neither the secret nor a plain hash of it', async () => {
    const keys: string[] = [];
    store = { get: async () => null, put: async (key) => void keys.push(key) };
    await newGate().enter(address(1, 'hunter2'));
    expect(keys.join(' ')).not.toContain('hunter2');
    expect(keys).toHaveLength(1);
  });
});

describe('a secret that devices share', () => {
  it('goes to one device first, and to all once one has accepted it', async () => {
    await gate.enter(address(1));
    const others = [gate.enter(address(2)), gate.enter(address(3))];
    expect(await Promise.all(others.map(state))).toEqual(['waits', 'waits']);
    await gate.accepted(address(1));
    expect(await Promise.all(others.map(state))).toEqual(['in', 'in']);
  });

  it('is tried on one other when the first refuses it, and then on none', async () => {
    await gate.enter(address(1));
    const others = [2, 3, 4].map((id) => gate.enter(address(id)));
    for (const other of others) other.catch(() => undefined);
    await gate.refused(address(1), refusal);
    expect((await Promise.all(others.map(state))).sort()).toEqual(['in', 'waits', 'waits']);
    await gate.refused(address(2), refusal);
    expect(await Promise.all(others.map(state))).toEqual(['in', 'login-blocked', 'login-blocked']);
    expect(await state(newGate().enter(address(5)))).toBe('login-blocked');
    await gate.reopen(address(5));
    expect(await state(gate.enter(address(5)))).toBe('in');
  });

  it('stays open for the others when one device alone refuses it', async () => {
    await gate.enter(address(1));
    await gate.accepted(address(1));
    for (const id of [2, 3, 4]) {
      await gate.enter(address(id));
      await gate.refused(address(id), refusal);
    }
    expect(await state(gate.enter(address(5)))).toBe('in');
  });

  it('passes on to the next device when the first does not answer', async () => {
    await gate.enter(address(1));
    const next = gate.enter(address(2));
    expect(await state(next)).toBe('waits');
    await gate.abandoned(address(1), { sent: false });
    expect(await state(next)).toBe('in');
  });
});

function both() {
  return { ...address(1, 'old'), next: new Secret('new') };
}

async function tried(from = gate): Promise<string> {
  return (await from.enter(both())).password.reveal();
}

describe('a device that has a next secret, too', () => {
  it('is tried with the password first, and with the next only once that is refused', async () => {
    expect(await tried()).toBe('old');
    await gate.refused(address(1, 'old'), refusal);
    expect(await tried()).toBe('new');
    await gate.refused(address(1, 'new'), refusal);
    expect(await state(gate.enter(both()))).toBe('login-blocked');
    await gate.reopen(both());
    expect(await tried()).toBe('old');
  });

  it('tells nothing against the password at the others by refusing it, once it accepts the next', async () => {
    for (const id of [1, 2]) {
      const both = { ...address(id, 'old'), next: new Secret('new') };
      await gate.refused(await gate.enter(both), refusal);
      await gate.accepted(await gate.enter(both));
    }
    const third = await gate.enter({ ...address(3, 'old'), next: new Secret('new') });
    expect(third.password.reveal()).toBe('old');
  });

  it('is logged in to with the one that it accepted last, in this process and the next', async () => {
    await gate.enter(address(1, 'old'));
    await gate.accepted(address(1, 'old'));
    await clock.advance(1);
    await gate.enter(address(1, 'new'));
    await gate.accepted(address(1, 'new'));
    expect(await tried()).toBe('new');
    expect(await tried(newGate())).toBe('new');
    expect(await state(gate.enter(address(1, 'new')))).toBe('in');
  });

  it('waits with the next while nobody knows what became of the password', async () => {
    await gate.enter(both());
    expect(await state(gate.enter(both()))).toBe('waits');
  });

  it('lets nobody in while somebody has it in hand, and waits for attempts under way before', async () => {
    await gate.enter(address(1, 'old'));
    let isTaken = false;
    const taking = gate.takeInHand(address(1)).then((hand) => {
      isTaken = true;
      return hand;
    });
    await gate.accepted(address(1, 'old'));
    const hand = await taking;
    expect(isTaken).toBe(true);
    const other = gate.enter(both());
    expect(await state(other)).toBe('waits');
    expect(await state(gate.enter(address(2, 'old')))).toBe('in');
    await hand.doubt(address(1, 'old'));
    await hand.gate.enter(address(1, 'new'));
    await hand.gate.accepted(address(1, 'new'));
    await hand.retire(address(1, 'old'), 'replaced');
    expect(await state(other)).toBe('waits');
    hand.release();
    expect((await other).password.reveal()).toBe('new');
    expect(await state(newGate().enter(address(1, 'old')))).toBe('login-blocked');
  });
});
