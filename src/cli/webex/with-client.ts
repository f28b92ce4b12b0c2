import { webexClientOf } from '../../daemon/systems/webex-client.ts';
import { appOf, KeptGrants } from '../../daemon/systems/webex-grants.ts';
import type { WebexApp, WebexSection } from '../../fleet/systems/systems-section.ts';
import type { WebexClient } from '../../integrations/webex-messaging/client.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import { openDatabase } from '../../storage/open-database.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { webexSection } from './section.ts';

/** Hands a client for `systems.webex` of the fleet file to `work`, and ends it. */
export async function withWebexClient<Result>(
  options: GlobalOptions,
  context: CliContext,
  work: (client: WebexClient, section: WebexSection) => Promise<Result>,
): Promise<Result> {
  const { section, databaseFile } = await webexSection(options, context);
  const app = appOf(section.credential);
  const use = async (store?: KeptGrants): Promise<Result> => {
    const client = await webexClientOf(section, { ...context, store });
    try {
      return await work(client, section);
    } finally {
      await client.close();
    }
  };
  return app === null ? use() : withGrants(app, databaseFile, context, use);
}

/** What was granted last lies in the database, also beside a daemon: a refresh token may be used up by now. */
export async function withGrants<Result>(
  app: WebexApp,
  databaseFile: string,
  { clock, terminal, signal }: CliContext,
  work: (grants: KeptGrants) => Promise<Result>,
): Promise<Result> {
  const logger: Logger = {
    ...silentLogger,
    error: (facts, message) => terminal.err(`${message} ${JSON.stringify(facts)}`),
  };
  const database = await openDatabase({ path: databaseFile, readers: 1, clock, logger }, signal);
  const grants = new KeptGrants(app, { database, clock, logger });
  try {
    return await work(grants);
  } finally {
    await grants.close();
    await database.close();
  }
}
