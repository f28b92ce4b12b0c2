import type { DesiredFeedback } from '../fleet/fleet.ts';
import type { LeafMap } from '../xapi/device.ts';

/** One feedback slot as `xStatus HttpFeedback[n]` shows it; one that is absent there is free. */
export interface Slot {
  readonly number: number;
  readonly url: string;
  readonly format: string;
  readonly expressions: readonly string[];
  /** `OK` or `Failed`. */
  readonly status: string;
}

/** What a device's slot should be; `url` ends in the device's token. */
export interface SlotWish extends DesiredFeedback {
  readonly url: string;
}

export type SlotDecision = {
  /** Further slots of ours, to be given back. */
  readonly extra: readonly number[];
} & (
  | { readonly action: 'keep'; readonly slot: number }
  | { readonly action: 'register'; readonly slot: number; readonly why: string }
  | { readonly action: 'enable'; readonly slot: number }
  | { readonly action: 'none-free'; readonly why: string }
);

/** A device has four; 3 belongs to TMS (guides). */
const USABLE: readonly number[] = [1, 2, 4];

/** The slots in the leaves of `xStatus HttpFeedback` that are registered. */
export function slotsFrom(status: LeafMap): Slot[] {
  const slots: Slot[] = [];
  for (let number = 1; number <= 4; number += 1) {
    const at = `HttpFeedback[${number}]`;
    const url = status.get(`${at}.URL`) ?? '';
    if (url === '') continue;
    const expressions = [...status]
      .filter(([path, value]) => path.startsWith(`${at}.Expression`) && value !== '')
      .map(([, value]) => value);
    const format = status.get(`${at}.Format`) ?? 'XML';
    slots.push({ number, url, format, expressions, status: status.get(`${at}.Status`) ?? 'OK' });
  }
  return slots;
}

/** What to do so that exactly one slot is as wished. Slots of others are never touched, nor is slot 3. */
export function decideSlot(slots: readonly Slot[], wish: SlotWish): SlotDecision {
  const ours = slots.filter((slot) => slot.number !== 3 && isOurs(slot, wish.url));
  const chosen = chooseSlot(slots, ours, wish);
  if (typeof chosen === 'string') return { action: 'none-free', why: chosen, extra: [] };
  const extra = ours.filter(({ number }) => number !== chosen).map(({ number }) => number);
  const present = ours.find(({ number }) => number === chosen);
  if (present === undefined)
    return { action: 'register', slot: chosen, why: 'roomd has no slot there', extra };
  const why = differenceOf(present, wish);
  if (why !== null) return { action: 'register', slot: chosen, why, extra };
  if (present.status.toLowerCase() === 'failed') return { action: 'enable', slot: chosen, extra };
  return { action: 'keep', slot: chosen, extra };
}

/** Whether the webhook can be relied on: a slot is as wished and the device delivers to it. */
export function isSlotHealthy(slots: readonly Slot[], wish: SlotWish): boolean {
  return decideSlot(slots, wish).action === 'keep';
}

/** By what a device's slots of ours are known. */
export interface OwnSlot {
  /** Null where the file sets none any more. */
  readonly publicUrl: string | null;
  /** Null where the device was never given one. */
  readonly token: string | null;
}

/** One that roomd may use and nobody has; null where there is none. */
export function freeSlot(slots: readonly Slot[]): number | null {
  const taken = new Set(slots.map(({ number }) => number));
  return USABLE.find((number) => !taken.has(number)) ?? null;
}

/** Our slots on a device; 3 is never ours. */
export function ownSlots(slots: readonly Slot[], { publicUrl, token }: OwnSlot): Slot[] {
  return slots.filter(
    ({ number, url }) =>
      number !== 3 &&
      ((publicUrl !== null && url.startsWith(`${publicUrl}/feedback/`)) ||
        (token !== null && url.endsWith(`/${token}`))),
  );
}

/**
 * Ours is a slot whose URL stands under our public URL, or ends in this very
 * device's token, as after the public URL changed.
 */
function isOurs({ url }: Slot, ownUrl: string): boolean {
  const end = ownUrl.lastIndexOf('/') + 1;
  return url.startsWith(ownUrl.slice(0, end)) || url.endsWith(`/${ownUrl.slice(end)}`);
}

/** The slot to use, or a sentence that says why there is none. */
function chooseSlot(slots: readonly Slot[], ours: readonly Slot[], wish: SlotWish): number | string {
  if (wish.slot === null) {
    const own = ours.find((slot) => differenceOf(slot, wish) === null) ?? ours[0];
    return (
      own?.number ??
      freeSlot(slots) ??
      'every feedback slot that roomd may use (1, 2 and 4) belongs to another system; deregister one of them'
    );
  }
  if (!USABLE.includes(wish.slot))
    return `roomd does not use feedback slot ${wish.slot}, which belongs to TMS; write 1, 2 or 4, or leave it out`;
  const holder = slots.find(({ number }) => number === wish.slot);
  if (holder === undefined || ours.includes(holder)) return wish.slot;
  return `feedback slot ${wish.slot} belongs to another system, which posts to ${originOf(holder.url)}; write another slot, or leave it out`;
}

/** How a slot of ours differs from the wish, for people; null where it does not. */
function differenceOf(slot: Slot, wish: SlotWish): string | null {
  if (slot.url !== wish.url) return 'its URL is an old one';
  if (slot.format.toUpperCase() !== wish.format) return `its format is ${slot.format}`;
  return normalized(slot.expressions) === normalized(wish.expressions) ? null : 'its expressions are others';
}

function normalized(expressions: readonly string[]): string {
  const texts = expressions.map((text) => `/${text.toLowerCase().replaceAll(/^\/+|\/+$/g, '')}`);
  return [...new Set(texts)].toSorted().join('\n');
}

/** A foreign URL may carry another system's secret in its path. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'an address that cannot be read';
}
