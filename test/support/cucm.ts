import { afterEach } from 'vitest';
import {
  type CucmClient,
  type CucmClientOptions,
  createCucmClient,
} from '../../src/integrations/cucm/client.ts';
import { CucmError } from '../../src/integrations/cucm/errors.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import {
  type CucmStandIn,
  type CucmStandInOptions,
  startCucmStandIn,
} from '../../src/simulator/cloud/cucm.ts';
import { seedPhones } from '../../src/simulator/cloud/cucm-seed.ts';
import type { StandInPhone } from '../../src/simulator/cloud/cucm-state.ts';

export const CUCM_LOGIN = { username: 'roomd-axl', password: 'axl "secret" <1>' } as const;

/** A stand-in and clients of it, closed after each test. */
export function cucmWorld() {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  return {
    async standIn(options: Partial<CucmStandInOptions> = {}): Promise<CucmStandIn> {
      const phones = options.phones ?? seedPhones({ seed: 7, videoEndpoints: 20, phones: 5 });
      const standIn = await startCucmStandIn({ ...CUCM_LOGIN, ...options, phones });
      closing.push(standIn.stop);
      return standIn;
    },
    client(standIn: CucmStandIn, options: Partial<CucmClientOptions> = {}): CucmClient {
      const client = createCucmClient(
        {
          url: standIn.url,
          version: '14.0',
          username: CUCM_LOGIN.username,
          password: new Secret(CUCM_LOGIN.password),
          tls: { mode: 'ca', ca: standIn.certificate },
          deadlineMs: 5_000,
          ...options,
        },
        { clock: systemClock(), random: seededRandom(1) },
      );
      closing.unshift(() => client.close());
      return client;
    },
  };
}

/** The phone that the documented answers tell of. */
export const DOCUMENTED_PHONE: StandInPhone = {
  uuid: '{A0000000-0000-0000-0000-000000000001}',
  name: 'SEP001122334455',
  description: 'Boardroom',
  product: 'Cisco Webex Room Kit',
  model: 'Cisco Webex Room Kit',
  protocol: 'SIP',
  devicePoolName: 'Default',
  locationName: 'Hub_None',
  ipAddress: '10.1.2.3',
  status: 'Registered',
  load: 'ce11.9.2.4',
  dirNumber: '2001-Registered',
  node: 'cucm-pub',
  timeStamp: 1_700_000_000,
};

export async function cucmFailure(work: Promise<unknown>): Promise<CucmError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof CucmError) return thrown;
  throw new Error(`expected a CucmError, met ${String(thrown)}`);
}
