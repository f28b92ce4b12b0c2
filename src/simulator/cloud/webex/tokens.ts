import { neededText, ok, textOf, type WebexAnswer, type WebexCall, WebexRefusal } from './answer.ts';
import type { WebexPerson } from './state.ts';
import type { TokenBook, WebexApp } from './token-book.ts';

/** What may be asked without a token of the REST service. */
export interface OpenCall {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** What stands behind `Bearer `. */
  readonly bearer: string;
}

/** The answer to a path that gives tokens; null where the path is another (cloud facts 1.1). */
export function answerOpen(path: string, call: OpenCall, book: TokenBook): WebexAnswer | null {
  const route = `${call.method} ${path}`;
  if (route === 'GET authorize') return authorize(call.query, book);
  if (route === 'POST access_token') return accessToken(call.body, book);
  if (route === 'POST jwt/login') return ok(book.loginGuest(call.bearer));
  return null;
}

/**
 * A browser would show a login and a question; here the app's own person says
 * yes at once. What the service shows for a wrong app or address is a page:
 * 400 stands for it.
 */
function authorize(query: URLSearchParams, book: TokenBook): WebexAnswer {
  const app = book.app(({ clientId }) => clientId === query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (app === undefined || app.redirectUri !== redirectUri || query.get('response_type') !== 'code')
    throw new WebexRefusal(400, 'There is no such app, or the redirect URI is not its own.');
  const challenge = query.get('code_challenge');
  if (challenge !== null && query.get('code_challenge_method') !== 'S256')
    throw new WebexRefusal(400, 'code_challenge_method must be S256.');
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const back = new URL(redirectUri);
  back.searchParams.set('code', book.newCode(app, { redirectUri, scopes, challenge }));
  const state = query.get('state');
  if (state !== null) back.searchParams.set('state', state);
  return { status: 302, body: null, headers: { location: back.href } };
}

/** The status of a refusal is chosen: 401 for the app, 400 for what it brings. */
function accessToken(body: Readonly<Record<string, unknown>>, book: TokenBook): WebexAnswer {
  const app = appOf(
    book,
    (known) => known.clientId === textOf(body, 'client_id'),
    textOf(body, 'client_secret'),
  );
  switch (textOf(body, 'grant_type')) {
    case 'authorization_code':
      return ok(
        book.redeem(app, {
          code: neededText(body, 'code'),
          redirectUri: neededText(body, 'redirect_uri'),
          verifier: textOf(body, 'code_verifier'),
        }),
      );
    case 'refresh_token':
      return ok(book.refresh(app, neededText(body, 'refresh_token')));
    default:
      throw new WebexRefusal(400, 'grant_type is authorization_code or refresh_token.');
  }
}

function appOf(book: TokenBook, isMeant: (app: WebexApp) => boolean, secret: string | null): WebexApp {
  const app = book.app(isMeant);
  if (app === undefined || app.clientSecret !== secret)
    throw new WebexRefusal(401, 'The client id or secret is wrong.');
  return app;
}

/** /authorizations/tokenExpiry; a token that never ends is told as one that ends in a hundred years. */
export function answerExpiry(endsAt: number, now: number): WebexAnswer {
  return ok({ exp: Number.isFinite(endsAt) ? endsAt : now + 100 * 365 * 86_400_000 });
}

/** /guests/token and /guests/count, the latter as plain text (cloud facts 1.1). */
export function answerGuests(
  method: string,
  { id, body }: WebexCall<WebexPerson>,
  { book, count }: { book: TokenBook; count: number },
): WebexAnswer {
  if (method === 'POST' && id === 'token')
    return ok(book.newGuest(neededText(body, 'subject'), neededText(body, 'displayName')));
  if (method === 'GET' && id === 'count')
    return { status: 200, body: Buffer.from(String(count)), headers: { 'content-type': 'text/plain' } };
  throw new WebexRefusal(404, 'The requested resource could not be found.');
}

/** /applications/{applicationId}/token (cloud facts 1.1). */
export function answerApplications(
  method: string,
  call: WebexCall<WebexPerson>,
  book: TokenBook,
): WebexAnswer {
  if (method !== 'POST' || call.rest !== 'token')
    throw new WebexRefusal(404, 'The requested resource could not be found.');
  neededText(call.body, 'targetOrgId');
  const clientId = textOf(call.body, 'clientId');
  const isMeant = (app: WebexApp): boolean => app.applicationId === call.id && app.clientId === clientId;
  return ok(book.grantApp(appOf(book, isMeant, textOf(call.body, 'clientSecret'))));
}
