import { z } from 'zod';
import type { Change } from '../fleet/change.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Resource, ResourceDiff } from '../fleet/resource.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { RoomdError, unreachable } from '../lib/errors.ts';
import { Secret } from '../lib/secret.ts';
import type { CommandArguments, Device, SettingAnswer } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';
import {
  decideSlot,
  isSlotHealthy,
  type Slot,
  type SlotDecision,
  type SlotWish,
  slotsFrom,
} from './slots.ts';

export const SLOT_KIND = 'feedback-slot';

export interface SlotResourceOptions {
  /** The URL that a device is to post to, its token included; null where no public URL is set. */
  readonly urlFor: (device: Device) => string | null;
  /** Whether the receiver's certificate is one that no authority vouches for. */
  readonly isSelfSigned: boolean;
  /** Told at each look at a device's slots whether the webhook can be relied on. */
  readonly onSeen?: (device: Device, isHealthy: boolean, slot: number | null) => void;
}

/** What a device's slots are, and the URL that ours should have. */
export interface ObservedSlots {
  readonly url: string | null;
  readonly slots: readonly Slot[];
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
    async observe(device, desired, _identity, options) {
      const url = urlFor(device);
      const slots = slotsFrom(await device.readStatus('HttpFeedback', options));
      const isHealthy = url !== null && isSlotHealthy(slots, wishOf(desired, url));
      onSeen?.(device, isHealthy, slots.find((slot) => slot.url === url)?.number ?? null);
      const mayFail = url?.startsWith('https:') === true && isSelfSigned && !isHealthy;
      return { url, slots, verifiesTls: mayFail ? await verifiesTls(device, desired, options) : null };
    },
    diff: diffSlots,
    async apply(device, changes, options) {
      const answers: SettingAnswer[] = [];
      for (const change of changes) answers.push(await carryOutSlotOrder(device, change, options));
      return answers;
    },
  };
}

function wishOf({ feedback }: DesiredDevice, url: string): SlotWish {
  return { ...feedback, url };
}

async function verifiesTls(device: Device, desired: DesiredDevice, options: AbortOptions): Promise<boolean> {
  if (desired.configuration.get(TLS_VERIFY)?.value === 'Off') return false;
  const document = await device.readConfiguration(options);
  return document.find(TLS_VERIFY)?.value === 'On';
}

const TLS_VERIFY = 'HttpFeedback.TlsVerify';

function diffSlots(desired: DesiredDevice, { url, slots, verifiesTls }: ObservedSlots): ResourceDiff {
  const nothing = { changes: [], untouched: 0, problems: [], hints: [] };
  if (desired.feedback.expressions.length === 0) return nothing;
  if (url === null) return { ...nothing, hints: [NO_PUBLIC_URL] };
  const wish = wishOf(desired, url);
  const decision = decideSlot(slots, wish);
  const extra = decision.extra.map((slot) =>
    slotChange({ action: 'deregister', slot }, 'registered', 'given back'),
  );
  const hints = verifiesTls === true ? [TLS_VERIFIED] : [];
  switch (decision.action) {
    case 'keep':
      return { ...nothing, changes: extra, untouched: 1 };
    case 'none-free':
      return { ...nothing, problems: [{ path: 'HttpFeedback', message: decision.why }] };
    case 'register':
    case 'enable':
      return { ...nothing, changes: [mainChange(decision, wish, slots), ...extra], hints };
    default:
      return unreachable(decision);
  }
}

const NO_PUBLIC_URL =
  'feedback slots cannot be registered: write daemon.feedback.publicUrl, the address under which devices reach roomd';

const TLS_VERIFIED =
  "the device verifies certificates (HttpFeedback.TlsVerify is On) and the receiver's is self-signed, so posts will fail: " +
  'give daemon.feedback.tls a certificate the device trusts, or write HttpFeedback.TlsVerify: Off';

function mainChange(
  decision: Extract<SlotDecision, { action: 'register' | 'enable' }>,
  { url, format, expressions }: SlotWish,
  slots: readonly Slot[],
): Change {
  const { slot } = decision;
  if (decision.action === 'enable') return slotChange({ action: 'enable', slot }, 'Failed', 'enabled');
  const present = slots.find(({ number }) => number === slot);
  const shownUrl = `${url.slice(0, url.lastIndexOf('/') + 1)}[secret]`;
  return slotChange(
    { action: 'register', slot, url, format, expressions: [...expressions] },
    present === undefined ? null : `registered, but ${decision.why}`,
    `${format} to ${shownUrl} for ${expressions.join(' ')}`,
  );
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
