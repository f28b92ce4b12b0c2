import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import { Bookings } from './bookings.ts';
import { Calls, type DialRequest, type SimulatedCall } from './calls.ts';
import { type Catalogue, catalogueOf } from './catalogue.ts';
import { accountCommands } from './commands/account-commands.ts';
import { bookingCommands } from './commands/booking-commands.ts';
import { callCommands } from './commands/call-commands.ts';
import { type CommandHandler, type CommandOutcome, done, failed, readArguments } from './commands/command.ts';
import { feedbackCommands } from './commands/feedback-commands.ts';
import { screenCommands } from './commands/screen-commands.ts';
import { systemCommands } from './commands/system-commands.ts';
import type { SettingOutcome } from './configuration-store.ts';
import { ContentStores, type ServiceCertificate } from './content-stores.ts';
import { DeviceCore, type DeviceNews, deviceTime } from './device-core.ts';
import { FeedbackSlots } from './feedback-slots.ts';
import { MediaMutes } from './media-mutes.ts';
import type { DeviceModel } from './model.ts';
import type { LeafValue } from './node-tree.ts';
import { Passphrases } from './passphrases.ts';
import { Presence } from './presence.ts';
import { RoomSensors } from './room-sensors.ts';
import { Screen } from './screen.ts';
import { oneWay, type SimulatorSettings } from './settings.ts';
import { Standby } from './standby.ts';
import { WebSessions } from './web-sessions.ts';

export interface DeviceStateOptions {
  readonly model: DeviceModel;
  readonly serial: string;
  readonly systemName: string;
  /** Where the device thinks it stands in the network. */
  readonly ipAddress?: string;
  readonly configuration?: Readonly<Record<string, string>>;
  /** The account that is there from the start. */
  readonly username?: string;
  readonly password?: string;
  readonly settings?: Partial<SimulatorSettings>;
  /** Shared between devices of one model; made where absent. */
  readonly catalogue?: Catalogue;
  /** The same of the models that it may be upgraded to. */
  readonly share?: (model: DeviceModel) => Catalogue;
}

/** Arguments of a command as any transport brings them: text, repeated ones as a list. */
export type CommandInput = Readonly<Record<string, string | readonly string[]>>;

/**
 * A simulated device without its sockets: what it holds and how that changes,
 * by commands, by the people in the room and by time. Everything happens on the
 * injected clock. News of every change goes to listeners, in order.
 */
export class DeviceState {
  /** How many upgrades were ordered and not refused, over whichever way. */
  upgradesOrdered = 0;
  readonly core: DeviceCore;
  readonly calls: Calls;
  readonly screen: Screen;
  readonly bookings: Bookings;
  readonly content: ContentStores;
  readonly slots: FeedbackSlots;
  readonly sessions: WebSessions;
  readonly passphrases: Passphrases;
  readonly standby: Standby;
  readonly mutes: MediaMutes;
  readonly presence: Presence;
  readonly sensors: RoomSensors;
  readonly model: DeviceModel;
  readonly #handlers = new Map<string, CommandHandler>();
  readonly #ipAddress: string;
  readonly #signedOutListeners = new Set<(username: string) => void>();
  readonly #share: (model: DeviceModel) => Catalogue;
  readonly #certificateListeners = new Set<(certificate: ServiceCertificate | null) => void>();
  #serial: string;
  #software: string;
  #bootedAt: number;
  #isOn = true;

