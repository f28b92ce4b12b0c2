import pLimit from 'p-limit';
import type { DeviceSlots, SlotPorts } from '../actions/ports/slots.ts';
import { readSlotTokens } from '../feedback/slot-token.ts';
import { type OwnSlot, originOf, ownerOf, type Slot, slotsFrom } from '../feedback/slots.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clock.ts';
import { XapiError } from '../xapi/errors.ts';
import type { Engine } from './engine.ts';
import type { SlotTokens } from './slot-tokens.ts';
import type { SlotDesk } from './slots.ts';

/** Devices that are asked at a time. */
const AT_ONCE = 16;

/** The slots as the verbs see them; without a desk no daemon runs, and every device is asked. */
export function slotPorts(
  engine: Engine,
  { clock, running = null }: { clock: Clock; running?: { slots: SlotDesk; tokens: SlotTokens } | null },
): Pick<SlotPorts, 'list'> {
  return {
    async list(devices, { fresh }, options) {
      const stored = running === null ? await readSlotTokens(engine.database) : null;
      const limit = pLimit(AT_ONCE);
      const look = async ({ name }: DesiredDevice): Promise<DeviceSlots> => {
        const device = engine.devices.get(name);
        if (device === null) return unseen(name, 'it is not reached from here');
        const { id } = device.address;
        const token = running?.tokens.of(id) ?? stored?.get(id) ?? null;
        const own = running?.slots.own(id) ?? {
          publicUrl: engine.fleet.daemon.feedback.publicUrl,
          tokens: token === null ? [] : [token.token],
        };
        const known = fresh ? null : (running?.slots.seen(id) ?? null);
        const isReached = running === null || ['up', 'up-https'].includes(device.session().state);
        if (known === null && !isReached && !fresh)
          return unseen(name, device.session().reason ?? 'it was not read yet');
        const seen = known ?? (await read(() => device.readStatus('HttpFeedback', options)));
        if (typeof seen === 'string') return unseen(name, seen);
        if (known === null) running?.slots.note(id, seen.slots);
        return {
          name,
          seenAt: seen.at,
          reason: null,
          slots: [1, 2, 3, 4].map((number) => showSlot(number, seen.slots, own)),
          lastPostAt: running?.slots.lastPostAt(id) ?? null,
          token:
            token === null
              ? null
              : { since: token.since, isOldAccepted: token.oldToken !== null, provenAt: token.provenAt },
        };
      };
      return Promise.all(devices.map((desired) => limit(() => look(desired))));
    },
  };

  async function read(ask: () => Promise<ReadonlyMap<string, string>>) {
    try {
      return { slots: slotsFrom(await ask()), at: clock.now() };
    } catch (error) {
      if (error instanceof XapiError) return error.message;
      throw error;
    }
  }
}

/** Replaces tokens where slots may be registered. */
export function rotateSlots(
  engine: Engine,
  { tokens, mode }: { tokens: SlotTokens; mode: () => 'observe' | 'enforce' },
): NonNullable<SlotPorts['rotate']> {
  return async (devices, actor) => {
    const rotated: { name: string; isBegun: boolean; reason: string | null }[] = [];
    for (const desired of devices) {
      const { name } = desired;
      const why = whyNot(desired, engine, mode());
      const id = engine.devices.row(name)?.id ?? null;
      const isBegun = why === null && id !== null && (await tokens.replace(id, actor));
      const reason = isBegun ? null : (why ?? 'its last change of token is not through yet');
      rotated.push({ name, isBegun, reason });
    }
    return rotated;
  };
}

export function whyNot(
  { name, feedback, protected: isProtected }: DesiredDevice,
  engine: Engine,
  mode: 'observe' | 'enforce',
): string | null {
  if (mode === 'observe') return 'mode observe: slots are not registered';
  if (engine.fleet.daemon.feedback.publicUrl === null) return 'daemon.feedback.publicUrl is not set';
  if (feedback.expressions.length === 0) return 'the file names no expressions for it';
  if (engine.devices.retired(name) !== null) return 'it is retired';
  return isProtected ? 'it is protected' : null;
}

function showSlot(number: number, slots: readonly Slot[], own: OwnSlot): DeviceSlots['slots'][number] {
  const slot = slots.find((one) => one.number === number);
  if (slot === undefined)
    return { number, owner: 'free', origin: null, status: null, format: null, expressions: [] };
  const { url, status, format, expressions } = slot;
  return { number, owner: ownerOf(slot, own), origin: originOf(url), status, format, expressions };
}

export function unseen(name: string, reason: string): DeviceSlots {
  return { name, seenAt: null, reason, slots: [], lastPostAt: null, token: null };
}
