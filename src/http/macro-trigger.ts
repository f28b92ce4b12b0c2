import type { RequestHandler } from 'express';
import { z } from 'zod';
import { ActionError } from '../actions/action.ts';
import { AccessBook } from '../fleet/access/access-book.ts';
import { entryOfFile } from '../fleet/access/entry.ts';
import type { ApiModules } from './context.ts';
import { problem, sendProblem } from './problem.ts';

export const TriggerBody = z.strictObject({
  device: z.string().nullable().default(null),
  value: z.string().max(200).default(''),
});

/**
 * Sets off a macro whose `when` has an `http` trigger, for who holds the
 * trigger's own token; tokens of the API are of no use here, nor this one
 * there. Answers 202 once the runs are on record, and does not wait for them.
 */
export function setOffMacro({ ports }: ApiModules): RequestHandler<{ macro: string }> {
  let book = { hashes: '', tokens: new AccessBook([]) };
  return async (request, response) => {
    const { macro } = request.params;
    const hashes = ports.macros.triggerTokens(macro);
    // A macro that is not there and one with another token are answered alike.
    if (book.hashes !== hashes.join(' '))
      book = {
        hashes: hashes.join(' '),
        tokens: new AccessBook(
          hashes.map((hash) => entryOfFile({ name: macro, role: 'viewer', devices: null, hash })),
        ),
      };
    const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined || (await book.tokens.byToken(given)) === null) {
      response.setHeader('WWW-Authenticate', 'Bearer realm="roomd macro"');
      const detail = 'no macro of this name is set off by this token';
      sendProblem(response, problem(401, 'unauthenticated', detail));
      return;
    }
    const body = TriggerBody.safeParse(request.body ?? {});
    if (!body.success)
      throw new ActionError('bad-input', 'send {"device": NAME, "value": TEXT}; both may be left out');
    const { device, value } = body.data;
    response.status(202).json({ runs: await ports.macros.setOff(macro, { device, value }) });
  };
}
