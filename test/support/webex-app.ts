import { onTestFinished } from 'vitest';
import {
  startWebexStandIn,
  type WebexStandIn,
  type WebexStandInOptions,
} from '../../src/simulator/cloud/webex.ts';

const ADA = { personId: 'ada', email: 'ada@example.com', displayName: 'Ada', type: 'person' } as const;
const BOB = { personId: 'bob', email: 'bob@example.com', displayName: 'Bob', type: 'person' } as const;
const BOT = { personId: 'bot', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' } as const;

const app = (clientId: string, actsAs: string) => ({
  clientId,
  clientSecret: `${clientId}-secret`,
  redirectUri: 'https://roomd.example.com/webex/granted',
  actsAs,
});

/** Integrations that act for ada and for bob. */
export const APPS = { C1: app('C1', ADA.email), C2: app('C2', BOB.email) } as const;

/** A stand-in whose refresh tokens are good once; it ends with the test. */
export async function appStandIn(options: Partial<WebexStandInOptions> = {}): Promise<WebexStandIn> {
  const standIn = await startWebexStandIn({
    tokens: { 'ada-token': ADA, 'bob-token': BOB, 'bot-token': BOT },
    rooms: [{ id: 'ops', title: 'Operations' }],
    apps: Object.values(APPS),
    rotatesRefreshTokens: true,
    ...options,
  });
  onTestFinished(() => standIn.stop());
  return standIn;
}

/** What a person's browser and an integration do by hand; the refresh token that comes of it. */
export async function refreshTokenOf(standIn: WebexStandIn, client: keyof typeof APPS): Promise<string> {
  const { clientId, clientSecret, redirectUri } = APPS[client];
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
  });
  query.set('scope', 'spark:all');
  const granted = await fetch(`${standIn.url}/authorize?${query.toString()}`, { redirect: 'manual' });
  const code = new URL(granted.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const answer = await fetch(`${standIn.url}/access_token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uri: redirectUri,
      code,
    }),
  });
  return ((await answer.json()) as { refresh_token: string }).refresh_token;
}

/** The section `systems:` of a fleet file, for the secrets SECRET and REFRESH. */
export function appSystems({ url }: WebexStandIn, client: keyof typeof APPS): string {
  return `systems: { webex: { url: "${url}", timeout: 5s, integration: { clientId: ${client}, clientSecret: "\${env:SECRET}", refreshToken: "\${env:REFRESH}" } } }`;
}

/** What token requests were answered, oldest first. */
export function tokenAnswers(standIn: WebexStandIn): number[] {
  return standIn
    .requests()
    .filter(({ path }) => path === '/v1/access_token')
    .map(({ status }) => status);
}
