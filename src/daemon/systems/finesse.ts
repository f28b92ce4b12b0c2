import type { FinesseSection } from '../../fleet/systems/systems-section.ts';
import { trustOfSystem } from '../../fleet/systems/trust.ts';
import { createFinesseClient, type FinesseClient } from '../../integrations/finesse/client.ts';
import { FinesseError } from '../../integrations/finesse/errors.ts';
import type { FinesseLogin } from '../../integrations/finesse/login.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { presentSecret, type SystemKind } from './system.ts';

const IN_SERVICE = 'IN_SERVICE';

export function finesseKind(modules: {
  readonly clock: Clock;
  readonly logger: Logger;
}): SystemKind<FinesseSection, FinesseClient> {
  return {
    name: 'finesse',
    title: 'Finesse',
    sectionOf: ({ systems }) => systems.finesse,

    async make(section) {
      const { url, tls, proxy, timeoutMs } = section;
      return createFinesseClient(
        {
          baseUrl: url,
          login: loginOf(section),
          tls: await trustOfSystem(tls, 'systems.finesse'),
          times: { deadlineMs: timeoutMs },
          ...(proxy === null ? {} : { proxy }),
        },
        modules,
      );
    },

    renew: (client, section) => client.useLogin(loginOf(section)),

    async check(client, { url, username }, { signal }) {
      const { status, statusReason, deploymentType } = await client.systemInfo({ signal });
      if (status !== IN_SERVICE)
        throw new FinesseError(
          'out-of-service',
          `${url} says ${status}${statusReason === null ? '' : `: ${statusReason}`}`,
        );
      await tryLogin(client, username, { signal });
      return `${deploymentType ?? 'the node'} at ${url} is in service and takes the login of ${username}`;
    },
  };
}

/** SystemInfo may be told to anybody. An administrator is no user and is not found. */
async function tryLogin(client: FinesseClient, username: string, options: AbortOptions): Promise<void> {
  try {
    await client.user(username, options);
  } catch (error) {
    if (!(error instanceof FinesseError) || error.code !== 'not-found') throw error;
  }
}

function loginOf({ username: userId, login: { kind, secret } }: FinesseSection): FinesseLogin {
  const present = presentSecret(secret, `finesse.${kind}`);
  return kind === 'token' ? { userId, token: present } : { userId, password: present };
}
