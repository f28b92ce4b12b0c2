import { ActionError } from '../actions/action.ts';
import { type Finding, ok, skipped, type Verdict, wrong } from '../actions/doctor/check.ts';
import type { Ports } from '../actions/ports.ts';
import { carryOutSlotOrder, slotChange } from '../feedback/slot-resource.ts';
import { freeSlot, slotsFrom } from '../feedback/slots.ts';
import type { Change } from '../fleet/change.ts';
import type { Target } from '../fleet/plan.ts';
import { type AbortOptions, sleep, withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { NewId } from '../lib/random.ts';
import { readEvents } from '../storage/events.ts';
import type { Device } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';
import type { Engine } from './engine.ts';
import { urlOf } from './patient.ts';

const CHECK = 'round trip';
const WAIT_MS = 10_000;
const POLL_MS = 100;
const TAKE_AWAY_MS = 15_000;

/** A message between the programs on a device: listeners get it as an event, nobody in the room sees it (schema: Message Send). */
const COMMAND = 'Message.Send';
const EXPRESSION = '/Event/Message/Send';

/**
 * Has a device send a post: a slot beside ours, to the same URL, for one event
 * that roomd causes, taken away again. Should roomd be killed in between, the
 * daemon gives the extra slot back at its next look.
 */
export function roundTripPort(
  engine: Engine,
  parts: { clock: Clock; newId: NewId },
): NonNullable<Ports['roundTrip']> {
  return (name, { actor }, { signal }) =>
    engine.mutex.run(name, async (): Promise<Finding> => {
      const target = engine.devices.target(name);
      if (target === null) throw new ActionError('not-found', `no device is called "${name}"`);
      const forbidden = engine.holds.over(target.desired);
      if (forbidden !== null) return { check: CHECK, ...skipped(`nothing was sent: ${forbidden}`) };
      try {
        return { check: CHECK, ...(await travel(engine, target, { ...parts, actor, signal })) };
      } catch (error) {
        if (!(error instanceof XapiError)) throw error;
        return { check: CHECK, ...wrong(error.message, `roomd doctor ${name} says what is wrong with it`) };
      }
    });
}

interface Travel extends AbortOptions {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly actor: string;
}

async function travel(engine: Engine, { desired, device }: Target, how: Travel): Promise<Verdict> {
  const { signal, newId } = how;
  const url = await urlOf(engine, device.address.id);
  if (url === null)
    return skipped('daemon.feedback.publicUrl is not set, so no device posts', 'write it to have posts');
  const slot = freeSlot(slotsFrom(await device.readStatus('HttpFeedback', { signal })));
  if (slot === null)
    return skipped('none of the slots 1, 2 and 4 is free, and roomd takes none from anybody for a test');
  const order = {
    action: 'register' as const,
    slot,
    url,
    format: desired.feedback.format,
    expressions: [EXPRESSION],
  };
  const refusal = await write(engine, device, slotChange(order, null, 'a test post'), how);
  if (refusal !== null)
    return wrong(`the device registers no slot: ${refusal}`, 'the account needs the role Admin for it');
  try {
    return await sendAndWait(engine, device, { ...how, url, text: `roomd round trip ${newId()}` });
  } finally {
    const back = slotChange({ action: 'deregister', slot }, 'a test post', 'given back');
    const what = 'taking the test slot away';
    await withDeadline({ what, afterMs: TAKE_AWAY_MS, clock: how.clock }, (inner) =>
      write(engine, device, back, { ...how, signal: inner }),
    ).catch((error: unknown) => {
      throw new ActionError(
        'conflict',
        `slot ${slot} of ${desired.name} was registered for the test and could not be given back (${messageOf(error)}): in mode enforce the daemon does so at its next look`,
      );
    });
  }
}

/** Intent on record first. @returns why the device refused, null where it did not */
async function write(
  engine: Engine,
  device: Device,
  change: Change,
  { actor, signal }: Pick<Travel, 'actor' | 'signal'>,
): Promise<string | null> {
  const ledger = engine.writes.ledger({
    deviceId: device.address.id,
    revisionId: null,
    actor: `doctor:${actor}`,
  });
  const ids = await ledger.intend([change]);
  try {
    const answer = await carryOutSlotOrder(device, change, { signal });
    const detail = answer.outcome === 'refused' ? answer.reason : null;
    await ledger.settle(ids, [{ change, outcome: answer.outcome, detail }]);
    return detail;
  } catch (error) {
    await ledger.settle(ids, [{ change, outcome: 'failed', detail: messageOf(error) }]);
    throw error;
  }
}

async function sendAndWait(
  engine: Engine,
  device: Device,
  { clock, signal, url, text }: Travel & { url: string; text: string },
): Promise<Verdict> {
  const { origin } = new URL(url);
  const afterSeq = await latestSeq(engine);
  const sentAt = clock.monotonic();
  await device.command(COMMAND, { Text: text }, { signal });
  while (clock.monotonic() - sentAt < WAIT_MS) {
    if (await hasCome(engine, { deviceId: device.address.id, afterSeq, text }))
      return ok(
        `a post to ${origin} came back within ${Math.ceil(clock.monotonic() - sentAt)} ms and is on record`,
      );
    await sleep(POLL_MS, clock, { signal });
  }
  return wrong(
    `the device posts to ${origin}, and nothing came within ${WAIT_MS / 1_000} s`,
    origin.startsWith('https:')
      ? 'see that the device reaches that address and trusts its certificate (HttpFeedback.TlsVerify), that no proxy stands between (HttpFeedback.UseHttpProxy), and that daemon.feedback.publicUrl leads to daemon.feedback.listen'
      : 'see that the device reaches that address, that no proxy stands between (HttpFeedback.UseHttpProxy), and that daemon.feedback.publicUrl leads to daemon.feedback.listen',
  );
}

async function latestSeq({ database }: Engine): Promise<number> {
  const [row] = await database.read(
    database.query.selectFrom('event').select(({ fn }) => fn.max('seq').as('seq')),
  );
  return row?.seq ?? 0;
}

async function hasCome(
  { database }: Engine,
  { deviceId, afterSeq, text }: { deviceId: number; afterSeq: number; text: string },
): Promise<boolean> {
  const events = await readEvents(database, { afterSeq, deviceId, kinds: ['event'], limit: 1_000 });
  return events.some(({ source, payload }) => source === 'webhook' && JSON.stringify(payload).includes(text));
}
