import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/lib/clock.ts';
import { finesse } from '../../support/finesse.ts';
import { askFinesse } from './finesse-support.ts';

const login = '2002:two';

describe('the stand-in for Finesse', () => {
  it('reads requests in any order, in either case, with prefixes that nobody declared', async () => {
    const standIn = await finesse();
    const bodies = [
      '<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>5002</fromAddress><toAddress>a</toAddress></Dialog>',
      '<dialog><ToAddress>b</ToAddress><fromaddress>5002</fromaddress><requestedAction>MAKE_CALL</requestedAction></dialog>',
      '<?xml version="1.0"?>\n<f:Dialog>\n <f:fromAddress> 5002 </f:fromAddress>\n <f:requestedAction>MAKE_CALL</f:requestedAction>\n <f:toAddress>c</f:toAddress>\n</f:Dialog>\n',
    ];
    for (const [at, body] of bodies.entries()) {
      const posted = await askFinesse(standIn, 'POST', '/User/2002/Dialogs/', { login, body });
      expect(posted).toEqual({ status: 202, text: '' });
      await expect.poll(() => standIn.calls.map(({ to }) => to)).toEqual([['a', 'b', 'c'][at]]);
      const id = standIn.calls[0]?.id;
      const drop =
        '<Dialog><targetMediaAddress>5002</targetMediaAddress><requestedAction>DROP</requestedAction></Dialog>';
      await askFinesse(standIn, 'PUT', `/Dialog/${id}`, { login, body: drop });
      await expect.poll(() => standIn.calls).toEqual([]);
    }
  });

  it.each([
    ['no document', 'x', 'Bad Request'],
    ['a DOCTYPE', '<!DOCTYPE User><User/>', 'Bad Request'],
    ['another document', '<Dialog/>', 'Bad Request'],
    ['no state', '<User/>', 'Parameter Missing'],
    ['an unknown state', '<User><state>READ</state></User>', 'Invalid Input'],
    [
      'an unknown reason',
      '<User><state>NOT_READY</state><reasonCodeId>9</reasonCodeId></User>',
      'Invalid Input',
    ],
  ])('refuses %s at once', async (_what, body, type) => {
    const standIn = await finesse();
    const answer = await askFinesse(standIn, 'PUT', '/User/2002', { login, body });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(`<ErrorType>${type}</ErrorType>`);
    expect(standIn.users.find(({ id }) => id === '2002')?.state).toBe('READY');
  });

  it('accepts first and does it after the delay', async () => {
    const clock = new ManualClock(1_767_603_600_000);
    const standIn = await finesse({ clock, settings: { effectDelayMs: 2_000 } });
    const body = '<User><state>NOT_READY</state><reasonCodeId>16</reasonCodeId></User>';
    expect((await askFinesse(standIn, 'PUT', '/User/2002', { login, body })).status).toBe(202);
    const user = standIn.users.find(({ id }) => id === '2002');
    await clock.advance(1_999);
    expect(user?.state).toBe('READY');
    await clock.advance(1);
    expect(user).toMatchObject({ state: 'NOT_READY', stateChangedAt: 1_767_603_602_000 });
  });

  it('locks an account after five wrong passwords for five minutes', async () => {
    const clock = new ManualClock(1_767_603_600_000);
    const standIn = await finesse({ clock });
    const statusWith = async (password: string): Promise<number> =>
      (await askFinesse(standIn, 'GET', '/User/2002', { login: `2002:${password}` })).status;
    for (let attempt = 1; attempt <= 5; attempt += 1) expect(await statusWith('wrong')).toBe(401);
    expect(standIn.isLocked('2002')).toBe(true);
    expect(await statusWith('two')).toBe(401);
    await clock.advance(300_000);
    expect(await statusWith('two')).toBe(200);
  });

  it('shows an agent nothing of others, a supervisor the own team, an administrator all', async () => {
    const standIn = await finesse();
    const seen: [string, string, number][] = [
      [login, '/User/2001', 401],
      [login, '/Users', 401],
      [login, '/Team/500', 401],
      ['2050:super', '/Team/500', 200],
      ['2050:super', '/Team/501', 401],
      ['admin:admin', '/Users', 200],
      ['admin:admin', '/Team/501', 200],
      ['admin:admin', '/Team/9', 404],
      ['admin:admin', '/User/2001/Nothing', 404],
    ];
    for (const [who, path, status] of seen)
      expect([who, path, (await askFinesse(standIn, 'GET', path, { login: who })).status]).toEqual([
        who,
        path,
        status,
      ]);
    expect((await askFinesse(standIn, 'GET', '/User/2002')).status).toBe(401);
  });

  it('fails on demand, counts requests, and notifies of an effect that fails', async () => {
    const standIn = await finesse();
    standIn.fail({ kind: 'status', status: 500 }, 2);
    const words = { type: 'Call Operation Failure', message: 'CF_RESOURCE_OUT_OF_SERVICE', data: '34' };
    standIn.dropEffect(words);
    const body = '<User><state>NOT_READY</state><reasonCodeId>16</reasonCodeId></User>';
    for (const status of [500, 500, 202])
      expect((await askFinesse(standIn, 'PUT', '/User/2002', { login, body })).status).toBe(status);
    await expect.poll(() => standIn.notifications.join()).toContain('<errorData>34</errorData>');
    expect(standIn.users.find(({ id }) => id === '2002')?.state).toBe('READY');
    expect(standIn.requests().map(({ status }) => status)).toEqual([500, 500, 202]);
  });

  it('gives 207 where some of the teams of a message do not exist', async () => {
    const standIn = await finesse();
    const teams = '<teams><team>500</team><team>9</team></teams>';
    const body = `<TeamMessage><duration>60</duration><content>x</content>${teams}</TeamMessage>`;
    const posted = await askFinesse(standIn, 'POST', '/TeamMessage', { login: '2050:super', body });
    expect(posted.status).toBe(207);
    expect(standIn.messages[0]?.teamIds).toEqual(['500']);
  });

  it('speaks plain HTTP where that is wanted, and asks for no login for SystemInfo', async () => {
    const standIn = await finesse({
      tls: false,
      settings: { systemInfoNeedsLogin: false, systemInfoInFailover: 'unavailable' },
    });
    expect(standIn).toMatchObject({ certificate: null, url: expect.stringMatching(/^http:/) as string });
    const status = async (): Promise<number> => (await fetch(`${standIn.url}/finesse/api/SystemInfo`)).status;
    expect(await status()).toBe(200);
    standIn.failover(true);
    expect(await status()).toBe(503);
  });
});