  constructor(options: DeviceStateOptions, { clock, random }: { clock: Clock; random: Random }) {
    const settings = { ...oneWay, ...options.settings };
    const catalogue = options.catalogue ?? catalogueOf(options.model);
    this.model = options.model;
    this.core = new DeviceCore({ catalogue, settings, clock, random });
    this.#share = options.share ?? catalogueOf;
    this.#serial = options.serial;
    this.#software = options.model.software;
    this.#ipAddress = options.ipAddress ?? '127.0.0.1';
    this.#bootedAt = this.core.monotonic();
    this.core.configuration.set('SystemUnit.Name', options.systemName);
    for (const [path, value] of Object.entries(options.configuration ?? {})) this.turnKnob(path, value);
    this.mutes = new MediaMutes(this.core);
    this.calls = new Calls(this.core, this.mutes);
    this.presence = new Presence(this.core, () => this.calls.list().length > 0);
    this.sensors = new RoomSensors(this.core);
    this.standby = new Standby(this.core, () => this.isInUse());
    this.screen = new Screen(this.core);
    this.bookings = new Bookings(this.core);
    this.content = new ContentStores(this.core, (certificate) => {
      for (const listener of this.#certificateListeners) listener(certificate);
    });
    this.slots = new FeedbackSlots(this.core);
    this.sessions = new WebSessions(this.core);
    this.passphrases = new Passphrases(this.core, {
      username: options.username ?? 'admin',
      passphrase: options.password ?? '',
    });
    this.#addHandlers();
    this.#showIdentity();
    this.share(false);
    this.core.setStatus('Audio.Volume', Number(this.core.configuration.get('Audio.DefaultVolume') ?? 50));
    this.core.setOfferedStatus('Audio.VolumeMute', 'Off');
    this.standby.resetTimer();
  }

  get settings(): SimulatorSettings {
    return this.core.settings;
  }

  get serial(): string {
    return this.#serial;
  }

  /** The software version that it runs now; a model's own until it is upgraded. */
  get software(): string {
    return this.#software;
  }

  /** False between the drop and the end of a reboot. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Tells of every change from now on, until the returned function is called. */
  listen(listener: (news: DeviceNews) => void): () => void {
    return this.core.listen(listener);
  }

  /** Tells which service certificate HTTPS is to show from now on, null for the device's own. */
  onHttpsCertificate(listener: (certificate: ServiceCertificate | null) => void): void {
    this.#certificateListeners.add(listener);
  }

  /** Tells whose wss clients are to be ended. */
  onSignedOut(listener: (username: string) => void): void {
    this.#signedOutListeners.add(listener);
  }

  /** Runs a command as any transport would; `path` with slashes, dots or spaces. */
  command(
    path: string,
    args: CommandInput = {},
    options: { body?: string; user?: string } = {},
  ): CommandOutcome {
    const key = path.replaceAll(/[.\s]+/g, '/').toLowerCase();
    const spec = this.core.catalogue.commands.get(key);
    if (spec === undefined) return { kind: 'unknown' };
    // Who names no user is no account: a person in the room, or a rehearsal.
    if (options.user !== undefined && !this.core.mayRun(spec)) return { kind: 'forbidden' };
    const read = readArguments(spec, args, this.settings);
    if ('kind' in read) return read;
    const handler = this.#handlers.get(key);
    if (handler !== undefined)
      return handler({ args: read, body: options.body ?? '', user: options.user ?? 'admin' });
    return this.settings.acceptUnmodelledCommands ? done : failed('Not supported in this state');
  }

  /** The commands that have an effect here, as paths with slashes; which of them a device knows is up to its model. */
  modelledCommands(): string[] {
    return [...this.#handlers.keys()];
  }

  /** Writes a setting as a client or a person does: checked, told to whoever listens. */
  setConfiguration(path: string, value: string): SettingOutcome {
    return this.core.setConfiguration(path, value);
  }

  /**
   * Someone turns a knob in the room.
   * @throws RangeError where the device has no such setting or refuses the value
   */
  turnKnob(path: string, value: string): void {
    const outcome = this.setConfiguration(path, value);
    if (outcome.kind !== 'accepted') throw new RangeError(`${path}: ${value} is refused (${outcome.kind})`);
  }

  /** The value a setting truly has, masked or not; null where the model lacks it. */
  configuration(path: string): string | null {
    return this.core.configuration.get(path);
  }

  /** A status leaf; null where it is absent. */
  status(path: string): LeafValue | null {
    return this.core.status.get(path);
  }

  /** So many people are in the room from now on. */
  people(count: number): void {
    this.presence.set(count);
  }

  /** Somebody calls the room. */
  incomingCall(request: DialRequest): SimulatedCall {
    return this.calls.ring(request);
  }

  /** The far end hangs up; the active call where no id is given. False where there is none. */
  farEndHangsUp(callId = 0): boolean {
    const call = this.calls.find(callId);
    if (call === null) return false;
    this.calls.disconnect(call, 'far');
    return true;
  }

  /** Someone begins or stops to share a screen. */
  share(isSharing: boolean): void {
    this.core.setStatus('Conference.Presentation.Mode', isSharing ? 'Sending' : 'Off');
  }

  /** A call, or someone there: what keeps a device from falling asleep or restarting politely. */
  isInUse(): boolean {
    return this.calls.list().length > 0 || this.presence.people > 0;
  }

  /** Restarts: BootEvent, then everything drops, then the device comes back. Without `seconds` it takes what the settings say. */
  reboot(action = 'Restart', seconds = this.settings.rebootMs / 1_000): void {
    if (!this.#isOn) return;
    this.core.event('BootEvent', { Action: action });
    this.core.forgetTimers();
    this.core.after(this.settings.bootLeadMs, () => {
      this.#isOn = false;
      this.core.tell({ kind: 'power', on: false });
      this.#forget();
      if (action !== 'Shutdown') this.core.after(seconds * 1_000, () => this.#comeBack());
    });
  }

  /**
   * Fetches software and restarts with it after a while. The version is the one
   * that the URL names; a URL without one cannot be fetched. Where the model
   * knows that version, the device has its tree from then on.
   */
  upgrade(url: string): void {
    this.upgradesOrdered += 1;
    const { core } = this;
    const version = /(\d+(?:\.\d+){2,3}(?:\.[0-9a-f]+)?)(?:\.\w{3})?$/.exec(url)?.[1];
    const tell = (status: string, message: string): void => {
      core.setOfferedStatus('Provisioning.Software.UpgradeStatus.Status', status);
      core.setOfferedStatus('Provisioning.Software.UpgradeStatus.Message', message);
      core.setOfferedStatus('Provisioning.Software.UpgradeStatus.LastChange', deviceTime(core.now()));
    };
    tell('InProgress', '');
    core.after(this.settings.upgradeMs, () => {
      if (version === undefined) {
        tell('Failed', 'The software could not be fetched');
        return;
      }
      if (this.settings.upgradeFallsBack) {
        tell('InstallationFailed', 'The software of before was started');
      } else {
        tell('Succeeded', '');
        this.#software = `ce${version}`;
      }
      this.reboot('Upgrade');
    });
  }

  /** Another unit answers at this address. */
  swapSerial(serial: string): void {
    this.#serial = serial;
    this.core.setStatus('SystemUnit.Hardware.Module.SerialNumber', serial);
  }

  /** Ends every timer. */
  stop(): void {
    this.core.forgetTimers();
  }

  #forget(): void {
    this.calls.forget();
    this.sessions.reset();
    this.screen.reset();
  }

  #comeBack(): void {
    this.#isOn = true;
    this.#adoptTree();
    this.#showSoftware();
    if (this.configuration('Macros.AutoStart') !== 'Off') this.content.restartMacros();
    this.#bootedAt = this.core.monotonic();
    this.slots.reboot();
    this.mutes.muteMicrophones(false);
    this.mutes.muteVideo(false);
    this.share(false);
    this.standby.deactivate();
    this.presence.reset();
    this.bookings.resume();
    this.core.tell({ kind: 'power', on: true });
  }

  #adoptTree(): void {
    const tree = this.model.upgrades?.find(({ software }) => software.startsWith(this.#software));
    if (tree !== undefined && this.core.catalogue.model !== tree) this.core.adopt(this.#share(tree));
  }

  #addHandlers(): void {
    const tables = [
      callCommands(this),
      screenCommands(this),
      feedbackCommands(this.slots),
      bookingCommands(this.core, this.bookings),
      accountCommands({
        core: this.core,
        passphrases: this.passphrases,
        sessions: this.sessions,
        endSockets: (username) => {
          this.core.after(0, () => {
            for (const listener of this.#signedOutListeners) listener(username);
          });
        },
      }),
      systemCommands({
        core: this.core,
        standby: this.standby,
        content: this.content,
        sessions: this.sessions,
        isInUse: () => this.isInUse(),
        share: (isSharing) => this.share(isSharing),
        reboot: (action) => this.reboot(action),
        upgrade: (url) => this.upgrade(url),
      }),
    ];
    for (const table of tables)
      for (const [path, handler] of Object.entries(table)) this.#handlers.set(path.toLowerCase(), handler);
  }

  #showSoftware(): void {
    this.core.status.set('SystemUnit.Software.DisplayName', `RoomOS ${this.#software.replace(/^ce/, '')}`);
    this.core.status.set('SystemUnit.Software.Version', this.#software);
  }

  #showIdentity(): void {
    const { core, model } = this;
    const controls = this.settings.malformedXmlControls ? '\u0003\u001f' : '';
    const leaves: Record<string, LeafValue> = {
      'Network[1].Ethernet.MacAddress': macAddress(this.#serial),
      'Network[1].IPv4.Address': this.#ipAddress,
      'SystemUnit.Hardware.Module.SerialNumber': this.#serial,
      'SystemUnit.ProductId': model.productId,
      'SystemUnit.ProductPlatform': model.productId.replace(/^Cisco /, ''),
      'SystemUnit.ProductType': 'Cisco Codec',
      'SystemUnit.State.NumberOfActiveCalls': 0,
      'SystemUnit.State.NumberOfInProgressCalls': 0,
    };
    for (const [path, value] of Object.entries(leaves)) core.status.set(path, value);
    this.#showSoftware();
    if (core.status.isOffered('SystemUnit.BroadcastName'))
      core.status.compute(
        'SystemUnit.BroadcastName',
        () => `${core.configuration.get('SystemUnit.Name') ?? ''}${controls}`,
      );
    core.setOfferedStatus('SystemUnit.State.System', 'Initialized');
    core.status.compute('SystemUnit.Uptime', () => Math.floor((core.monotonic() - this.#bootedAt) / 1_000));
    core.status.compute('Time.SystemTime', () => deviceTime(core.now()));
  }
}

/** A made-up address that is the same for the same unit. */
export function macAddress(serial: string): string {
  const digits = Buffer.from(serial).toString('hex').slice(-6).padStart(6, '0').toUpperCase();
  return `00:50:60:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}`;
}
