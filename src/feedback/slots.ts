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

/** What a device's slots should be; `url` ends in the device's token. */
export interface SlotWish extends DesiredFeedback {
  readonly url: string;
  /** An URL with the token before, which is accepted still; null where there is none. */
  readonly oldUrl?: string | null;
}

/** What is to be done so that one slot holds these expressions. */
export type PartDecision = { readonly expressions: readonly string[] } & (
  | { readonly action: 'keep'; readonly slot: number }
  | { readonly action: 'register'; readonly slot: number; readonly why: string }
  | { readonly action: 'enable'; readonly slot: number }
  | { readonly action: 'none-free'; readonly why: string }
);

export interface SlotDecision {
  /** One for each slot that is wished. */
  readonly parts: readonly PartDecision[];
  /** Further slots of ours, to be given back. */
  readonly extra: readonly number[];
}

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

/** What to do so that the slots are as wished. Slots of others are never touched, nor is slot 3. */
export function decideSlots(slots: readonly Slot[], wish: SlotWish): SlotDecision {
  const ours = slots.filter((slot) => slot.number !== 3 && isOurs(slot, wish));
  const parts = slotParts(wish);
  const places = placesOf(parts, { slots, ours, wish });
  const decided = parts.map((expressions, at) => decidePart(expressions, places[at] ?? NO_PLACE, ours, wish));
  // A slot of ours that cannot be moved to where the file wants it stays where it is.
  if (decided[0]?.action === 'none-free') return { parts: decided, extra: [] };
  const used = new Set(places);
  return { parts: decided, extra: ours.flatMap(({ number }) => (used.has(number) ? [] : [number])) };
}

/** The expressions that each slot is to hold: in the file's order, as evenly as can be. */
export function slotParts({
  expressions,
  slots = 1,
}: Pick<DesiredFeedback, 'expressions' | 'slots'>): string[][] {
  const size = Math.ceil(expressions.length / slots);
  const parts = Array.from({ length: slots }, (_, at) => expressions.slice(at * size, (at + 1) * size));
  return parts.filter((part) => part.length > 0);
}

/** The expressions on whose webhook one can rely: their slot is as wished, be it with the token before, and the device delivers to it. */
export function healthyExpressions(slots: readonly Slot[], wish: SlotWish): readonly string[] {
  const urls = new Set([wish.url, wish.oldUrl ?? wish.url]);
  const delivering = slots.filter(
    ({ number, url, status }) => number !== 3 && urls.has(url) && status.toLowerCase() !== 'failed',
  );
  return slotParts(wish)
    .filter((part) => delivering.some((slot) => contentDifference(slot, part, wish) === null))
    .flat();
}

/** By what a device's slots of ours are known. */
export interface OwnSlot {
  /** Null where the file sets none any more. */
  readonly publicUrl: string | null;
  /** Those that the device was given, the last and the one before. */
  readonly tokens: readonly string[];
}

/** One that roomd may use and nobody has; null where there is none. */
export function freeSlot(slots: readonly Slot[]): number | null {
  const taken = new Set(slots.map(({ number }) => number));
  return USABLE.find((number) => !taken.has(number)) ?? null;
}

/** Our slots on a device; 3 is never ours. */
export function ownSlots(slots: readonly Slot[], own: OwnSlot): Slot[] {
  return slots.filter((slot) => ownerOf(slot, own) === 'roomd');
}

/** Whose a slot is: this roomd's, another one's, that of TMS, or some other system's. */
export type SlotOwner = 'roomd' | 'another-roomd' | 'tms' | 'other';

export function ownerOf({ number, url }: Slot, { publicUrl, tokens }: OwnSlot): SlotOwner {
  if (number === 3) return 'tms';
  const isOwn =
    (publicUrl !== null && url.startsWith(`${publicUrl}/feedback/`)) ||
    tokens.some((token) => url.endsWith(`/${token}`));
  if (isOwn) return 'roomd';
  return /\/feedback\/[\w-]{43}$/.test(url) ? 'another-roomd' : 'other';
}

