import type { Secret } from '../lib/secret.ts';
import type { IdentityForm } from '../storage/tables/records.ts';
import type { TlsPolicy } from '../xapi/device.ts';
import type { PathText } from '../xapi/path.ts';
import type { AccountRole } from './account-role.ts';
import type { InventorySection } from './inventory/inventory-section.ts';
import type { Place, Problem } from './problem.ts';
import type { RolloutSection } from './rollout-section.ts';
import type { SystemsSection } from './systems/systems-section.ts';

/**
 * A fleet file, loaded, valid and expanded: what every device should be.
 * Frozen; a changed file makes a new value.
 */
export interface Fleet {
  /** Absolute path of the file; relative paths in it count from its folder. */
  readonly file: string;
  /** Absolute paths of every file that the fleet was made of: the fleet file first, then what it includes, then what it puts onto devices. A change to any of them changes the fleet. */
  readonly sources: readonly string[];
  /** Absolute paths of the folders that patterns in `include` look into; a file that appears there may belong to the fleet. */
  readonly sourceFolders: readonly string[];
  /** SHA-256 (hex) of what the devices should be; the same for two spellings of one fleet, and before and after an override ends. Secrets count by their keyed fingerprint. */
  readonly fingerprint: string;
  /** When the expansion next changes by time alone, in UTC milliseconds, because an override ends; null: never. */
  readonly nextChangeAt: number | null;
  readonly daemon: DaemonSection;
  readonly devices: readonly DesiredDevice[];
  readonly calls: { readonly allow: readonly string[] };
  readonly commands: { readonly allow: readonly string[] };
  /** Hosts that macros may ask. */
  readonly http: { readonly allow: readonly string[] };
  /** What may be stored of the people whom devices tell of. */
  readonly privacy: {
    readonly remote: IdentityForm;
    readonly organizer: IdentityForm;
    readonly series: 'none' | 'hashed';
  };
  readonly notifiers: Readonly<Record<string, NotifierSection>>;
  /** Other systems than devices that roomd speaks to. */
  readonly systems: SystemsSection;
  /** Where further devices are pulled from. */
  readonly inventory: InventorySection;
  /** How a new revision reaches the devices; null where the file says nothing of it. */
  readonly rollout: RolloutSection | null;
  /** Values of sections that other slices declare (see section.ts), by key. */
  readonly sections: ReadonlyMap<string, unknown>;
  /** Texts of files that those sections name, by the path in the file that names them (`macros[0].script`); absent: none. */
  readonly texts?: ReadonlyMap<string, NamedText>;
  /** Secrets of those sections, by their path in the file (`mqtt.password`); absent: none. */
  readonly secrets?: ReadonlyMap<string, Secret>;
  readonly warnings: readonly Problem[];
}

export interface NamedText {
  /** The file's name as it is written. */
  readonly file: string;
  readonly text: string;
}

export interface DaemonSection {
  readonly mode: 'observe' | 'enforce';
  readonly listen: string;
  /** Of the API; null: plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Addresses and networks of reverse proxies. */
  readonly trustProxy: readonly string[];
  readonly feedback: {
    readonly listen: string;
    /** What devices are told to post to, without a trailing slash; null: slots cannot be registered. */
    readonly publicUrl: string | null;
    readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
    /** Tokens of slots are replaced when they are so old; null: only when asked for. */
    readonly tokenLifeMs: number | null;
    /** A device that keeps posting faster is held back. */
    readonly postsPerSecond: number;
  };
  readonly sessions: {
    /** Web sessions of each device that are left to people. */
    readonly leaveFree: number;
  };
  /** Absolute path of the SQLite file. */
  readonly databaseFile: string;
  readonly retentionMs: RetentionMs;
  readonly metrics: {
    /** In a larger fleet, no single device has series of its own. */
    readonly mostDevices: number;
  };
  /** Origins whose web pages may use the API, as browsers write them. */
  readonly cors: readonly string[];
  readonly tokens: readonly {
    readonly name: string;
    readonly role: Role;
    /** Selector of the devices that it is limited to; null: the whole fleet. */
    readonly devices: string | null;
    readonly hash: string;
  }[];
  /** How long a browser stays signed in. */
  readonly signIn: { readonly idleMs: number; readonly mostMs: number };
  /** All deadlines and intervals of the daemon, in milliseconds. */
  readonly timing: Timing;
}

/** How long each kind of fact is kept, in milliseconds. */
export interface RetentionMs {
  readonly events: number;
  readonly presence: number;
  readonly calls: number;
  readonly bookings: number;
  /** What sensors showed; their hours are kept as long as presence. */
  readonly sensors: number;
  readonly spans: number;
  readonly utilisation: number;
}

export type Role = 'viewer' | 'operator' | 'admin';

export interface Timing {
  /** State is read again this often, whatever the sessions told. */
  readonly sweepMs: number;
  /** Configuration is compared this often in `enforce`. */
  readonly driftMs: number;
  /** Slots are checked this often. */
  readonly slotCheckMs: number;
  /** A first connect, a request, a ping. */
  readonly connectMs: number;
  readonly requestMs: number;
  readonly pingMs: number;
  /** First and longest wait before a device is tried again. */
  readonly retryFirstMs: number;
  readonly retryMostMs: number;
  /** How long an upgrade may take before it counts as not proven. */
  readonly upgradeMs: number;
}

