import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type GrantStore,
  memoryGrantStore,
} from '../../../src/integrations/webex-messaging/credentials/grant.ts';
import { guestJwt } from '../../../src/integrations/webex-messaging/credentials/guest-source.ts';
import {
  authorizeUrl,
  newVerifier,
  TokenEndpoint,
} from '../../../src/integrations/webex-messaging/credentials/oauth.ts';
import { sealedGrantStore } from '../../../src/integrations/webex-messaging/credentials/sealed-store.ts';
import { createTransport } from '../../../src/integrations/webex-messaging/transport.ts';
import { ManualClock, systemClock } from '../../../src/lib/clock.ts';
import { seal, unseal } from '../../../src/lib/seal.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { WebexStandIn } from '../../../src/simulator/cloud/webex.ts';
import { ADA, APP, clientOf, collect, failureOf, standInFor } from './world.ts';

const app = { clientId: APP.clientId, clientSecret: new Secret(APP.clientSecret) };
const HOUR_MS = 3_600_000;

/** A clock whose wall moves by hand, for lives of tokens; deadlines go on as ever. */
class WallClock extends ManualClock {
  readonly #real = systemClock();

  override monotonic(): number {
    return this.#real.monotonic();
  }

  override after(delayMs: number, run: () => void): () => void {
    return this.#real.after(delayMs, run);
  }
}

function endpointOf({ url }: WebexStandIn, clock = systemClock()): TokenEndpoint {
  const transport = createTransport({ baseUrl: url }, { clock });
  onTestFinished(() => transport.close());
  return new TokenEndpoint(transport, clock);
}

/** What a person's browser brings back who grants what is asked. */
async function granted(address: string): Promise<URLSearchParams> {
  const response = await fetch(address, { redirect: 'manual' });
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '').searchParams;
}

const ask = { clientId: APP.clientId, redirectUri: APP.redirectUri, state: 'state-1' };

async function grantOf(standIn: WebexStandIn, scopes = ['spark:all'], clock = systemClock()) {
  const brought = await granted(authorizeUrl({ ...ask, scopes }, standIn.url));
  const code = brought.get('code') ?? '';
  return endpointOf(standIn, clock).exchangeCode(app, { code, redirectUri: APP.redirectUri });
}

const tokenPosts = (standIn: WebexStandIn) =>
  standIn.requests().filter(({ path }) => path.endsWith('/access_token')).length;

