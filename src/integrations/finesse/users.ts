import { childrenNamed, fields, readAnswer } from './document.ts';
import { type FinesseCallOptions, type FinesseLink, userPath } from './link.ts';
import { awaitOutcome, type Look } from './outcome.ts';
import { type FinesseUser, readUser } from './schema.ts';

/** A state that can be asked for besides signing in and out. */
export type AskedState = 'READY' | 'NOT_READY';

/** What became of a change of state: in force, or `pending` until the call under way ends. */
export interface StateChange {
  readonly user: FinesseUser;
  readonly pending: boolean;
}

export async function getUser(
  link: FinesseLink,
  userId: string,
  options: FinesseCallOptions,
): Promise<FinesseUser> {
  const path = userPath(userId);
  const { body } = await link.call({ method: 'GET', path }, options);
  return readUser(readAnswer(body, 'User', `GET ${path}`));
}

export async function listUsers(link: FinesseLink, options: FinesseCallOptions): Promise<FinesseUser[]> {
  const { body } = await link.call({ method: 'GET', path: '/Users' }, options);
  return childrenNamed(readAnswer(body, 'Users', 'GET /Users'), 'User').map(readUser);
}

export async function signIn(
  link: FinesseLink,
  user: { userId: string; extension: string },
  options: FinesseCallOptions,
): Promise<FinesseUser> {
  const { userId, extension } = user;
  const request = { state: 'LOGIN', extension };
  // Somebody who is signed in already keeps the state and moves to the extension.
  const { user: signedIn } = await change(link, userId, request, options, (now) =>
    now.state !== 'LOGOUT' && now.extension === extension ? 'reached' : null,
  );
  return signedIn;
}

export async function signOut(
  link: FinesseLink,
  user: { userId: string; reasonCodeId?: number },
  options: FinesseCallOptions,
): Promise<FinesseUser> {
  const request = { state: 'LOGOUT', reasonCodeId: user.reasonCodeId?.toString() };
  const { user: signedOut } = await change(link, user.userId, request, options, (now) =>
    now.state === 'LOGOUT' ? 'reached' : null,
  );
  return signedOut;
}

export function setState(
  link: FinesseLink,
  asked: { userId: string; state: AskedState; reasonCodeId?: number },
  options: FinesseCallOptions,
): Promise<StateChange> {
  const { userId, state, reasonCodeId } = asked;
  const request = { state, reasonCodeId: reasonCodeId?.toString() };
  return change(link, userId, request, options, (now) => {
    if (now.state === state) {
      return reasonCodeId === undefined || now.reasonCodeId === reasonCodeId ? 'reached' : null;
    }
    return now.pendingState === state ? 'pending' : null;
  });
}

async function change(
  link: FinesseLink,
  userId: string,
  request: Readonly<Record<string, string | undefined>>,
  options: FinesseCallOptions,
  judge: (now: FinesseUser) => 'reached' | 'pending' | null,
): Promise<StateChange> {
  const body = fields('User', request);
  await link.call({ method: 'PUT', path: userPath(userId), body }, options);
  const look = async (): Promise<Look<StateChange>> => {
    const user = await getUser(link, userId, options);
    const verdict = judge(user);
    if (verdict !== null) return { effect: { user, pending: verdict === 'pending' } };
    return { instead: `user ${userId} is ${user.state}${extensionOf(user)}` };
  };
  return awaitOutcome(link, `the state ${request['state']} for user ${userId}`, look, options);
}

function extensionOf({ extension }: FinesseUser): string {
  return extension === null ? '' : ` at extension ${extension}`;
}
