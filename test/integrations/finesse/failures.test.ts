import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { FinesseErrorCode } from '../../../src/integrations/finesse/errors.ts';
import { ManualClock } from '../../../src/lib/clock.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { clientOf, failureOf, finesse, IMPATIENT } from '../../support/finesse.ts';

describe('a wrong password', () => {
  const login = { userId: '2001', password: new Secret('wrong') };

  it('is tried once, whatever is asked afterwards and at the same time', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2001', { login });
    const asked = [client.team('500'), client.user('2001'), client.users(), client.dialogs('2001')];
    const failures = await Promise.all(asked.map(failureOf));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['login-refused']));
    expect(failures[0]?.apiErrors).toEqual([
      { errorType: 'Authorization Failure', errorMessage: 'UNAUTHORIZED', errorData: '2001' },
    ]);
    expect(failures[3]?.message).toContain('was not sent');
    expect(standIn.requests().map(({ status }) => status)).toEqual([401]);
    expect(standIn.isLocked('2001')).toBe(false);
  });

  it('is not tried again when it is given again, and the right one is', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2001', { login });
    await failureOf(client.user('2001'));
    client.useLogin({ userId: '2001', password: new Secret('wrong') });
    await failureOf(client.user('2001'));
    expect(standIn.requests()).toHaveLength(1);
    client.useLogin({ userId: '2001', password: new Secret('one') });
    expect((await client.user('2001')).state).toBe('NOT_READY');
  });

  it('never shows', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2001', { login });
    const failure = await failureOf(client.user('2001'));
    const shown = inspect([failure, client, login], { depth: null, showHidden: true });
    expect(shown).toContain('[secret]');
    expect(shown).not.toMatch(/wrong|MjAwMTp3cm9uZw/);
  });
});

describe('an account that may not do something', () => {
  it('is told apart from a wrong password by looking at its own user, before and after', async () => {
    const standIn = await finesse();
    const agent = clientOf(standIn, '2001');
    expect(await failureOf(agent.users())).toMatchObject({ code: 'forbidden', status: 401 });
    expect(standIn.requests().map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/finesse/api/User/2001 200',
      '/finesse/api/Users 401',
      '/finesse/api/User/2001 200',
    ]);
    expect((await agent.user('2001')).id).toBe('2001');
  });

  it('is no agent, where it is an administrator outside of Finesse', async () => {
    const standIn = await finesse();
    const words = { type: 'User Not Found', message: 'UNKNOWN_USER', data: 'admin' };
    standIn.fail({ kind: 'status', status: 404, words }, 1);
    expect(await clientOf(standIn, 'admin').users()).toHaveLength(5);
  });

  it('may not look at another user', async () => {
    const standIn = await finesse();
    const failure = await failureOf(clientOf(standIn, '2001').user('2002'));
    expect(failure).toMatchObject({
      code: 'forbidden',
      apiErrors: [{ errorType: 'Invalid Authorization User Specified' }],
    });
  });

  it('whose password was changed meanwhile stops after that look', async () => {
    const standIn = await finesse();
    const agent = clientOf(standIn, '2001');
    await agent.user('2001');
    const words = { type: 'Authorization Failure', message: 'UNAUTHORIZED', data: '2001' };
    standIn.fail({ kind: 'status', status: 401, words }, 2);
    expect((await failureOf(agent.teamMessages('500'))).code).toBe('login-refused');
    expect((await failureOf(agent.teamMessages('500'))).code).toBe('login-refused');
    expect(standIn.requests()).toHaveLength(3);
  });
});

describe('a refusal', () => {
  it('of an unknown user, team, dialog or path is not-found', async () => {
    const standIn = await finesse();
    const admin = clientOf(standIn, 'admin');
    const asked = [admin.user('nobody'), admin.team('9'), admin.dialog('1'), admin.queue('1')];
    const failures = await Promise.all(asked.map(failureOf));
    expect(failures.map(({ code }) => code)).toEqual(['not-found', 'not-found', 'not-found', 'not-found']);
    expect(failures[0]?.apiErrors[0]).toMatchObject({ errorType: 'User Not Found', errorData: 'nobody' });
    expect(failures[0]?.message).toContain('User Not Found UNKNOWN_USER (nobody). Check the id');
  });

  it('of a state at once has the words that Finesse gives', async () => {
    const standIn = await finesse({ settings: { refusesAtOnce: true } });
    const client = clientOf(standIn, '2003');
    expect(await failureOf(client.setState({ userId: '2003', state: 'READY' }))).toMatchObject({
      code: 'invalid-state',
      apiErrors: [{ errorType: 'Invalid State', errorMessage: 'CF_INVALID_OBJECT_STATE', errorData: '22' }],
    });
    expect(await failureOf(client.signOut({ userId: '2003' }))).toMatchObject({ code: 'invalid-state' });
  });

  it('during a failover says which node to try, as far as that is known', async () => {
    const standIn = await finesse({ nodes: ['127.0.0.1', 'finesse2.example.test'] });
    standIn.failover(true);
    const client = clientOf(standIn, '2001');
    const unknown = await failureOf(client.user('2001'));
    expect(unknown).toMatchObject({ code: 'out-of-service', retryable: true, otherNodes: [] });
    expect(unknown.message).toContain('Try the other node of the cluster');
    expect(await client.systemInfo()).toMatchObject({ status: 'OUT_OF_SERVICE' });
    const known = await failureOf(client.user('2001'));
    expect(known.otherNodes).toEqual(['finesse2.example.test']);
    expect(known.message).toContain('SERVER_OUT_OF_SERVICE. Try finesse2.example.test');
    standIn.failover(false);
    expect((await client.user('2001')).id).toBe('2001');
  });

  it('has a code for every status', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2001', { nodes: ['one.example.test', 'two.example.test'] });
    const codes: [number, FinesseErrorCode][] = [
      [400, 'invalid'],
      [403, 'forbidden'],
      [404, 'not-found'],
      [416, 'invalid'],
      [500, 'failed'],
      [501, 'unsupported'],
      [502, 'failed'],
      [503, 'out-of-service'],
      [301, 'malformed'],
    ];
    for (const [status, code] of codes) {
      standIn.fail({ kind: 'status', status }, 1);
      expect([status, (await failureOf(client.user('2001'))).code]).toEqual([status, code]);
    }
  });
});

