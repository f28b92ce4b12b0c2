import { z } from 'zod';
import type { Change } from '../fleet/change.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { mostExpressions, tooManyExpressions } from '../fleet/most-expressions.ts';
import type { Resource, ResourceDiff } from '../fleet/resource.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { RoomdError } from '../lib/errors.ts';
import { Secret } from '../lib/secret.ts';
import type { CommandArguments, Device, SettingAnswer } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';
import {
  decideSlots,
  healthyExpressions,
  type PartDecision,
  type Slot,
  type SlotWish,
  slotsFrom,
} from './slots.ts';

export const SLOT_KIND = 'feedback-slot';

export interface SlotResourceOptions {
  /** The URL that a device is to post to, its token included, and the one before it where that is accepted still; null where no public URL is set. */
  readonly urlFor: (device: Device) => SlotUrls | null;
  /** Whether the receiver's certificate is one that no authority vouches for. */
  readonly isSelfSigned: boolean;
  /** Told at each look at a device's slots. */
  readonly onSeen?: (device: Device, seen: SeenSlots) => void;
}

export type SlotUrls = Pick<SlotWish, 'url' | 'oldUrl'>;

export interface SeenSlots {
  readonly slots: readonly Slot[];
  /** Those on whose webhook one can rely. */
  readonly healthy: readonly string[];
  /** All that the file wants are among them. */
  readonly isHealthy: boolean;
  /** A slot with the newest URL is as wished and delivers. */
  readonly isProven: boolean;
}

/** What a device's slots are, and the URL that ours should have. */
export interface ObservedSlots {
  readonly urls: SlotUrls | null;
  readonly slots: readonly Slot[];
  /** How many expressions a slot of this device takes. */
  readonly most: number;
  /** Whether the device refuses a self-signed certificate; null where it does not matter. */
  readonly verifiesTls: boolean | null;
}

/** What is to be done to one slot; travels in `Change.wanted`, as a secret because the URL holds the token. */
const SlotOrder = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('register'),
    slot: z.number(),
    url: z.string(),
    format: z.enum(['XML', 'JSON']),
    expressions: z.array(z.string()),
  }),
  z.object({ action: z.literal('enable'), slot: z.number() }),
  z.object({ action: z.literal('deregister'), slot: z.number() }),
]);
type SlotOrder = z.infer<typeof SlotOrder>;

/** The feedback slot as a thing that the file wants on each device that has expressions. */
export function slotResource({ urlFor, isSelfSigned, onSeen }: SlotResourceOptions): Resource<ObservedSlots> {
  return {
    kind: SLOT_KIND,
    async observe(device, desired, identity, options) {
      const urls = urlFor(device);
      const slots = slotsFrom(await device.readStatus('HttpFeedback', options));
      const seen = seenSlots(slots, desired, urls);
      onSeen?.(device, seen);
      const mayFail = urls?.url.startsWith('https:') === true && isSelfSigned && !seen.isHealthy;
      return {
        urls,
        slots,
        most: mostExpressions(identity.software),
        verifiesTls: mayFail ? await verifiesTls(device, desired, options) : null,
      };
    },
    diff: diffSlots,
    async apply(device, changes, options) {
      const answers: SettingAnswer[] = [];
      for (const change of changes) answers.push(await carryOutSlotOrder(device, change, options));
      return answers;
    },
  };
}

/** What a look at a device's slots says. */
export function seenSlots(
  slots: readonly Slot[],
  { feedback }: Pick<DesiredDevice, 'feedback'>,
  urls: SlotUrls | null,
): SeenSlots {
  if (urls === null) return { slots, healthy: [], isHealthy: false, isProven: false };
  const healthy = healthyExpressions(slots, { ...feedback, ...urls });
  const { parts } = decideSlots(slots, { ...feedback, ...urls });
  return {
    slots,
    healthy,
    isHealthy: healthy.length > 0 && healthy.length === feedback.expressions.length,
    isProven: parts.length > 0 && parts.every(({ action }) => action === 'keep'),
  };
}

async function verifiesTls(device: Device, desired: DesiredDevice, options: AbortOptions): Promise<boolean> {
  if (desired.configuration.get(TLS_VERIFY)?.value === 'Off') return false;
  const document = await device.readConfiguration(options);
  return document.find(TLS_VERIFY)?.value === 'On';
}

