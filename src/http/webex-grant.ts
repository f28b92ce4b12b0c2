import type { RequestHandler } from 'express';
import { messageOf } from '../lib/errors.ts';
import type { ApiModules } from './context.ts';

/**
 * Where the browser comes back to that granted the integration of
 * `systems.webex`, also below a path that a proxy keeps. Without a token: the
 * state in the query, which is good once, says that the daemon asked for it.
 */
export function takeGrant({ ports, logger, signal }: ApiModules): RequestHandler {
  return async ({ query }, response) => {
    const say = (status: number, text: string): void => {
      response.status(status).type('text/plain').send(`${text}\n`);
    };
    const { state, code } = query;
    if (ports.webexGrants === undefined || typeof state !== 'string' || typeof code !== 'string') {
      say(400, 'This is where Webex comes back to after a grant; it brought no code.');
      return;
    }
    try {
      const who = await ports.webexGrants.complete({ state, code }, { signal });
      if (who === null)
        say(403, 'Nobody asked for this grant, or too long ago: roomd webex authorize begins anew.');
      else say(200, `Granted: ${who}. You may close this page.`);
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'A grant of Webex was not taken');
      say(502, 'Webex did not take the code; the log of roomd says why. roomd webex authorize begins anew.');
    }
  };
}
