import { describe, expect, it } from 'vitest';
import { chooseAgent } from '../../../src/integrations/finesse/choose-agent.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { clientOf, failureOf, finesse, LUNCH } from '../../support/finesse.ts';

describe('what Finesse tells', () => {
  it('is whether it is in service, which deployment it is, and which nodes it has', async () => {
    const standIn = await finesse();
    expect(await clientOf(standIn, '2001').systemInfo()).toMatchObject({
      status: 'IN_SERVICE',
      deploymentType: 'UCCX',
      systemAuthMode: 'NON_SSO',
      nodes: ['finesse1.example.test', 'finesse2.example.test'],
    });
  });

  it('is a user with state, reason and extension, and every user for an administrator', async () => {
    const standIn = await finesse();
    expect(await clientOf(standIn, '2001').user('2001')).toMatchObject({
      id: '2001',
      state: 'NOT_READY',
      reasonCodeId: 16,
      reasonCode: { id: 16, code: '10', label: 'Lunch' },
      extension: '5001',
      roles: ['Agent'],
      teamId: '500',
      teamName: 'Facilities',
      supervises: [],
    });
    const users = await clientOf(standIn, 'admin').users();
    expect(users.map(({ id, state }) => [id, state])).toEqual([
      ['2001', 'NOT_READY'],
      ['2002', 'READY'],
      ['2003', 'LOGOUT'],
      ['2050', 'NOT_READY'],
      ['admin', 'LOGOUT'],
    ]);
    expect(users.find(({ id }) => id === '2050')?.supervises).toEqual([{ id: '500', name: 'Facilities' }]);
  });

  it('is a team, with those who are signed out only where they are asked for', async () => {
    const standIn = await finesse();
    const supervisor = clientOf(standIn, '2050');
    const team = await supervisor.team('500');
    expect(team.name).toBe('Facilities');
    expect(team.users.map(({ id }) => id)).toEqual(['2001', '2002', '2050']);
    expect(team.users[0]?.reasonCode?.label).toBe('Lunch');
    const whole = await supervisor.team('500', { withLoggedOut: true });
    expect(whole.users.map(({ id }) => id)).toEqual(['2001', '2002', '2003', '2050']);
    expect(chooseAgent(team)).toMatchObject({ agent: { id: '2002', extension: '5002' } });
    standIn.setState('2002', 'TALKING');
    expect(chooseAgent(await supervisor.team('500'))).toEqual({
      agent: null,
      why: '3 of team Facilities are signed in, none is READY: 1 NOT_READY (Lunch), 1 TALKING, 1 NOT_READY',
    });
  });

  it('is a queue and the queues of a user, with null for what is not assigned', async () => {
    const queue = { id: '10', name: 'AV Help', statistics: { callsInQueue: '3' }, userIds: ['2001'] };
    const standIn = await finesse({ queues: [queue], settings: { deployment: 'UCCE' } });
    const client = clientOf(standIn, '2001');
    const one = await client.queue('10');
    expect(one).toMatchObject({ id: '10', name: 'AV Help', startTimeOfLongestCallInQueue: null });
    expect(one.statistics).toMatchObject({ callsInQueue: 3, agentsReady: null });
    expect(await client.queues('2001')).toEqual([one]);
    expect(await clientOf(standIn, '2002').queues('2002')).toEqual([]);
  });
});

describe('a user', () => {
  it('signs in at an extension, gets ready, and signs out', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2003');
    const signedIn = await client.signIn({ userId: '2003', extension: '5003' });
    expect(signedIn).toMatchObject({ state: 'NOT_READY', extension: '5003' });
    const ready = await client.setState({ userId: '2003', state: 'READY' });
    expect(ready).toMatchObject({ pending: false, user: { state: 'READY', reasonCode: null } });
    expect(await client.signOut({ userId: '2003' })).toMatchObject({ state: 'LOGOUT', extension: null });
    expect(standIn.users.find(({ id }) => id === '2003')).toMatchObject({ state: 'LOGOUT', extension: null });
  });

  it('gets not ready with a reason, and not without one where reasons are configured', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2002');
    const missing = await failureOf(client.setState({ userId: '2002', state: 'NOT_READY' }));
    expect(missing.code).toBe('invalid');
    expect(missing.apiErrors).toEqual([
      {
        errorType: 'Parameter Missing',
        errorMessage: 'finesse.api.reasoncode.require_reasoncode',
        errorData: 'reasonCodeId',
      },
    ]);
    const { user } = await client.setState({ userId: '2002', state: 'NOT_READY', reasonCodeId: 16 });
    expect(user.reasonCode?.label).toBe('Lunch');
    expect(standIn.users.find(({ id }) => id === '2002')?.reason).toEqual(LUNCH);
  });

  it('is asked during a call for a state, which stays pending', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2002');
    await client.makeCall({ extension: '5002', toAddress: 'boardroom3' });
    const asked = await client.setState({ userId: '2002', state: 'NOT_READY', reasonCodeId: 16 });
    expect(asked).toMatchObject({ pending: true, user: { state: 'TALKING', pendingState: 'NOT_READY' } });
  });

  it('is known by a bearer token where the system is in SSO mode', async () => {
    const standIn = await finesse({ tokens: { 'a-token': '2001' } });
    const client = clientOf(standIn, '2001', { login: { userId: '2001', token: new Secret('a-token') } });
    expect(await client.user('2001')).toMatchObject({ state: 'NOT_READY' });
    expect(await client.systemInfo()).toMatchObject({ systemAuthMode: 'SSO' });
  });
});

