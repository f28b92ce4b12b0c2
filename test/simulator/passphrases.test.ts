import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { DeviceState } from '../../src/simulator/device-state.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { quick } from '../../src/simulator/settings.ts';

const OLD = 'the first passphrase';
const NEW = 'the second passphrase';
const CHANGE = 'UserManagement/User/Passphrase/Change';
const SET = 'UserManagement/User/Passphrase/Set';

function device(configuration: Readonly<Record<string, string>> = {}) {
  return new DeviceState(
    {
      model: builtInModels.room,
      serial: 'X',
      systemName: 'x',
      username: 'admin',
      password: OLD,
      configuration,
    },
    { clock: systemClock(), random: seededRandom(1) },
  );
}

describe('A simulated passphrase', () => {
  test('is changed by its account with the old one, and set by an administrator', () => {
    const state = device();
    expect(state.command(CHANGE, { OldPassphrase: 'wrong', NewPassphrase: NEW })).toMatchObject({
      kind: 'failed',
    });
    expect(state.command(CHANGE, { OldPassphrase: OLD, NewPassphrase: NEW })).toMatchObject({ kind: 'ok' });
    expect([state.passphrases.isRight('admin', OLD), state.passphrases.isRight('admin', NEW)]).toEqual([
      false,
      true,
    ]);
    const third = { Username: 'admin', NewPassphrase: 'the third passphrase' };
    expect(state.command(SET, { ...third, YourPassphrase: OLD })).toMatchObject({ kind: 'failed' });
    expect(state.command(SET, { ...third, Username: 'nobody' })).toMatchObject({ reason: 'No such user' });
    expect(state.command(SET, { ...third, YourPassphrase: NEW })).toMatchObject({ kind: 'ok' });
    expect(state.passphrases.isRight('admin', third.NewPassphrase)).toBe(true);
  });

  test('keeps to the password policy', () => {
    const state = device({
      'UserManagement.PasswordPolicy.Complexity.MinimumDigits': '2',
      'UserManagement.PasswordPolicy.ReuseLimit': '1',
    });
    const change = (old: string, wanted: string) =>
      state.command(CHANGE, { OldPassphrase: old, NewPassphrase: wanted });
    expect(change(OLD, 'short')).toMatchObject({ reason: expect.stringMatching(/at least 8 characters/) });
    expect(change(OLD, 'long enough 1')).toMatchObject({
      reason: expect.stringMatching(/at least 2 digits/),
    });
    state.turnKnob('UserManagement.PasswordPolicy.Complexity.MinimumDigits', '0');
    expect(change(OLD, OLD)).toMatchObject({ reason: expect.stringMatching(/used before/) });
    expect(change(OLD, NEW)).toMatchObject({ kind: 'ok' });
    expect(change(NEW, OLD)).toMatchObject({ kind: 'ok' });
  });

  test.each([
    [false, {}, 1],
    [true, {}, 0],
    [false, { SecurityAction: 'InvalidateAllUserSessions' }, 0],
  ])('ends open sessions where the setting (%s) or the command (%j) says so', async (ends, args, left) => {
    const simulator = await startSimulator({
      devices: [{ name: 'one', model: builtInModels.room }],
      username: 'admin',
      password: OLD,
      settings: { ...quick, passphraseEndsSessions: ends },
    });
    try {
      const { state } = simulator.device('one');
      state.sessions.open('admin');
      state.command(CHANGE, { OldPassphrase: OLD, NewPassphrase: NEW, ...args }, { user: 'admin' });
      expect(state.sessions.list()).toHaveLength(left);
    } finally {
      await simulator.stop();
    }
  });
});