describe('an integration', () => {
  it('is granted by a person, with the proof that the same one asks for the tokens', async () => {
    const standIn = await standInFor();
    const { verifier, challenge } = newVerifier();
    const address = authorizeUrl(
      { ...ask, scopes: ['spark:rooms_read', 'spark:all'], challenge },
      standIn.url,
    );
    expect(address).toContain('scope=spark%3Arooms_read%20spark%3Aall');
    const brought = await granted(address);
    expect(brought.get('state')).toBe('state-1');
    const exchange = { code: brought.get('code') ?? '', redirectUri: APP.redirectUri };
    const endpoint = endpointOf(standIn);
    const grant = await endpoint.exchangeCode(app, { ...exchange, verifier });
    expect(JSON.stringify(grant)).not.toMatch(/access-|refresh-/);
    const me = await clientOf(standIn, { token: grant.accessToken }).people.me();
    expect(me.emails).toEqual([ADA.email]);
    const again = await failureOf(endpoint.exchangeCode(app, { ...exchange, verifier }));
    expect(again).toMatchObject({ code: 'grant-ended', retryable: false });
    const stolen = await granted(authorizeUrl({ ...ask, scopes: [], challenge }, standIn.url));
    const code = stolen.get('code') ?? '';
    expect((await failureOf(endpoint.exchangeCode(app, { ...exchange, code }))).code).toBe('grant-ended');
  });

  it('reckons with the lifetimes that it is told, and refreshes before the end, once for all who ask', async () => {
    const standIn = await standInFor({ lifetimes: { access: 6 * 3600, refresh: 60 * 86_400 } });
    const clock = new WallClock(Date.now());
    const { refreshToken, accessEndsAt } = await grantOf(standIn, ['spark:all'], clock);
    expect(accessEndsAt).toBe(clock.now() + 6 * HOUR_MS);
    const client = clientOf(
      standIn,
      { app: { ...app, refreshToken: refreshToken ?? new Secret('') } },
      { clock },
    );
    const before = tokenPosts(standIn);
    await Promise.all([client.people.me(), client.people.me(), collect(client.rooms.list())]);
    expect(tokenPosts(standIn) - before).toBe(1);
    clock.setWall(clock.now() + 5.7 * HOUR_MS);
    await client.people.me();
    expect(tokenPosts(standIn) - before).toBe(1);
    clock.setWall(clock.now() + 0.1 * HOUR_MS);
    await client.people.me();
    expect(tokenPosts(standIn) - before).toBe(2);
  });

  it('replaces a token that the service ended without a word, once', async () => {
    const standIn = await standInFor();
    const { refreshToken } = await grantOf(standIn);
    const kept: GrantStore = memoryGrantStore();
    const login = { app: { ...app, refreshToken: refreshToken ?? new Secret('') } };
    const client = clientOf(standIn, login, { store: kept });
    await client.people.me();
    const held = await kept.load({});
    standIn.tokens.endAccess(held?.accessToken.reveal() ?? '');
    expect((await client.people.me()).id).toBe(ADA.personId);
    expect((await kept.load({}))?.accessToken.reveal()).not.toBe(held?.accessToken.reveal());
  });

  it('says in one typed error that its grant is revoked, and asks for it no more than it must', async () => {
    const standIn = await standInFor();
    const { refreshToken } = await grantOf(standIn);
    const client = clientOf(standIn, { app: { ...app, refreshToken: refreshToken ?? new Secret('') } });
    await client.people.me();
    standIn.tokens.revoke(APP.clientId);
    const before = tokenPosts(standIn);
    const failure = await failureOf(client.people.me());
    expect(failure).toMatchObject({ code: 'grant-ended', retryable: false });
    expect(failure.trackingId).toMatch(/^STANDIN_/);
    expect(failure.message).not.toContain(refreshToken?.reveal());
    expect(tokenPosts(standIn) - before).toBe(1);
  });

  it('must be granted anew when it was left alone longer than its refresh token holds', async () => {
    const clock = new WallClock(Date.now());
    const standIn = await standInFor({ clock, lifetimes: { refresh: 3600 } });
    const { refreshToken } = await grantOf(standIn, ['spark:all'], clock);
    const login = { app: { ...app, refreshToken: refreshToken ?? new Secret('') } };
    clock.setWall(clock.now() + 0.9 * HOUR_MS);
    await clientOf(standIn, login, { clock }).people.me();
    clock.setWall(clock.now() + 0.9 * HOUR_MS);
    await clientOf(standIn, login, { clock }).people.me();
    clock.setWall(clock.now() + 1.1 * HOUR_MS);
    expect((await failureOf(clientOf(standIn, login, { clock }).people.me())).code).toBe('grant-ended');
    standIn.tokens.setLifetimes({ access: 120 });
    const { accessEndsAt } = await grantOf(standIn, ['spark:all'], clock);
    expect(accessEndsAt).toBe(clock.now() + 120_000);
  });

  it('falls back on the refresh token of the file, where the kept one has ended', async () => {
    const standIn = await standInFor();
    const clock = new WallClock(Date.now());
    const store = memoryGrantStore();
    const old = await grantOf(standIn, ['spark:all'], clock);
    await store.save({ ...old, accessEndsAt: 0, refreshToken: new Secret('refresh-of-long-ago') }, {});
    const { refreshToken } = await grantOf(standIn, ['spark:all'], clock);
    const login = { app: { ...app, refreshToken: refreshToken ?? new Secret('') } };
    expect((await clientOf(standIn, login, { clock, store }).people.me()).id).toBe(ADA.personId);
    expect((await store.load({}))?.refreshToken?.reveal()).toBe(refreshToken?.reveal());
  });

  it('does not end an exchange for the others when one gives up waiting', async () => {
    const standIn = await standInFor();
    const { refreshToken } = await grantOf(standIn);
    const client = clientOf(standIn, { app: { ...app, refreshToken: refreshToken ?? new Secret('') } });
    const caller = new AbortController();
    const reason = new Error('enough');
    const impatient = client.people.me({ signal: caller.signal });
    const patient = client.people.me();
    caller.abort(reason);
    await expect(impatient).rejects.toBe(reason);
    expect((await patient).id).toBe(ADA.personId);
  });

  it('may do what it was granted and no more', async () => {
    const standIn = await standInFor();
    const { accessToken } = await grantOf(standIn, ['spark:rooms_read']);
    const client = clientOf(standIn, { token: accessToken });
    expect(await collect(client.rooms.list())).toEqual([]);
    expect((await failureOf(client.rooms.create({ title: 'x' }))).code).toBe('forbidden');
    expect((await failureOf(collect(client.organizations.list()))).code).toBe('forbidden');
  });

  it('has a token endpoint that takes JSON as well as forms', async () => {
    const standIn = await standInFor();
    const { refreshToken } = await grantOf(standIn);
    const response = await fetch(`${standIn.url}/access_token/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        grant_type: 'refresh_token',
        refresh_token: refreshToken?.reveal(),
        client_id: APP.clientId,
        client_secret: APP.clientSecret,
      }),
    });
    expect(await response.json()).toMatchObject({
      expires_in: 1_209_600,
      refresh_token: refreshToken?.reveal(),
    });
  });
});

describe('a service app', () => {
  it('gets its first tokens for an organization, and goes on by refreshing', async () => {
    const standIn = await standInFor();
    const admin = clientOf(standIn, { token: new Secret('ada-token') });
    const [organization] = await collect(admin.organizations.list());
    const targetOrgId = organization?.id ?? '';
    const grant = await admin.access.grantServiceApp({
      applicationId: APP.applicationId,
      ...app,
      targetOrgId,
    });
    const client = clientOf(standIn, { app: { ...app, refreshToken: grant.refreshToken ?? new Secret('') } });
    expect((await client.people.me()).id).toBe(ADA.personId);
    expect(await client.access.tokenExpiry()).toBeGreaterThan(Date.now() + 13 * 24 * HOUR_MS);
    const guest = await client.access.createGuest({ subject: 'visitor-1', displayName: 'Visitor' });
    expect(await client.access.countGuests()).toBe(1);
    expect(await clientOf(standIn, { token: guest.accessToken }).people.me()).toMatchObject({
      displayName: 'Visitor',
      type: 'appuser',
    });
    expect(JSON.stringify(guest)).not.toContain(guest.accessToken.reveal());
  });
});

describe('a guest of a guest issuer', () => {
  const secret = Buffer.from('issuer secret').toString('base64');
  const guest = { issuerId: 'issuer-1', secret: new Secret(secret), subject: 'roomd', displayName: 'roomd' };

  it('logs in by a JWT and asks with what that is exchanged for', async () => {
    const standIn = await standInFor({ guestIssuers: [{ issuerId: 'issuer-1', secret }] });
    const clock = new WallClock(Date.now());
    const client = clientOf(standIn, { guest }, { clock });
    expect(await client.people.me()).toMatchObject({ displayName: 'roomd', type: 'appuser' });
    await client.people.me();
    clock.setWall(clock.now() + 6 * HOUR_MS);
    await client.people.me();
    expect(standIn.requests().map(({ path }) => path)).toEqual([
      '/v1/jwt/login',
      '/v1/people/me',
      '/v1/people/me',
      '/v1/jwt/login',
      '/v1/people/me',
    ]);
    const jwt = clientOf(standIn, { token: guestJwt(guest, Date.now()) });
    expect((await failureOf(jwt.people.me())).code).toBe('unauthorized');
  });

  it('is told when the issuer or its secret is another', async () => {
    const standIn = await standInFor({ guestIssuers: [{ issuerId: 'issuer-1', secret }] });
    for (const wrong of [{ secret: new Secret('b3RoZXI=') }, { issuerId: 'issuer-2' }]) {
      const client = clientOf(standIn, { guest: { ...guest, ...wrong } });
      expect((await failureOf(client.people.me())).code).toBe('grant-ended');
    }
  });
});

describe('a sealed store', () => {
  const key = new Secret('a key from a credential');
  const grant = {
    accessToken: new Secret('access-1'),
    accessEndsAt: 1000,
    refreshToken: new Secret('refresh-1'),
    refreshEndsAt: null,
  };

  it('gives back what it was given, and shows none of it', async () => {
    const place = cell();
    const store = sealedGrantStore(place, { key, name: 'webex' });
    expect(await store.load({})).toBeNull();
    await store.save(grant, {});
    expect(place.state.text).not.toMatch(/access|refresh/);
    const kept = await store.load({});
    expect([kept?.accessToken.reveal(), kept?.refreshToken?.reveal()]).toEqual(['access-1', 'refresh-1']);
    expect(kept).toMatchObject({ accessEndsAt: 1000, refreshEndsAt: null });
    await store.save({ ...grant, refreshToken: null }, {});
    expect((await store.load({}))?.refreshToken).toBeNull();
  });

  it('holds nothing for another key, under another name, or once altered', async () => {
    const place = cell();
    await sealedGrantStore(place, { key, name: 'webex' }).save(grant, {});
    expect(await sealedGrantStore(place, { key: new Secret('other'), name: 'webex' }).load({})).toBeNull();
    expect(await sealedGrantStore(place, { key, name: 'meetings' }).load({})).toBeNull();
    place.state.text = `${place.state.text?.slice(0, -2) ?? ''}AA`;
    expect(await sealedGrantStore(place, { key, name: 'webex' }).load({})).toBeNull();
  });

  it('seals the same text differently each time', async () => {
    const [one, two] = [await seal('x', key, 'c'), await seal('x', key, 'c')];
    expect(one).not.toBe(two);
    expect(await unseal(one, key, 'c')).toBe('x');
    for (const broken of ['', 'v1.', 'v2.AAAA', one.replace('v1.', 'v0.')])
      await expect(unseal(broken, key, 'c')).rejects.toMatchObject({ code: 'seal-broken' });
  });
});

function cell() {
  const state = { text: null as string | null };
  return { state, read: async () => state.text, write: async (text: string) => void (state.text = text) };
}
