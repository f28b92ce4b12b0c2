import { describe, expect, it } from 'vitest';
import { chooseAgent } from '../../../src/integrations/finesse/choose-agent.ts';
import type { FinesseTeam, FinesseUser } from '../../../src/integrations/finesse/schema.ts';

function user(id: string, state: string, rest: Partial<FinesseUser> = {}): FinesseUser {
  return {
    id,
    loginName: null,
    firstName: null,
    lastName: null,
    state,
    stateChangedAt: null,
    pendingState: null,
    reasonCodeId: null,
    reasonCode: null,
    extension: `5${id}`,
    roles: [],
    teamId: null,
    teamName: null,
    supervises: [],
    ...rest,
  };
}

function team(...users: FinesseUser[]): FinesseTeam {
  return { id: '500', name: 'Facilities', users };
}

const lunch = { reasonCode: { id: 16, code: '10', label: 'Lunch' } };

describe('the agent who is called for help', () => {
  it('is the one who has been READY the longest', () => {
    const users = [
      user('1', 'READY', { stateChangedAt: 300 }),
      user('2', 'READY', { stateChangedAt: 100 }),
      user('3', 'READY', { stateChangedAt: 200 }),
      user('4', 'NOT_READY', { stateChangedAt: 1 }),
    ];
    expect(chooseAgent(team(...users)).agent?.id).toBe('2');
  });

  it('has an extension, and a time before one of whom nobody knows since when', () => {
    const users = [
      user('1', 'READY', { extension: null, stateChangedAt: 1 }),
      user('2', 'READY'),
      user('3', 'READY', { stateChangedAt: 500 }),
    ];
    expect(chooseAgent(team(...users)).agent?.id).toBe('3');
    expect(chooseAgent(team(user('2', 'READY'))).agent?.id).toBe('2');
  });

  it.each([
    [[], 'nobody of team Facilities is signed in'],
    [[user('1', 'LOGOUT')], 'nobody of team Facilities is signed in'],
    [
      [user('1', 'NOT_READY', lunch), user('2', 'TALKING'), user('3', 'LOGOUT')],
      '2 of team Facilities are signed in, none is READY: 1 NOT_READY (Lunch), 1 TALKING',
    ],
    [
      [user('1', 'READY', { extension: null })],
      '1 of team Facilities is signed in, none is READY with an extension: 1 READY without an extension',
    ],
    [
      [user('1', 'TALKING'), user('2', 'TALKING'), user('3', 'WORK')],
      '3 of team Facilities are signed in, none is READY: 2 TALKING, 1 WORK',
    ],
  ])('is nobody for a reason', (users, why) => {
    expect(chooseAgent(team(...users))).toEqual({ agent: null, why });
  });
});
