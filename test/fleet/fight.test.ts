import { describe, expect, it } from 'vitest';
import { type Fight, judgeSetting, type PastWrite, type SettingPast } from '../../src/fleet/fight.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const change = { path: 'Standby.Delay', from: '99', to: '30' };

function write(at: number, changes: Partial<PastWrite> = {}): PastWrite {
  return {
    id: `w${at / MINUTE}`,
    path: 'Standby.Delay',
    isRepair: true,
    isRefused: false,
    before: '99',
    intendedAt: at,
    settledAt: at + 100,
    ...changes,
  };
}

function past(writes: PastWrite[], changes: Partial<SettingPast> = {}): SettingPast {
  return { writes, heard: [], open: null, ...changes };
}

function fightOf(...args: Parameters<typeof judgeSetting>): Fight {
  const stand = judgeSetting(...args);
  if (stand.verdict !== 'fight') throw new Error(`it is ${stand.verdict}`);
  return stand.fight;
}

const three = [write(0), write(MINUTE), write(2 * MINUTE)];

describe('a fight', () => {
  it('takes three corrections within the hour and a difference again', () => {
    expect(judgeSetting(past(three.slice(1)), change, 3 * MINUTE)).toEqual({ verdict: 'correct' });
    expect(judgeSetting(past(three), change, HOUR + MINUTE)).toEqual({ verdict: 'correct' });
    expect(fightOf(past(three), change, 3 * MINUTE)).toMatchObject({
      ours: '30',
      theirs: '99',
      since: 0,
      openedAt: 3 * MINUTE,
    });
  });

  it('has the time at which each change was heard of, where it was', () => {
    const heard = [
      { at: MINUTE - 500, value: '99' },
      { at: MINUTE + 50, value: '30' },
      { at: 2 * MINUTE + 30_000, value: '99' },
      { at: 2 * MINUTE + 31_000, value: '99' },
    ];
    expect(fightOf(past(three, { heard }), change, 3 * MINUTE).flips).toEqual([
      { at: 0, value: '99', write: null },
      { at: 100, value: '30', write: 'w0' },
      { at: MINUTE - 500, value: '99', write: null },
      { at: MINUTE + 50, value: '30', write: 'w1' },
      { at: 2 * MINUTE, value: '99', write: null },
      { at: 2 * MINUTE + 100, value: '30', write: 'w2' },
      { at: 2 * MINUTE + 30_000, value: '99', write: null },
    ]);
  });

  it('is none between two that write the same value', () => {
    const heard = [0, 1, 2, 3].map((at) => ({ at: at * MINUTE, value: '030' }));
    expect(judgeSetting(past([], { heard }), change, 4 * MINUTE)).toEqual({ verdict: 'correct' });
  });

  it('is none where the device refuses what is written', () => {
    const refused = three.map((one) => ({ ...one, isRefused: true }));
    expect(judgeSetting(past(refused), change, 3 * MINUTE)).toEqual({ verdict: 'refused', times: 3 });
  });

  it('begins anew after a person wrote, and not after one was refused', () => {
    const person = write(2 * MINUTE + 30_000, { isRepair: false });
    expect(judgeSetting(past([...three, person]), change, 3 * MINUTE)).toEqual({ verdict: 'correct' });
    const inVain = { ...person, isRefused: true };
    expect(judgeSetting(past([...three, inVain]), change, 3 * MINUTE).verdict).toBe('fight');
    const open = fightOf(past(three), change, 2 * MINUTE + 10_000);
    expect(judgeSetting(past([...three, person], { open }), change, 3 * MINUTE).verdict).toBe('correct');
  });

  it('goes on while it is flipped, also beyond the hour, and ends after an hour of quiet', () => {
    const open = fightOf(past(three), change, 3 * MINUTE);
    const later = fightOf(past([], { open }), { ...change, from: '98' }, HOUR);
    expect(later.flips.at(-1)).toEqual({ at: HOUR, value: '98', write: null });
    const still = { ...change, from: '98' };
    const same = fightOf(past([], { open: later }), still, 2 * HOUR);
    expect(same.flips).toEqual(later.flips);
    expect(judgeSetting(past([], { open: same }), still, 2 * HOUR + 1).verdict).toBe('correct');
  });

  it('keeps no more than the latest flips', () => {
    let open = fightOf(past(three), change, 3 * MINUTE);
    for (let at = 4; at < 60; at += 1)
      open = fightOf(past([], { open }), { ...change, from: String(100 + at) }, at * MINUTE);
    expect(open.flips).toHaveLength(24);
    expect(open.since).toBe(0);
  });
});
