import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { ada, bob, clock, collect, failureOf, planOf, restFor, serve, standInFor } from './support.ts';

const WEEK_MS = 7 * 24 * 3_600_000;

describe('the client of the REST API', () => {
  it('is refused with a token that was revoked, and goes on with the one that takes its place', async () => {
    const standIn = await standInFor({ accounts: [{ ...ada, tokens: ['old', 'new'] }] });
    let token = 'old';
    const service = restFor(standIn, { secret: () => Promise.resolve(new Secret(token)) });
    await service.create(planOf());
    standIn.revoke('old');
    const failure = await failureOf(service.create(planOf()));
    expect(failure).toMatchObject({ code: 'unauthorized', retryable: false, isInDoubt: false });
    expect(failure.details).toMatchObject({ status: 401, trackingId: expect.stringMatching(/^STANDIN_/) });
    token = 'new';
    await service.create(planOf());
    expect(standIn.meetings()).toHaveLength(2);
  });

  it('acts for the host that an administrator names, in everything', async () => {
    const standIn = await standInFor({ accounts: [{ ...ada, isAdmin: true }, bob], pageSize: 1 });
    const service = restFor(standIn, { hostEmail: bob.email, siteUrl: 'example.webex.com' });
    const id = await service.create(planOf());
    const other = await service.create(planOf({ title: 'Other' }));
    expect(standIn.meetings()).toMatchObject([
      { host: { email: bob.email } },
      { host: { email: bob.email } },
    ]);
    await service.update(id, { title: 'Sit-down' });
    await service.invite(id, { email: 'carl@example.com', displayName: null });
    expect(await service.invitees(id)).toMatchObject([{ email: 'carl@example.com' }]);
    const range = { from: clock.now(), to: clock.now() + WEEK_MS };
    expect(await collect(service.list(range))).toMatchObject([
      { id, title: 'Sit-down', host: bob.email },
      { id: other, title: 'Other', host: bob.email },
    ]);
    await service.delete(id);
    await service.delete(other);
    expect(standIn.meetings()).toEqual([]);
    const others = restFor(standIn, {
      secret: () => Promise.resolve(new Secret('bob-token')),
      hostEmail: ada.email,
    });
    expect((await failureOf(others.create(planOf()))).code).toBe('forbidden');
  });

  it('never takes the token to another origin, whatever a next-page link says', async () => {
    const met: unknown[] = [];
    const other = await serve((request, response) => {
      met.push(request.headers.authorization);
      response.end('{"items":[]}');
    });
    for (const link of [`${other}/v1/meetings?cursor=1`, '/v2/meetings', 'http://[nonsense']) {
      const url = await serve((_, response) => {
        response.setHeader('link', `<${link}>; rel="next"`).end('{"items":[]}');
      });
      const service = restFor({ restUrl: `${url}/v1/` });
      const failure = await failureOf(collect(service.list({ from: 0, to: 1 })));
      expect(failure.code).toBe('malformed');
      expect(failure.message).toContain('it was not asked for');
    }
    expect(met).toEqual([]);
  });

  it('lists what starts in the range, although the service lists what reaches into it', async () => {
    const standIn = await standInFor();
    const service = restFor(standIn);
    const { time } = planOf();
    await service.create(planOf({ minutes: 120 }));
    expect(await collect(service.list({ from: time.start + 60_000, to: time.end }))).toEqual([]);
  });
});
