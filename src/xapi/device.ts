import type { AbortOptions } from '../lib/abort.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import type { Secret } from '../lib/secret.ts';
import type { ValueSpace } from '../schema/product-schema.ts';
import type { XapiError, XapiErrorCode } from './errors.ts';
import type { PathText } from './path.ts';

/**
 * How a device is reached. Made by `fleet` from the file, immutable; a change
 * makes a new one and the keeper starts over.
 */
export interface DeviceAddress {
  /** roomd's own immutable id of the device. */
  readonly id: number;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The name of the entry under `credentials:`; devices that share it share its secret. */
  readonly credential: string;
  readonly username: string;
  readonly password: Secret;
  /** What `password` is being replaced by, while it is; the device accepts one of the two. */
  readonly next?: Secret;
  readonly tls: TlsPolicy;
  /** The serial number the device is bound to, null before first contact. */
  readonly serial: string | null;
}

/** `pin` with a null fingerprint records the one met on first contact. Fingerprints are SHA-256, upper-case hex with colons. */
export type TlsPolicy =
  | { readonly mode: 'ca'; readonly caFile: string | null }
  | { readonly mode: 'pin'; readonly fingerprint256: string | null }
  | { readonly mode: 'insecure' };

/** What a device says of itself; read on every connect. */
export interface DeviceIdentity {
  readonly serial: string;
  /** xStatus SystemUnit ProductId, for example "Cisco Codec Pro". */
  readonly product: string;
  /** xStatus SystemUnit Software Version, for example "ce26.4.1.0a1b2c3". */
  readonly software: string;
  readonly systemName: string | null;
}

/**
 * A flat tree: leaf path → value text. Values are the text an XML answer
 * carries ("On", "2", "True"); numbers and booleans of the JSON transport are
 * turned into the same text.
 */
export type LeafMap = ReadonlyMap<PathText, string>;

/** One setting of a configuration document: the path as the device spells it, and the name of its value space. */
export interface HeldSetting extends Setting {
  readonly valueSpaceRef: string | null;
}

/** What a device holds. `find` looks for single settings; `leaves` and `valueSpaceRefs` lay out all of them, which costs far more. */
export interface ConfigurationDocument {
  /** The setting at a path, compared without regard to case; null where the device has none. */
  find(path: PathText): HeldSetting | null;
  /** Within this process, equal for documents with the same paths and value spaces; null where it is not known. */
  readonly shape: string | null;
  /** Of every setting, as the device spells it. */
  readonly paths: readonly PathText[];
  readonly leaves: LeafMap;
  /** Per leaf, the name of its value space in /valuespace.xml, without the leading "/Valuespace/". */
  readonly valueSpaceRefs: ReadonlyMap<PathText, string>;
}

/** A value space in the device's own words; `hidden` marks values that it answers masked. */
export interface DeviceValueSpace {
  readonly space: ValueSpace | null;
  readonly hidden: boolean;
}

export interface Setting {
  readonly path: PathText;
  readonly value: string;
}

/** The device's word on one setting of a putxml document. `accepted` is not proof: read back. */
export type SettingAnswer =
  | { readonly path: PathText; readonly outcome: 'accepted' }
  | { readonly path: PathText; readonly outcome: 'refused'; readonly reason: string };

/** Arguments of a command. An array repeats the argument; `body` is the multiline text and is passed apart. */
export type CommandArguments = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[]>
>;

/** The leaves of a command's result, relative to its result element; `status` is left out. */
export type CommandResult = LeafMap;

export type TreeName = 'Status' | 'Configuration' | 'Event';

/**
 * One piece of news from a session: leaves that changed and nodes that are
 * gone (ghosts), both as paths from the tree's root. An Event's leaves are its
 * arguments; one without arguments has its own path in `bare` (with the value
 * where the event carries a bare one, such as `Standby.SecondsToStandby`).
 */
export interface Delta {
  readonly tree: TreeName;
  readonly leaves: LeafMap;
  readonly gone: readonly PathText[];
  readonly bare: LeafMap;
}