/** One way to tell people; the key says by which service. */
export type NotifierSection =
  | {
      readonly webex: {
        readonly to: { readonly roomId: string } | { readonly personEmail: string };
        /** Null: it speaks as `systems.webex` does. */
        readonly own: { readonly token: Secret; readonly baseUrl: string } | null;
      };
    }
  | {
      readonly email: {
        readonly host: string;
        readonly port: number;
        readonly tls: 'starttls' | 'implicit' | 'none';
        readonly login: { readonly user: string; readonly password: Secret } | null;
        readonly from: string;
        readonly to: readonly string[];
      };
    }
  | { readonly webhook: { readonly url: string; readonly secret: Secret } }
  | { readonly alertmanager: { readonly url: string } }
  /** The URL of a workflow, by which anybody may post. */
  | { readonly teams: { readonly url: Secret } };

/** One device with everything that the layers say about it. */
export interface DesiredDevice {
  readonly name: string;
  readonly formerly: string | null;
  readonly place: Place;
  readonly host: string;
  readonly port: number;
  /** `00:11:22:33:44:55`; absent where neither the file nor a pull tells it. */
  readonly mac?: string;
  /** As the file or a pull tells it, in upper case; absent where neither does. Which one answers is another matter. */
  readonly serial?: string;
  readonly kind: 'board' | 'room' | 'desk' | null;
  /** Name of the entry under `credentials:`. */
  readonly credential: string;
  /** Roles that the account has on the device; absent: Admin. */
  readonly accountRoles?: readonly AccountRole[];
  readonly username: string;
  readonly password: Secret;
  /** What `password` is to be replaced by; absent where the file names nothing. */
  readonly next?: Secret;
  readonly tls: TlsPolicy;
  /** IANA name. */
  readonly timezone: string;
  /** `standup: true` and `floor: 3` are kept as texts: "true", "3". */
  readonly tags: Readonly<Record<string, string>>;
  /** People its room is for; absent where the file does not say. */
  readonly capacity?: number;
  /** Never written by machines. */
  readonly protected: boolean;
  readonly configuration: ReadonlyMap<PathText, DesiredSetting>;
  readonly feedback: DesiredFeedback;
  /** What is kept on the device besides settings; absent where the file names none of it. */
  readonly content?: DesiredContent;
}

/** Files that the fleet file puts onto a device, read and checked; each kind is a resource of its own. */
export interface DesiredContent {
  readonly panels: readonly DesiredPanel[];
  readonly deviceMacros: readonly DesiredDeviceMacro[];
  readonly branding: readonly DesiredBranding[];
  readonly certificates: readonly DesiredCertificate[];
  readonly software: DesiredSoftware | null;
  /** `own`: only what roomd put there is taken away when the file drops it; `all`: whatever the file does not name goes; `none`: nothing goes, as in a restore. */
  readonly prune: 'own' | 'all' | 'none';
}

/** A UI extension: one `<Extensions>` document with exactly one `<Panel>`. */
export interface DesiredPanel {
  readonly id: string;
  readonly xml: string;
  readonly place: Place;
  /** It was another's before a rollout: once put back it is not roomd's. */
  readonly givesBack?: boolean;
}

/** JavaScript that runs on the device itself. */
export interface DesiredDeviceMacro {
  readonly name: string;
  readonly source: string;
  readonly active: boolean;
  readonly place: Place;
  readonly givesBack?: boolean;
}

export interface DesiredBranding {
  /** xCommand UserInterface Branding Upload Type. */
  readonly type: 'Background' | 'Branding' | 'HalfwakeBackground' | 'HalfwakeBranding';
  readonly base64: string;
  readonly place: Place;
  readonly givesBack?: boolean;
}

export interface DesiredCertificate {
  /** `ca`: vouches for others; `service`: the device's own, with its key, for a purpose such as HTTPS. */
  readonly kind: 'ca' | 'service';
  /** One of a service with its key is a Secret; without, as it stands on record, it can be recognised and not put. */
  readonly pem: string | Secret;
  /** SHA-256 of the certificate, upper-case hex with colons. */
  readonly fingerprint256: string;
  readonly expiresAt: number;
  readonly purposes: readonly string[];
  readonly place: Place;
}

/** Reported always; upgraded only where `upgrade` is asked for, in a window. */
export interface DesiredSoftware {
  readonly version: string;
  readonly url: string | null;
  readonly place: Place;
}

export interface DesiredFeedback {
  readonly expressions: readonly string[];
  readonly format: 'XML' | 'JSON';
  /** 1..4; null lets roomd choose (never 3, which TMS uses). */
  readonly slot: number | null;
  /** Over how many slots the expressions are spread; absent: 1. */
  readonly slots?: number;
}

export interface DesiredSetting {
  readonly path: PathText;
  /** The YAML scalar's source text; a Secret where it came from a secret reference or the path is known to hold one. */
  readonly value: string | Secret;
  readonly origin: Origin;
  /** Losing layers, nearest first. */
  readonly overridden: readonly Origin[];
  /** What happens when somebody changes it on the device; absent: `correct`. */
  readonly drift?: DriftRule;
  /** Present while an override holds. */
  readonly temporary?: Temporary;
  /** The layer that keeps those above it from changing the setting; its place is that of the lock. */
  readonly lock?: Lock;
}

/** `correct`: it is put back; `report`: it is shown and left; `ignore`: it is neither. */
export type DriftRule = 'correct' | 'report' | 'ignore';

export interface Temporary {
  /** UTC milliseconds; from then on the device should be as `returnsTo` says. */
  readonly until: number;
  readonly reason: string;
  /** May be temporary itself, and over by then. */
  readonly returnsTo: DesiredSetting;
}

export interface Lock {
  readonly layer: string;
  readonly place: Place;
}

export interface Origin {
  /** `defaults`, `layer oslo`, `profile boardroom`, `device`, `override until 2026-12-01T08:00`. */
  readonly layer: string;
  readonly place: Place;
  /** As shown to people; `[secret]` for secrets. */
  readonly shown: string;
}
