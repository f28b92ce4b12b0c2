import type { LeafMap } from './device.ts';

/** The web sessions that a device has, of whomever, and how many it may have. */
export interface SessionCount {
  readonly total: number;
  /** Of the account that roomd logs in with. */
  readonly ofAccount: number;
  readonly mostInAll: number;
  readonly mostPerUser: number;
  /** How many more the account may open. */
  readonly free: number;
}

/**
 * Counts the answer of `Security Session List`, of which no capture tells the
 * shape: each node with an id is a session. `limits` are the settings below
 * `Security.Session`; what they do not tell is the vendor's default (schemas:
 * 20 in all up to 10, 30 later; 20 for each user).
 */
export function sessionCount(
  list: LeafMap,
  { limits, username, software }: { limits: LeafMap; username: string; software: string | null },
): SessionCount {
  const users = new Map<string, string>();
  for (const [path, value] of list) {
    const match = /^(.*?)\.?(SessionId|Id|UserName|User)$/.exec(path);
    if (match === null) continue;
    const [, node = '', name = ''] = match;
    const isUser = name === 'UserName' || name === 'User';
    if (isUser) users.set(node, value);
    else if (!users.has(node)) users.set(node, '');
  }
  const total = users.size;
  const ofAccount = [...users.values()].filter((user) => user === username).length;
  const mostInAll = limitIn(limits, 'MaxTotalSessions') ?? (majorOf(software) < 11 ? 20 : 30);
  const mostPerUser = limitIn(limits, 'MaxSessionsPerUser') ?? 20;
  const free = Math.max(0, Math.min(mostInAll - total, mostPerUser - ofAccount));
  return { total, ofAccount, mostInAll, mostPerUser, free };
}

function limitIn(limits: LeafMap, name: string): number | null {
  const limit = Number(limits.get(`Security.Session.${name}`) ?? Number.NaN);
  return Number.isInteger(limit) && limit > 0 ? limit : null;
}

function majorOf(software: string | null): number {
  return Number(/^(?:ce)?(\d+)/.exec(software ?? '')?.[1] ?? Number.POSITIVE_INFINITY);
}
