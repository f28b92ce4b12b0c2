import { appendEvents } from '../../storage/events.ts';
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
    [
      {
        deviceId: null,
        kind: 'deed',
        path: null,
        payload: { actor, verb },
        source: 'roomd',
        receivedAt: at,
        deviceAt: null,
      },
    ],
    [database.query.insertInto('deed').values({ at, actor, verb, what })],
  );
}
