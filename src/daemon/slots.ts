import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DeviceView } from '../actions/ports.ts';
import type { Receiver } from '../feedback/receiver.ts';
import type { Recorder } from '../feedback/recorder.ts';
import { slotResource } from '../feedback/slot-resource.ts';
import { ensureSlotTokens, randomToken } from '../feedback/slot-token.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { AnyResource } from '../fleet/resource.ts';
import type { Clock } from '../lib/clock.ts';
import type { Device } from '../xapi/device.ts';
import type { Engine } from './engine.ts';

/** The tokens, URLs and health of the devices' feedback slots, bound together. */
export class SlotDesk {
  readonly #engine: Engine;
  readonly #clock: Clock;
  /** Device id → our slot there when it was last looked at; null: none. */
  readonly #numbers = new Map<number, number | null>();
  #tokens: ReadonlyMap<number, string> = new Map();
  #publicUrl: string | null = null;
  #resources: readonly AnyResource[] = [];
  #certificate: X509Certificate | null = null;

  constructor({ engine, clock }: { engine: Engine; clock: Clock }) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Takes a fleet over: every device has its token, the receiver the book of them, the reconciler the slots to keep. */
  async adopt(
    fleet: Fleet,
    { receiver, recorder }: { receiver: Receiver; recorder: Recorder },
  ): Promise<void> {
    const { publicUrl, tls } = fleet.daemon.feedback;
    const ids = fleet.devices.flatMap(({ name }) => this.#engine.devices.row(name)?.id ?? []);
    this.#tokens = await ensureSlotTokens(this.#engine.database, ids, {
      clock: this.#clock,
      newToken: randomToken,
    });
    this.#publicUrl = publicUrl;
    receiver.reload([...this.#tokens].map(([deviceId, token]) => ({ deviceId, token })));
    this.#certificate = tls === null ? null : new X509Certificate(await readFile(tls.certFile));
    const certificate = this.#certificate;
    const resource = slotResource({
      urlFor: (device) => this.#urlFor(device),
      isSelfSigned: certificate?.checkIssued(certificate) ?? false,
      onSeen: (device, isHealthy, slot) => {
        this.#numbers.set(device.address.id, slot);
        recorder.slotSeen(device.address.id, isHealthy);
      },
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

  /** `isHealthy` is what the recorder believes: it takes trust away from a slot that nothing confirms any more. */
  view(
    deviceId: number | null,
    {
      mode,
      expressions,
      isHealthy,
    }: { mode: 'observe' | 'enforce'; expressions: number; isHealthy: boolean },
  ): DeviceView['slot'] {
    if (expressions === 0) return { state: 'off', number: null, reason: 'the file names no expressions' };
    if (mode === 'observe')
      return { state: 'off', number: null, reason: 'mode observe: slots are not registered' };
    if (this.#publicUrl === null)
      return { state: 'off', number: null, reason: 'daemon.feedback.publicUrl is not set' };
    const number = deviceId === null ? undefined : this.#numbers.get(deviceId);
    if (number === undefined) return { state: 'none', number: null, reason: 'not looked at yet' };
    return isHealthy
      ? { state: 'ok', number, reason: null }
      : {
          state: 'failed',
          number,
          reason: 'the webhook is not healthy; the session carries the facts',
        };
  }

  #urlFor({ address }: Device): string | null {
    const token = this.#tokens.get(address.id);
    return this.#publicUrl === null || token === undefined ? null : `${this.#publicUrl}/feedback/${token}`;
  }
}

/** How a device's slot stands, as operators see it. */
export function slotView(
  { feedback }: DesiredDevice,
  deviceId: number | null,
  { slots, recorder, mode }: { slots: SlotDesk; recorder: Recorder; mode: 'observe' | 'enforce' },
): DeviceView['slot'] {
  return slots.view(deviceId, {
    mode,
    expressions: feedback.expressions.length,
    isHealthy: deviceId !== null && recorder.track(deviceId)?.slot.isHealthy === true,
  });
}
