import pLimit from 'p-limit';
import { listedCertificates } from '../fleet/certificate-facts.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { Device } from '../xapi/device.ts';
import type { CertificateFacts, DeviceFacts } from './facts.ts';

export interface ProbeOptions {
  /** Every device that is heard is asked so often. */
  readonly everyMs: number;
  readonly atOnce: number;
}

type Probed = Pick<DeviceFacts, 'clockAheadMs' | 'certificates'>;

const UNPROBED: Probed = { clockAheadMs: null, certificates: null };

/** Asks devices what they do not tell by themselves: what time it is there, and which certificates they use. */
export class Probe {
  readonly #options: ProbeOptions;
  readonly #clock: Clock;
  readonly #devices: () => readonly Device[];
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #probed = new Map<number, Probed>();
  readonly #asking = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(options: ProbeOptions, { devices, clock }: { devices: () => readonly Device[]; clock: Clock }) {
    this.#options = options;
    this.#devices = devices;
    this.#clock = clock;
    this.#limit = pLimit(options.atOnce);
  }

  start(): void {
    this.#cancel = this.#clock.after(this.#options.everyMs, () => {
      for (const device of this.#devices()) this.ask(device);
      this.start();
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    this.#cancel();
    await Promise.all(this.#asking.values());
  }

  of(deviceId: number): Probed {
    return this.#probed.get(deviceId) ?? UNPROBED;
  }

  forget(deviceId: number): void {
    this.#probed.delete(deviceId);
  }

  /** Asks soon; a device that is not heard is left alone. */
  ask(device: Device): void {
    const { id } = device.address;
    if (this.#stopping.signal.aborted || this.#asking.has(id) || !isUp(device)) return;
    const asking = this.#limit(() => this.#ask(device)).finally(() => this.#asking.delete(id));
    this.#asking.set(id, asking);
  }

  async #ask(device: Device): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const clockAheadMs = await orNull(() => this.#clockAhead(device, { signal }));
    const certificates = await orNull(() => certificatesOf(device, { signal }));
    this.#probed.set(device.address.id, { clockAheadMs, certificates });
  }

  /** Null for a time without a zone, which may be anybody's. */
  async #clockAhead(device: Device, options: AbortOptions): Promise<number | null> {
    const sentAt = this.#clock.now();
    const text = (await device.readStatus('Time', options)).get('Time.SystemTime');
    if (text === undefined || !/(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return null;
    const told = Date.parse(text);
    const halfway = (sentAt + this.#clock.now()) / 2;
    return Number.isNaN(told) ? null : Math.round(told - halfway);
  }
}

/** The certificates that the device uses for something. */
async function certificatesOf(device: Device, options: AbortOptions): Promise<CertificateFacts[]> {
  const listed = listedCertificates(await device.command('Security.Certificates.Services.Show', {}, options));
  return listed.flatMap(({ subject, usedFor, expiresAt }) =>
    usedFor === '' || expiresAt === null
      ? []
      : [{ what: `The certificate ${subject} (${usedFor})`, expiresAt }],
  );
}

function isUp(device: Device): boolean {
  const { state } = device.session();
  return state === 'up' || state === 'up-https';
}

/** A device that does not say leaves the question open. */
async function orNull<Value>(ask: () => Promise<Value>): Promise<Value | null> {
  try {
    return await ask();
  } catch {
    return null;
  }
}