/**
 * The state of the session that is kept to a device.
 * `up-https`: the device answers over HTTPS and has no websocket; it is read on a timer.
 */
export type SessionState =
  | 'idle'
  | 'connecting'
  | 'up'
  | 'up-https'
  | 'waiting'
  | 'refused'
  | 'certificate-changed'
  | 'swapped'
  | 'stopped';

export interface SessionStatus {
  readonly state: SessionState;
  /** Wall time since when, integer UTC milliseconds. */
  readonly since: number;
  /** A sentence, null while all is well. */
  readonly reason: string | null;
  readonly errorCode: XapiErrorCode | null;
}

/** News of a kept session, in order. */
export type SessionNews =
  | { readonly type: 'status'; readonly status: SessionStatus }
  /** After every connect: who answers, and the whole of the subscribed status. Everything held before is void. */
  | { readonly type: 'snapshot'; readonly identity: DeviceIdentity; readonly status: LeafMap }
  | { readonly type: 'delta'; readonly delta: Delta }
  /** The certificate met on first contact under `pin`. */
  | { readonly type: 'pinned'; readonly fingerprint256: string }
  /** The trusted certificate that it shows; told once while it stays the same. */
  | { readonly type: 'certificate'; readonly certificate: CertificateFacts };

/**
 * A device as the rest of roomd sees it, whatever the transport. Every method
 * has a deadline of its own and rejects with an `XapiError`, never anything
 * else (an abort by the caller's signal rejects with the signal's reason).
 */
export interface Device {
  readonly address: DeviceAddress;
  session(): SessionStatus;
  /** Who answers; read anew over the transport at hand. Rejects `serial-changed` where the device is bound to another. */
  identify(options?: AbortOptions): Promise<DeviceIdentity>;
  /** GET /configuration.xml: every setting with its value. */
  readConfiguration(options?: AbortOptions): Promise<ConfigurationDocument>;
  /** GET /valuespace.xml: value spaces by name (`TTPAR_OnOff`). Large; callers cache it by product and software. */
  readValueSpaces(options?: AbortOptions): Promise<ReadonlyMap<string, DeviceValueSpace>>;
  /** Status leaves below `path`, paths from the Status root; an absent node is an empty map. */
  readStatus(path: PathText, options?: AbortOptions): Promise<LeafMap>;
  /** One putxml document; one answer per setting, in order. Partial success is normal. */
  writeConfiguration(settings: readonly Setting[], options?: AbortOptions): Promise<SettingAnswer[]>;
  /** Runs a command, `path` as `UserInterface.Message.Alert.Display`. */
  command(
    path: PathText,
    args?: CommandArguments,
    options?: AbortOptions & { readonly body?: string },
  ): Promise<CommandResult>;
  /** Calls `listen` with the session's news until the returned function is called; the present status is told at once. */
  subscribe(listen: (news: SessionNews) => void): () => void;
}

/**
 * Lets each secret be tried once on each device; see `login-gate.ts`. Whoever
 * enters makes one attempt and then says how it ended, by exactly one of the
 * other three, to which the address goes that `enter` gave.
 */
export interface LoginGate {
  /**
   * Resolves when an attempt may be made, with the address to log in with: its
   * `password` is the secret that the device is on record to accept, or else
   * the one to try. While another attempt with this not yet accepted secret is
   * under way, waits for its outcome.
   * @throws XapiError `login-blocked` where this secret was refused before; `busy` where attempts ended without an answer and the next must wait
   */
  enter(address: DeviceAddress, options?: AbortOptions): Promise<DeviceAddress>;
  accepted(login: DeviceAddress): Promise<void>;
  refused(login: DeviceAddress, error: XapiError): Promise<void>;
  /** The attempt ended without a word on the secret. `sent`: the device may have seen it. */
  abandoned(login: DeviceAddress, attempt: { readonly sent: boolean }): Promise<void>;
}

/** Where xmlapi session cookies are kept while they are open, so that a crash does not leak them (the device has 30 in all). */
export interface WebSessionLedger {
  opened(deviceId: number, cookie: string): Promise<void>;
  closed(deviceId: number, cookie: string): Promise<void>;
}
