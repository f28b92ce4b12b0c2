import { Counter, Gauge } from 'prom-client';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { createHttpClient } from '../lib/http-client.ts';
import { createConnector } from '../lib/http-connect.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import { type CertificateFacts, showCertificate } from '../lib/peer-certificate.ts';
import type { Random } from '../lib/random.ts';
import { originOf } from './address.ts';
import type { Device, DeviceAddress, LoginGate, WebSessionLedger } from './device.ts';
import { type Expression, parseExpression } from './expression.ts';
import { toXapiError } from './failure.ts';
import { limitOf } from './limit.ts';
import { RawLink } from './raw-link.ts';
import { RemoteDevice, type RemoteDeviceParts } from './remote-device.ts';
import { DEFAULT_XAPI_SETTINGS, type XapiSettings } from './settings.ts';
import { trustOf } from './trust.ts';
import { endWebSession } from './web-session-end.ts';

/** Every device that roomd speaks to, and the caps they share. */
export interface DevicePool extends Part {
  /**
   * The device with that id; a session to it is kept from `start` on. The same
   * address and expressions give the same device, also where the address now
   * holds the serial number and certificate met on first contact; others stop
   * the old one and give a new one, to which listeners must subscribe anew.
   * @throws PathError for an expression that is none
   */
  device(address: DeviceAddress, expressions: readonly string[]): RemoteDevice;
  /** A device without a kept session, over HTTPS only, for a process that lives briefly: it lives as long as the pool. */
  oneShot(address: DeviceAddress): RemoteDevice;
  /**
   * Work with a device that is reached anew for it, over HTTPS, and let go of
   * afterwards. Its logins pass `gate`, or the pool's own where none is given.
   */
  once<T>(
    address: DeviceAddress,
    work: (device: Device) => Promise<T>,
    options?: { gate?: LoginGate },
  ): Promise<T>;
  /** A device looked at from outside, whose answers are seen as they come; what `work` opens is ended after it. */
  look<T>(address: DeviceAddress, work: (link: RawLink) => Promise<T>): Promise<T>;
  /** Lets the device with that id log in anew, by what it is on record to accept. */
  renew(id: number): Promise<void>;
  /**
   * The certificate that answers at the address, by a TLS handshake alone: no login is sent, nobody has vouched for it.
   * @throws XapiError `unreachable`, `tls`, `closed`
   */
  showCertificate(address: DeviceAddress, options?: AbortOptions): Promise<CertificateFacts>;
  /** Stops the device with that id and forgets it. */
  remove(id: number): Promise<void>;
  /** Lets the keeper of that device, or of every device, try to connect now; after the gate was reopened or a setting changed. */
  wake(id?: number): void;
  /** Ends a web session that the ledger still holds from before a crash. */
  endLeftover(address: DeviceAddress, cookie: string): Promise<void>;
}

export interface PoolParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly gate: LoginGate;
  readonly ledger: WebSessionLedger;
  readonly registry?: Registry;
}

/** @param settings those that differ from `DEFAULT_XAPI_SETTINGS` */
export function createDevicePool(settings: Partial<XapiSettings>, parts: PoolParts): DevicePool {
  return new Pool({ ...DEFAULT_XAPI_SETTINGS, ...settings }, parts);
}

interface Kept {
  readonly device: RemoteDevice;
  readonly expressions: readonly string[];
}

class Pool implements DevicePool {
  readonly name = 'device pool';
  readonly #settings: XapiSettings;
  readonly #parts: PoolParts;
  readonly #deviceParts: Omit<RemoteDeviceParts, 'logger'>;
  readonly #kept = new Map<number, Kept>();
  readonly #oneShots = new Set<RemoteDevice>();
  readonly #stopping = new Set<Promise<void>>();
  #isStarted = false;