const TLS_VERIFY = 'HttpFeedback.TlsVerify';

function diffSlots({ feedback }: DesiredDevice, observed: ObservedSlots): ResourceDiff {
  const { urls, slots, most, verifiesTls } = observed;
  const nothing = { changes: [], untouched: 0, problems: [], hints: [] };
  if (feedback.expressions.length === 0) return nothing;
  if (urls === null) return { ...nothing, hints: [NO_PUBLIC_URL] };
  const tooMany = tooManyExpressions(feedback, most);
  if (tooMany !== null) return { ...nothing, problems: [{ path: 'HttpFeedback', message: tooMany }] };
  const wish = { ...feedback, ...urls };
  const { parts, extra } = decideSlots(slots, wish);
  const changes = parts.flatMap((part) => partChange(part, wish, slots));
  const givenBack = extra.map((slot) =>
    slotChange({ action: 'deregister', slot }, 'registered', 'given back'),
  );
  const problems = parts.flatMap((part) =>
    part.action === 'none-free' ? [{ path: 'HttpFeedback', message: part.why }] : [],
  );
  return {
    changes: [...changes, ...givenBack],
    untouched: parts.filter(({ action }) => action === 'keep').length,
    problems,
    hints: changes.length > 0 && verifiesTls === true ? [TLS_VERIFIED] : [],
  };
}

const NO_PUBLIC_URL =
  'feedback slots cannot be registered: write daemon.feedback.publicUrl, the address under which devices reach roomd';

const TLS_VERIFIED =
  "the device verifies certificates (HttpFeedback.TlsVerify is On) and the receiver's is self-signed, so posts will fail: " +
  'give daemon.feedback.tls a certificate the device trusts, or write HttpFeedback.TlsVerify: Off';

function partChange(part: PartDecision, { url, format }: SlotWish, slots: readonly Slot[]): Change[] {
  if (part.action === 'keep' || part.action === 'none-free') return [];
  const { slot, expressions } = part;
  if (part.action === 'enable') return [slotChange({ action: 'enable', slot }, 'Failed', 'enabled')];
  const present = slots.find(({ number }) => number === slot);
  const shownUrl = `${url.slice(0, url.lastIndexOf('/') + 1)}[secret]`;
  return [
    slotChange(
      { action: 'register', slot, url, format, expressions: [...expressions] },
      present === undefined ? null : `registered, but ${part.why}`,
      `${format} to ${shownUrl} for ${expressions.join(' ')}`,
    ),
  ];
}

export function slotChange(order: SlotOrder, from: string | null, to: string): Change {
  return {
    kind: SLOT_KIND,
    path: `HttpFeedback[${order.slot}]`,
    from,
    to,
    wanted: new Secret(JSON.stringify(order)),
    unreadable: false,
    noticeable: false,
  };
}

/** A refusal by the device is its word on this change; that it cannot be reached is everyone's affair. */
export async function carryOutSlotOrder(
  device: Device,
  change: Change,
  options: AbortOptions,
): Promise<SettingAnswer> {
  const { path } = change;
  const order = orderOf(change);
  try {
    await device.command(`HttpFeedback.${COMMANDS[order.action]}`, argumentsOf(order), options);
    return { path, outcome: 'accepted' };
  } catch (error) {
    if (!(error instanceof XapiError) || !REFUSALS.has(error.code)) throw error;
    return { path, outcome: 'refused', reason: error.message };
  }
}

const COMMANDS = { register: 'Register', enable: 'Enable', deregister: 'Deregister' } as const;

const REFUSALS: ReadonlySet<string> = new Set([
  'unknown-path',
  'bad-value',
  'permission',
  'command-failed',
  'rejected',
]);

function argumentsOf(order: SlotOrder): CommandArguments {
  if (order.action !== 'register') return { FeedbackSlot: order.slot };
  return {
    FeedbackSlot: order.slot,
    ServerUrl: order.url,
    Format: order.format,
    Expression: order.expressions,
  };
}

function orderOf({ path, wanted }: Change): SlotOrder {
  const read = SlotOrder.safeParse(wanted instanceof Secret ? JSON.parse(wanted.reveal()) : null);
  if (read.success) return read.data;
  throw new RoomdError('slot-order-invalid', `the change of ${path} is no order to a feedback slot`);
}
