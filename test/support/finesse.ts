import { onTestFinished } from 'vitest';
import {
  createFinesseClient,
  type FinesseClient,
  type FinesseClientOptions,
} from '../../src/integrations/finesse/client.ts';
import { FinesseError } from '../../src/integrations/finesse/errors.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import {
  type FinesseStandIn,
  type FinesseStandInOptions,
  startFinesseStandIn,
} from '../../src/simulator/cloud/finesse.ts';

export const LUNCH = { id: '16', code: '10', label: 'Lunch', category: 'NOT_READY' } as const;

/** Two agents, one of them NOT_READY, a supervisor of both, and an administrator who is in no team. */
const MODEL: FinesseStandInOptions = {
  teams: [
    { id: '500', name: 'Facilities' },
    { id: '501', name: 'Night' },
  ],
  reasonCodes: [LUNCH],
  users: [
    { id: '2001', password: 'one', teamId: '500', state: 'NOT_READY', extension: '5001', reasonCodeId: '16' },
    { id: '2002', password: 'two', teamId: '500', state: 'READY', extension: '5002' },
    { id: '2003', password: 'three', teamId: '500' },
    {
      id: '2050',
      password: 'super',
      teamId: '500',
      roles: ['Agent', 'Supervisor'],
      state: 'NOT_READY',
      extension: '5050',
    },
    { id: 'admin', password: 'admin', roles: ['Administrator'] },
  ],
};

/** A stand-in with those people, gone when the test ends. */
export async function finesse(options: Partial<FinesseStandInOptions> = {}): Promise<FinesseStandIn> {
  const standIn = await startFinesseStandIn({ ...MODEL, ...options });
  onTestFinished(standIn.stop);
  return standIn;
}

const PASSWORDS = new Map(MODEL.users.map(({ id, password }) => [id, password]));

/** For those who wait for an effect that does not come. */
export const IMPATIENT = { times: { outcomeMs: 300 } };

/** A client that logs in as one of them and looks often; closed when the test ends. */
export function clientOf(
  standIn: Pick<FinesseStandIn, 'url' | 'certificate'>,
  userId: string,
  options: Partial<FinesseClientOptions> = {},
): FinesseClient {
  const { url, certificate } = standIn;
  const { times, ...others } = options;
  const client = createFinesseClient(
    {
      baseUrl: url,
      login: { userId, password: new Secret(PASSWORDS.get(userId) ?? '') },
      ...(certificate === null ? {} : { tls: { mode: 'ca', ca: certificate } as const }),
      times: { gapMs: 0, lookMs: 10, outcomeMs: 5_000, deadlineMs: 5_000, ...times },
      ...others,
    },
    { clock: systemClock() },
  );
  onTestFinished(() => client.close());
  return client;
}

export async function failureOf(work: Promise<unknown>): Promise<FinesseError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof FinesseError) return thrown;
  throw new Error(`expected a FinesseError, met ${String(thrown)}`);
}
