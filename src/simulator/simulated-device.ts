import { X509Certificate } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import { Accounts } from './accounts.ts';
import type { Catalogue } from './catalogue.ts';
import { type DeviceCertificate, type KeyPair, selfSign } from './certificate.ts';
import type { ServiceCertificate } from './content-stores.ts';
import { Counters } from './counters.ts';
import { DeviceServer } from './device-server.ts';
import { DeviceState } from './device-state.ts';
import { type FaultKind, Faults } from './faults.ts';
import { FeedbackSender } from './feedback-sender.ts';
import { HttpFeedbackTransport } from './feedback-transport.ts';
import { HttpFront } from './http-front.ts';
import type { DeviceModel } from './model.ts';
import type { ModelDocuments } from './model-documents.ts';
import type { SimulatorSettings } from './settings.ts';
import { XmlEndpoint } from './xml-endpoint.ts';

export interface SimulatedDeviceOptions {
  readonly name: string;
  readonly model: DeviceModel;
  readonly catalogue: Catalogue;
  readonly share: (model: DeviceModel) => Catalogue;
  readonly documentsOf: (catalogue: Catalogue) => ModelDocuments;
  readonly serial: string;
  readonly systemName: string;
  readonly username: string;
  readonly password: string;
  readonly settings: Partial<SimulatorSettings>;
  readonly configuration?: Readonly<Record<string, string>>;
  readonly faults?: readonly { readonly kind: FaultKind; readonly seconds: number | null }[];
  readonly offline?: boolean;
}

export interface SimulatedDeviceParts {
  readonly keys: KeyPair;
  readonly clock: Clock;
  readonly random: Random;
  readonly fleet: Counters;
  readonly failed: (error: unknown) => void;
}

/** One device with its port: the state inside, the wire around it, and the faults that strike it. */
export class SimulatedDevice {
  readonly name: string;
  readonly host = '127.0.0.1';
  readonly product: string;
  readonly state: DeviceState;
  readonly faults: Faults;
  readonly counters: Counters;
  readonly #options: SimulatedDeviceOptions;
  readonly #parts: SimulatedDeviceParts;
  readonly #accounts: Accounts;
  readonly #server: DeviceServer;
  readonly #sender: FeedbackSender;
  #certificate: DeviceCertificate;
  #port = 0;
  #isStopped = false;
  /** Closing and opening of the port, one after another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: SimulatedDeviceOptions, parts: SimulatedDeviceParts) {
    this.#options = options;
    this.#parts = parts;
    this.name = options.name;
    this.product = options.model.productId;
    this.state = new DeviceState(options, parts);
    this.counters = new Counters(parts.fleet);
    this.faults = new Faults({ clock: parts.clock, changed: (kind, isOn) => this.#onFault(kind, isOn) });
    this.#accounts = new Accounts({ state: this.state });
    this.state.passphrases.mishap = () => MISHAPS.find(([kind]) => this.faults.has(kind))?.[1] ?? null;
    this.state.passphrases.cut = () => this.#server.cut();
    this.#certificate = this.#newCertificate();
    const common = {
      state: this.state,
      accounts: this.#accounts,
      counters: this.counters,
      faults: this.faults,
      clock: parts.clock,
      latencyMs: () => this.#latencyMs(),
    };
    const xml = new XmlEndpoint({
      state: this.state,
      documentsOf: options.documentsOf,
      count: (kind) => this.counters.count(kind),
    });
    const http = new HttpFront({ ...common, xml });
    this.#server = new DeviceServer(this.#certificate, { ...common, http, failed: parts.failed });
    this.#sender = new FeedbackSender({
      ...common,
      transport: new HttpFeedbackTransport(common),
      hasNetwork: () => !this.faults.has('offline') && !this.faults.has('half-open'),
    });
  }

  get port(): number {
    return this.#port;
  }

  get software(): string {
    return this.state.software;
  }

  get serial(): string {
    return this.state.serial;
  }

  /** SHA-256 of the certificate that is shown now, upper-case hex with colons. */
  get fingerprint256(): string {
    return this.#certificate.fingerprint256;
  }

