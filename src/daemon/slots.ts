import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DeviceView } from '../actions/ports.ts';
import type { Recorder } from '../feedback/recorder.ts';
import { type SeenSlots, type SlotUrls, slotResource } from '../feedback/slot-resource.ts';
import { freeSlot, type OwnSlot, type Slot } from '../feedback/slots.ts';
import type { TrackedSlot } from '../feedback/track.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { AnyResource } from '../fleet/resource.ts';
import type { Clock } from '../lib/clock.ts';
import type { Device } from '../xapi/device.ts';
import type { Engine } from './engine.ts';
import type { SlotTokens } from './slot-tokens.ts';

/** A device's slots as they were read last. */
export interface SeenAt {
  readonly slots: readonly Slot[];
  /** UTC milliseconds. */
  readonly at: number;
}

/** The tokens, URLs and health of the devices' feedback slots, bound together. */
export class SlotDesk {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #tokens: SlotTokens;
  readonly #seen = new Map<number, SeenAt>();
  /** Device id → when a post of it was last taken. */
  readonly #posts = new Map<number, number>();
  #publicUrl: string | null = null;
  #resources: readonly AnyResource[] = [];
  #certificate: X509Certificate | null = null;

  constructor({ engine, clock, tokens }: { engine: Engine; clock: Clock; tokens: SlotTokens }) {
    this.#engine = engine;
    this.#clock = clock;
    this.#tokens = tokens;
  }

  /** Takes a fleet over: every device has its token, the receiver the book of them, the reconciler the slots to keep. */
  async adopt(fleet: Fleet, { recorder }: { recorder: Recorder }): Promise<void> {
    const { publicUrl, tls } = fleet.daemon.feedback;
    await this.#tokens.adopt(fleet.devices.flatMap(({ name }) => this.#engine.devices.row(name)?.id ?? []));
    this.#publicUrl = publicUrl;
    this.#certificate = tls === null ? null : new X509Certificate(await readFile(tls.certFile));
    const certificate = this.#certificate;
    const resource = slotResource({
      urlFor: (device) => this.#urlsFor(device),
      isSelfSigned: certificate?.checkIssued(certificate) ?? false,
      onSeen: (device, seen) => this.#onSeen(device, seen, recorder),
    });
    this.#resources = [resource];
  }

  /** The certificate by which devices know the receiver; null where they post without TLS. */
  certificate(): X509Certificate | null {
    return this.#certificate;
  }

  /** What the reconciler keeps besides configuration. */
  resources(): readonly AnyResource[] {
    return this.#resources;
  }

  /** A post was taken that came with this token. */
  posted(deviceId: number, token: string): void {
    this.#posts.set(deviceId, this.#clock.now());
    this.#tokens.posted(deviceId, token);
  }

  lastPostAt(deviceId: number): number | null {
    return this.#posts.get(deviceId) ?? null;
  }

  /** As they were read last; null before. */
  seen(deviceId: number): SeenAt | null {
    return this.#seen.get(deviceId) ?? null;
  }

  note(deviceId: number, slots: readonly Slot[]): void {
    this.#seen.set(deviceId, { slots, at: this.#clock.now() });
  }

  own(deviceId: number): OwnSlot {
    const token = this.#tokens.of(deviceId);
    return {
      publicUrl: this.#publicUrl,
      tokens: token === null ? [] : [token.token, ...(token.oldToken === null ? [] : [token.oldToken])],
    };
  }

  /** `slot` is what the recorder believes: it takes trust away from one whose posts do not come. */
  view(
    deviceId: number | null,
    {
      mode,
      desired: { feedback, protected: isProtected },
      slot,
    }: { mode: 'observe' | 'enforce'; desired: DesiredDevice; slot: TrackedSlot | null },
  ): DeviceView['slot'] {
    if (feedback.expressions.length === 0)
      return { state: 'off', number: null, reason: 'the file names no expressions' };
    if (mode === 'observe')
      return { state: 'off', number: null, reason: 'mode observe: slots are not registered' };
    if (this.#publicUrl === null)
      return { state: 'off', number: null, reason: 'daemon.feedback.publicUrl is not set' };
    // One that was registered before the device was protected is believed while it delivers.
    if (isProtected && slot?.isHealthy !== true)
      return { state: 'off', number: null, reason: 'it is protected: slots are not registered' };
    const seen = deviceId === null ? undefined : this.#seen.get(deviceId);
    if (deviceId === null || seen === undefined)
      return { state: 'none', number: null, reason: 'not looked at yet' };
    const { tokens } = this.own(deviceId);
    const number =
      seen.slots.find(({ url }) => tokens.some((token) => url.endsWith(`/${token}`)))?.number ?? null;
    if (slot?.isHealthy === true) return { state: 'ok', number, reason: null };
    return {
      state: 'failed',
      number,
      reason: `${whyFailed(slot, number, seen.slots)}; the session carries the facts`,
    };
  }

  #onSeen(device: Device, { slots, healthy, isProven }: SeenSlots, recorder: Recorder): void {
    const { id } = device.address;
    this.note(id, slots);
    if (isProven) this.#tokens.proven(id, 'look');
    const { tokens } = this.own(id);
    const hasFailed = slots.some(
      ({ url, status }) => status === 'Failed' && tokens.some((token) => url.endsWith(`/${token}`)),
    );
    recorder.slotSeen(id, healthy.length > 0, {
      carried: healthy,
      doubt: hasFailed ? 'the device gave up posting after many failures (slot Failed)' : null,
    });
  }

  #urlsFor({ address }: Device): SlotUrls | null {
    const known = this.#tokens.of(address.id);
    if (this.#publicUrl === null || known === null) return null;
    const urlOf = (token: string): string => `${this.#publicUrl}/feedback/${token}`;
    return { url: urlOf(known.token), oldUrl: known.oldToken === null ? null : urlOf(known.oldToken) };
  }
}

function whyFailed(slot: TrackedSlot | null, number: number | null, slots: readonly Slot[]): string {
  if (number === null)
    return freeSlot(slots) === null
      ? 'none of the slots 1, 2 and 4 is free, and roomd takes none from anybody'
      : 'the slot is not registered';
  if (slot?.doubt == null) return 'the webhook is not healthy';
  return slot.isSeenWell ? `${slot.doubt}; the slot is on, and no post came since` : slot.doubt;
}

/** How a device's slot stands, as operators see it. */
export function slotView(
  desired: DesiredDevice,
  deviceId: number | null,
  { slots, recorder, mode }: { slots: SlotDesk; recorder: Recorder; mode: 'observe' | 'enforce' },
): DeviceView['slot'] {
  return slots.view(deviceId, {
    mode,
    desired,
    slot: deviceId === null ? null : (recorder.track(deviceId)?.slot ?? null),
  });
}