  constructor(settings: XapiSettings, parts: PoolParts) {
    this.#settings = settings;
    this.#parts = parts;
    const { clock, random, gate, ledger, registry } = parts;
    this.#deviceParts = {
      clock,
      random,
      gate,
      ledger,
      handshakes: limitOf(settings.maxHandshakes),
      exchanges: limitOf(settings.maxExchanges),
      count: registry === undefined ? NO_COUNT : countersOn(registry, () => this.#devices()),
    };
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    for (const { device } of this.#kept.values()) device.start();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    for (const id of this.#kept.keys()) void this.remove(id);
    for (const device of this.#oneShots) void this.#stop(device);
    this.#oneShots.clear();
    await Promise.all(this.#stopping);
  }

  device(address: DeviceAddress, expressions: readonly string[]): RemoteDevice {
    const kept = this.#kept.get(address.id);
    if (kept !== undefined && sameTexts(kept.expressions, expressions) && kept.device.bind(address))
      return kept.device;
    const device = this.#make(address, expressions.map(parseExpression));
    if (kept !== undefined) void this.#stop(kept.device);
    this.#kept.set(address.id, { device, expressions });
    if (this.#isStarted) device.start();
    return device;
  }

  oneShot(address: DeviceAddress): RemoteDevice {
    const device = this.#make(address, []);
    this.#oneShots.add(device);
    return device;
  }

  async once<T>(
    address: DeviceAddress,
    work: (device: Device) => Promise<T>,
    { gate }: { gate?: LoginGate } = {},
  ): Promise<T> {
    const device = this.#make(address, [], gate);
    this.#oneShots.add(device);
    try {
      return await work(device);
    } finally {
      this.#oneShots.delete(device);
      await this.#stop(device);
    }
  }

  async look<T>(address: DeviceAddress, work: (link: RawLink) => Promise<T>): Promise<T> {
    const { clock, random, gate, ledger } = this.#parts;
    const { connectTimeoutMs } = this.#settings;
    const tls = await trustOf(address, { onPinned: () => undefined });
    const client = createHttpClient({ origin: originOf(address), tls, connectTimeoutMs, clock });
    const connector = createConnector({ trust: tls, connectTimeoutMs, clock });
    const options = { address, settings: this.#settings };
    const link = new RawLink(options, { client, connector, gate, ledger, clock, random });
    try {
      return await work(link);
    } finally {
      await link.close().catch((error: unknown) => {
        const facts = { device: address.name, error: messageOf(error) };
        this.#parts.logger.warn(facts, 'what was opened for a look could not be ended');
      });
      connector.close();
      await client.close();
    }
  }

  async renew(id: number): Promise<void> {
    await this.#kept.get(id)?.device.renew();
  }

  async showCertificate(
    { name, host, port }: DeviceAddress,
    { signal }: AbortOptions = {},
  ): Promise<CertificateFacts> {
    const { connectTimeoutMs } = this.#settings;
    const { clock } = this.#parts;
    try {
      return await this.#deviceParts.handshakes(() =>
        showCertificate({ host, port }, { connectTimeoutMs, clock, signal }),
      );
    } catch (error) {
      throw toXapiError(error, `looking at the certificate of ${name}`, signal);
    }
  }

  async remove(id: number): Promise<void> {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    await this.#stop(kept.device);
  }

  wake(id?: number): void {
    for (const { device } of this.#kept.values())
      if (id === undefined || device.address.id === id) device.wake();
  }

  async endLeftover(address: DeviceAddress, cookie: string): Promise<void> {
    const { clock, random, ledger } = this.#parts;
    const { exchanges: limit } = this.#deviceParts;
    const client = createHttpClient({
      origin: originOf(address),
      tls: await trustOf(address, { onPinned: () => undefined }),
      connections: 1,
      connectTimeoutMs: this.#settings.connectTimeoutMs,
      clock,
    });
    try {
      await endWebSession(cookie, address, this.#settings, { client, clock, random, ledger, limit });
    } catch (error) {
      throw toXapiError(error, `ending a web session at ${address.name}`);
    } finally {
      await client.close();
    }
  }

  #devices(): RemoteDevice[] {
    return [...this.#kept.values()].map(({ device }) => device);
  }

  #make(
    address: DeviceAddress,
    expressions: readonly Expression[],
    gate: LoginGate = this.#parts.gate,
  ): RemoteDevice {
    const logger = this.#parts.logger.child({ device: address.name });
    return new RemoteDevice(
      { address, expressions, settings: this.#settings },
      { ...this.#deviceParts, gate, logger },
    );
  }

  #stop(device: RemoteDevice): Promise<void> {
    const stopping = device.stop().finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
    return stopping;
  }
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

const NO_COUNT: RemoteDeviceParts['count'] = { stray: () => undefined, stripped: () => undefined };

function countersOn(registry: Registry, devices: () => readonly Device[]): RemoteDeviceParts['count'] {
  const registers = [registry];
  const stray = new Counter({
    name: 'roomd_session_stray_frames_total',
    help: 'Frames from devices that were no answer and no feedback',
    registers,
  });
  const stripped = new Counter({
    name: 'roomd_stripped_control_characters_total',
    help: 'Control characters taken out of XML that devices sent',
    registers,
  });
  const sessions = new Gauge({
    name: 'roomd_sessions',
    help: 'Devices by the state of the session kept to them',
    labelNames: ['state'],
    registers,
    collect() {
      sessions.reset();
      for (const device of devices()) sessions.inc({ state: device.session().state });
    },
  });
  return { stray: () => stray.inc(), stripped: (controls) => stripped.inc(controls) };
}