/** A URL may carry a secret in its path, so no more of it is shown. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'an address that cannot be read';
}

/**
 * Ours is a slot whose URL stands under our public URL, or ends in one of this
 * very device's tokens, as after the public URL changed.
 */
function isOurs(slot: Slot, { url, oldUrl = null }: SlotWish): boolean {
  const { publicUrl, token } = partsOf(url);
  return (
    ownSlots([slot], { publicUrl, tokens: [token, ...(oldUrl === null ? [] : [partsOf(oldUrl).token])] })
      .length > 0
  );
}

function partsOf(url: string): { publicUrl: string; token: string } {
  const end = url.lastIndexOf('/');
  return { publicUrl: url.slice(0, end).replace(/\/feedback$/, ''), token: url.slice(end + 1) };
}

const NO_PLACE =
  'every feedback slot that roomd may use (1, 2 and 4) belongs to another system; deregister one of them';

/** For each part the slot to use, or a sentence that says why there is none: first those that hold it already, then others of ours, then free ones. */
function placesOf(
  parts: readonly (readonly string[])[],
  { slots, ours, wish }: { slots: readonly Slot[]; ours: readonly Slot[]; wish: SlotWish },
): (number | string)[] {
  const places: (number | string | null)[] = parts.map((_, at) =>
    at === 0 && wish.slot !== null ? namedPlace(wish.slot, slots, ours) : null,
  );
  const take = (number: number | undefined, at: number): void => {
    if (number !== undefined && places[at] === null) places[at] = number;
  };
  const isUntaken = ({ number }: Slot): boolean => !places.includes(number);
  for (const [at, part] of parts.entries())
    take(ours.find((slot) => isUntaken(slot) && differenceOf(slot, part, wish) === null)?.number, at);
  for (const at of parts.keys()) take(ours.find(isUntaken)?.number, at);
  const held = new Set(slots.map(({ number }) => number));
  for (const at of parts.keys())
    take(
      USABLE.find((number) => !held.has(number) && !places.includes(number)),
      at,
    );
  return places.map((place) => place ?? NO_PLACE);
}

function namedPlace(number: number, slots: readonly Slot[], ours: readonly Slot[]): number | string {
  if (!USABLE.includes(number))
    return `roomd does not use feedback slot ${number}, which belongs to TMS; write 1, 2 or 4, or leave it out`;
  const holder = slots.find((slot) => slot.number === number);
  if (holder === undefined || ours.includes(holder)) return number;
  return `feedback slot ${number} belongs to another system, which posts to ${originOf(holder.url)}; write another slot, or leave it out`;
}

function decidePart(
  expressions: readonly string[],
  place: number | string,
  ours: readonly Slot[],
  wish: SlotWish,
): PartDecision {
  if (typeof place === 'string') return { action: 'none-free', why: place, expressions };
  const present = ours.find(({ number }) => number === place);
  if (present === undefined)
    return { action: 'register', slot: place, why: 'roomd has no slot there', expressions };
  const why = differenceOf(present, expressions, wish);
  if (why !== null) return { action: 'register', slot: place, why, expressions };
  if (present.status.toLowerCase() === 'failed') return { action: 'enable', slot: place, expressions };
  return { action: 'keep', slot: place, expressions };
}

/** How a slot of ours differs from the wish, for people; null where it does not. */
function differenceOf(slot: Slot, expressions: readonly string[], wish: SlotWish): string | null {
  if (slot.url === wish.oldUrl) return 'its token is being replaced';
  if (slot.url !== wish.url) return 'its URL is an old one';
  return contentDifference(slot, expressions, wish);
}

function contentDifference(
  slot: Slot,
  expressions: readonly string[],
  { format }: Pick<SlotWish, 'format'>,
): string | null {
  if (slot.format.toUpperCase() !== format) return `its format is ${slot.format}`;
  return normalized(slot.expressions) === normalized(expressions) ? null : 'its expressions are others';
}

function normalized(expressions: readonly string[]): string {
  const texts = expressions.map((text) => `/${text.toLowerCase().replaceAll(/^\/+|\/+$/g, '')}`);
  return [...new Set(texts)].toSorted().join('\n');
}