describe('an answer that is none', () => {
  it('is cut short, a page of a proxy, or another document', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2001');
    standIn.fail({ kind: 'truncated' }, 1);
    expect((await failureOf(client.user('2001'))).code).toBe('malformed');
    standIn.fail({ kind: 'page' }, 1);
    const page = await failureOf(client.user('2001'));
    expect(page.code).toBe('malformed');
    expect(page.message).toContain('any proxy in between');
  });

  it('does not come in time, or at all', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2001');
    standIn.fail({ kind: 'unanswered' }, 1);
    expect((await failureOf(client.user('2001', { deadlineMs: 100 }))).code).toBe('deadline');
    expect((await client.user('2001')).id).toBe('2001');
    await standIn.stop();
    expect((await failureOf(client.user('2001'))).code).toBe('unreachable');
  });

  it('is not looked at where nobody vouches for the certificate', async () => {
    const standIn = await finesse();
    const client = clientOf({ url: standIn.url, certificate: null }, '2001');
    expect((await failureOf(client.user('2001'))).code).toBe('unreachable');
    expect(standIn.requests()).toEqual([]);
  });
});

describe('202', () => {
  it('without an effect is an error when the time is over, and says what is there instead', async () => {
    const standIn = await finesse();
    standIn.dropEffect();
    const failure = await failureOf(
      clientOf(standIn, '2001', IMPATIENT).setState({ userId: '2001', state: 'READY' }),
    );
    expect(failure).toMatchObject({ code: 'no-outcome', status: 202, retryable: false });
    expect(failure.message).toMatch(
      /^Finesse accepted the state READY for user 2001, and after 0\.3 s user 2001 is NOT_READY at extension 5001\. It tells the reason only to its notification service/,
    );
    expect(standIn.notifications).toEqual([]);
  });

  it('and then the recorded error is the same to REST, as only the notification service tells it', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2003', IMPATIENT);
    const failure = await failureOf(client.setState({ userId: '2003', state: 'READY' }));
    expect(failure.code).toBe('no-outcome');
    expect(standIn.notifications.join()).toContain('<errorMessage>CF_INVALID_OBJECT_STATE</errorMessage>');
  });

  it('and an extension that no device has', async () => {
    const standIn = await finesse({ settings: { extensions: ['5003'] } });
    const impatient = clientOf(standIn, '2003', IMPATIENT);
    const failure = await failureOf(impatient.signIn({ userId: '2003', extension: '9999' }));
    expect(failure.code).toBe('no-outcome');
    expect(standIn.notifications.join()).toContain('CF_INVALID_LOGON_DEVICE_SPECIFIED');
    const client = clientOf(standIn, '2003');
    expect(await client.signIn({ userId: '2003', extension: '5003' })).toMatchObject({ extension: '5003' });
  });

  it('and an effect that comes late is waited for, a look that fails in passing made again', async () => {
    const clock = new ManualClock(1_767_603_600_000);
    const standIn = await finesse({ clock });
    const client = clientOf(standIn, '2001', { times: { outcomeMs: 30_000 } });
    const asked = client.setState({ userId: '2001', state: 'READY' });
    await expect.poll(() => standIn.requests().length).toBeGreaterThan(0);
    for (const status of [503, 500]) standIn.fail({ kind: 'status', status }, 1);
    const statuses = (): number[] => standIn.requests().map(({ status }) => status);
    await expect.poll(statuses).toEqual(expect.arrayContaining([503, 500]));
    await clock.advance(20);
    expect(await asked).toMatchObject({ user: { state: 'READY' } });
  });

  it('is waited for no longer than the caller wants', async () => {
    const standIn = await finesse({ settings: { effectDelayMs: 60_000 } });
    const client = clientOf(standIn, '2001', { times: { outcomeMs: 60_000 } });
    const caller = new AbortController();
    const asked = client.setState({ userId: '2001', state: 'READY' }, { signal: caller.signal });
    await expect.poll(() => standIn.requests().length).toBeGreaterThan(1);
    caller.abort(new Error('the room is free again'));
    await expect(asked).rejects.toThrow('the room is free again');
  });
});

describe('requests', () => {
  it('go one at a time, with a pause between them', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2001', { times: { gapMs: 60 } });
    const startedAt = performance.now();
    await Promise.all([client.user('2001'), client.user('2001'), client.user('2001')]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(115);
  });
});
