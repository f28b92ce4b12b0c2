import { appendEvents, ownEvent } from '../../storage/events.ts';
import type { Ports } from '../ports.ts';

/** Puts on record, for as long as the database lives, what somebody did. @param what the rest of a sentence that begins with who did it */
export async function recordDeed(
  ports: Ports,
  { actor, verb, what }: { readonly actor: string; readonly verb: string; readonly what: string },
): Promise<void> {
  const at = ports.now();
  const { database } = ports;
  await appendEvents(
    database,
    [ownEvent({ deviceId: null, kind: 'deed', payload: { actor, verb }, at })],
    [database.query.insertInto('deed').values({ at, actor, verb, what })],
  );
}