describe('a team message', () => {
  it('is shown to the teams that it is for, as reading them proves', async () => {
    const standIn = await finesse();
    const supervisor = clientOf(standIn, '2050');
    const content = 'Boardroom <3> needs help & a hand';
    const posted = await supervisor.postTeamMessage({
      content,
      durationSeconds: 100,
      teamIds: ['500', '501'],
    });
    expect(posted).toEqual({ shownTo: ['500', '501'], missingIn: [] });
    expect(await clientOf(standIn, '2001').teamMessages('500')).toMatchObject([
      { createdBy: '2050', content, durationSeconds: 100, teamIds: ['500', '501'] },
    ]);
    expect(standIn.messages).toMatchObject([{ content, by: { id: '2050' } }]);
  });

  it('that some of the teams did not get says which', async () => {
    const standIn = await finesse();
    const message = { content: 'help', durationSeconds: 60, teamIds: ['500', '9'] };
    const posted = await clientOf(standIn, '2050').postTeamMessage(message);
    expect(posted).toEqual({ shownTo: ['500'], missingIn: ['9'] });
  });

  it('is not posted where it is too long, cannot be written, or the account is no supervisor', async () => {
    const standIn = await finesse();
    const message = { content: 'help', durationSeconds: 60, teamIds: ['500'] };
    const supervisor = clientOf(standIn, '2050');
    const long = await failureOf(supervisor.postTeamMessage({ ...message, content: 'x'.repeat(256) }));
    expect(long).toMatchObject({ code: 'invalid', status: null });
    const control = await failureOf(supervisor.postTeamMessage({ ...message, content: 'a\u0007b' }));
    expect(control.message).toContain('U+0007');
    expect(standIn.requests().map(({ method }) => method)).toEqual(['GET']);
    const agent = clientOf(standIn, '2001');
    expect((await failureOf(agent.postTeamMessage(message))).code).toBe('forbidden');
    expect(standIn.messages).toEqual([]);
  });
});

describe('phone books', () => {
  const contacts = Array.from({ length: 7 }, (_, at) => ({
    firstName: 'Contact',
    lastName: String(at + 1),
    phoneNumber: `60${at}`,
    description: '',
  }));
  const phoneBooks = [
    { name: 'Rooms', contacts: contacts.slice(0, 4) },
    { name: 'Facilities', teamId: '500', contacts: contacts.slice(4) },
    { name: 'Night', teamId: '501', contacts: contacts.slice(0, 1) },
  ];

  it('come page by page, a book that goes over two pages as one', async () => {
    const standIn = await finesse({ phoneBooks });
    for (const pageSize of [2, 3, 7, 100]) {
      const read = await clientOf(standIn, '2001').phoneBooks({ userId: '2001' }, { pageSize });
      expect(read.complete).toBe(true);
      expect(read.books.map(({ name, type, contacts: held }) => [name, type, held.length])).toEqual([
        ['Rooms', 'GLOBAL', 4],
        ['Facilities', 'TEAM', 3],
      ]);
      expect(read.books[0]?.contacts[3]).toEqual({
        firstName: 'Contact',
        lastName: '4',
        phoneNumber: '603',
        description: null,
      });
    }
  });

  it('come by team, too, and say that they are not all where the server hands out no more', async () => {
    const standIn = await finesse({ phoneBooks, settings: { mostContacts: 4 } });
    const read = await clientOf(standIn, '2001').phoneBooks({ teamId: '500' }, { pageSize: 2 });
    expect(read).toMatchObject({ complete: false, books: [{ name: 'Rooms' }, { name: 'Facilities' }] });
    expect(read.books.flatMap(({ contacts: held }) => held)).toHaveLength(4);
  });
});

describe('a client log', () => {
  it('is kept on the server as it was sent', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2001');
    await client.sendClientLog('2001', 'line <one>\nline & two');
    expect(standIn.clientLogs).toEqual([{ userId: '2001', text: 'line <one>\nline & two' }]);
    const long = await failureOf(client.sendClientLog('2001', 'x'.repeat(1_048_577)));
    expect(long.code).toBe('invalid');
    expect(standIn.clientLogs).toHaveLength(1);
  });
});
