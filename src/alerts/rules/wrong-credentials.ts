import type { DeviceFacts, FleetFacts } from '../facts.ts';

export const CREDENTIALS_WRONG = 'credentials-wrong';

/** From so many devices on one message tells of a password rather than of devices. */
const LEAST = 2;

/** A password that several devices refuse and none accepts. */
export interface WrongCredential {
  readonly name: string;
  readonly refusing: readonly DeviceFacts[];
}

export function wrongCredentials(devices: readonly DeviceFacts[]): WrongCredential[] {
  return [...byCredential(devices)].flatMap(([name, users]) => {
    const refusing = users.filter(({ session }) => session?.state === 'refused');
    return refusing.length < LEAST || users.some(accepts) ? [] : [{ name, refusing }];
  });
}

/** Of which nothing can be said, as devices that were not asked yet may refuse as well. */
export function unknownCredentials({ devices }: FleetFacts): Set<string> {
  const unknown = [...byCredential(devices)].filter(
    ([, users]) =>
      !users.some(accepts) && users.some(({ session }) => session === null || session.state === 'waiting'),
  );
  return new Set(unknown.map(([name]) => name));
}

function accepts({ session }: DeviceFacts): boolean {
  return session?.state === 'up' || session?.state === 'up-https';
}

function byCredential(devices: readonly DeviceFacts[]): Map<string, DeviceFacts[]> {
  const users = new Map<string, DeviceFacts[]>();
  for (const device of devices)
    users.set(device.credential, [...(users.get(device.credential) ?? []), device]);
  return users;
}