  get certificatePem(): string {
    return this.#certificate.pem;
  }

  get failedLogins(): number {
    return this.#accounts.failedLogins;
  }

  /** wss clients that are connected. */
  get sockets(): number {
    return this.#server.clients;
  }

  /** Takes the port; an offline device takes it only to learn that it is free. */
  async start(port: number): Promise<void> {
    this.#port = await this.#server.listen(port);
    this.#sender.start();
    this.state.listen((news) => {
      if (news.kind === 'power') this.#follow();
    });
    this.state.onSignedOut((username) => this.#server.signOut(username));
    this.state.onHttpsCertificate((service) => {
      this.#certificate = service === null ? this.#newCertificate() : shownBy(service);
      this.#server.present(this.#certificate);
    });
    if (this.#options.offline === true) this.fault('offline', null);
    for (const { kind, seconds } of this.#options.faults ?? []) this.fault(kind, seconds);
    await this.#turn;
  }

  /** A fault strikes for so many seconds, null until it is cleared. */
  fault(kind: FaultKind, seconds: number | null): void {
    this.faults.strike(kind, seconds);
  }

  clearFault(kind: FaultKind): void {
    this.faults.clear(kind);
  }

  /** Restarts; without `seconds` it is away for as long as the settings say. */
  reboot(seconds?: number): void {
    this.state.reboot('Restart', seconds);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.faults.stop();
    this.state.stop();
    await this.#sender.stop();
    await this.#turn;
    await this.#server.shut(1006);
  }

  #onFault(kind: FaultKind, isOn: boolean): void {
    switch (kind) {
      case 'drop':
        if (isOn) this.#server.cut();
        return;
      case 'half-open':
        if (!isOn) this.#server.cut();
        return;
      case 'garbage':
        if (isOn) this.#server.sendGarbage();
        return;
      case 'certificate':
        this.#certificate = this.#newCertificate();
        this.#server.present(this.#certificate);
        this.#server.cut();
        return;
      case 'serial':
        this.state.swapSerial(isOn ? `${this.#options.serial}X` : this.#options.serial);
        this.#server.cut();
        return;
      case 'clock':
        this.state.core.clockSkewMs = isOn ? this.state.settings.faultClockSkewMs : 0;
        return;
      case 'offline':
        this.#follow();
        return;
      case 'latency':
      case 'slow':
      case 'malformed':
      case 'unavailable':
      case 'passphrase-kept':
      case 'passphrase-cut-made':
      case 'passphrase-cut-unmade':
        return;
      default:
        kind satisfies never;
    }
  }

  /** Opens or closes the port as power and network are now. */
  #follow(): void {
    const closeCode = this.state.isOn ? 1006 : this.state.settings.rebootCloseCode;
    this.#turn = this.#turn
      .then(async () => {
        const isOpen = this.state.isOn && !this.faults.has('offline');
        if (this.#isStopped) return;
        if (!isOpen) await this.#server.shut(closeCode);
        else if (!this.#server.isListening) await this.#server.listen(this.#port);
      })
      .catch(this.#parts.failed);
  }

  #latencyMs(): number {
    const { latencyMs, faultLatencyMs, faultSlowMs } = this.state.settings;
    return (
      latencyMs +
      (this.faults.has('latency') ? faultLatencyMs : 0) +
      (this.faults.has('slow') ? faultSlowMs : 0)
    );
  }

  #newCertificate(): DeviceCertificate {
    return selfSign(this.#parts.keys, { commonName: this.#options.serial, now: this.#parts.clock.now() });
  }
}

const MISHAPS = [
  ['passphrase-kept', 'kept'],
  ['passphrase-cut-made', 'cut-made'],
  ['passphrase-cut-unmade', 'cut-unmade'],
] as const;

function shownBy({ pem, keyPem }: ServiceCertificate): DeviceCertificate {
  return { pem, keyPem, fingerprint256: new X509Certificate(pem).fingerprint256 };
}
