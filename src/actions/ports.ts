import type { Maintenances } from '../alerts/maintenance.ts';
import type { MaintenanceNow } from '../alerts/silence.ts';
import type { AlertStore } from '../alerts/store.ts';
import type { AlertWatch } from '../alerts/watch.ts';
import type { SessionWord } from '../feedback/session-word.ts';
import type { Access } from '../fleet/access/access.ts';
import type { AccountOnDevice } from '../fleet/account-check.ts';
import type { DeviceApplied } from '../fleet/apply.ts';
import type { DeviceCondition } from '../fleet/condition.ts';
import type { Fight } from '../fleet/fight.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Hold, Holds } from '../fleet/hold.ts';
import type { KnowledgeStore } from '../fleet/knowledge/store.ts';
import type { FleetPlan } from '../fleet/plan.ts';
import type { Problem } from '../fleet/problem.ts';
import type { ResourceProblem } from '../fleet/resource.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import type { Database } from '../storage/database.ts';
import type { SessionState } from '../xapi/device.ts';
import type { SessionCount } from '../xapi/session-count.ts';
import type { Finding, Patient } from './doctor/check.ts';
import type { AcceptedSecret, RolloutPorts, RotationPorts, UpgradePorts } from './ports/campaigns.ts';
import type { ApplyHow, FleetApplied, PlanHow } from './ports/changes.ts';
import type { InventoryPorts } from './ports/inventory.ts';
import type { MacroPorts } from './ports/macros.ts';
import type { RecordPorts, ScopedRecord } from './ports/records.ts';
import type { Retirement, RetirePorts } from './ports/retirement.ts';
import type { SlotPorts } from './ports/slots.ts';
import type { SystemCheck, WebexGrantPorts } from './ports/systems.ts';
import type { TrustPorts } from './ports/trust.ts';

/** What the verbs need of the running parts; `daemon/engine` provides it. `ports/` says more of those that are about one thing. */
export interface Ports {
  /** The whole record, for verbs that reach the fleet. */
  readonly database: Database;
  /** The record of devices, for verbs that reach devices only: what is read of it is read by these ids. */
  readonly scoped: ScopedRecord;
  readonly holds: Pick<Holds, 'list' | 'place' | 'release'>;
  readonly knowledge: Pick<KnowledgeStore, 'library' | 'list' | 'importVendor'>;
  readonly maintenances: Pick<Maintenances, 'running' | 'list' | 'begin' | 'end'>;
  /** Alerts on record. */
  readonly alerts: Pick<AlertStore, 'list' | 'get' | 'changes' | 'deliveries' | 'undelivered'>;
  /** Who may use the API. */
  readonly access: AccessPorts;
  /** Absent where no daemon runs that tells people of it. */
  readonly acknowledgeAlerts?: AlertWatch['acknowledge'];
  now(): number;
  fleet(): Fleet;
  /** What is wrong with the file on the disk where it is not the one in force; empty while they agree. */
  fileProblems(): readonly Problem[];
  devices(): readonly DeviceView[];
  /** Another text whenever a view may be another; absent where nobody keeps count. */
  readonly devicesVersion?: () => string;
  /** roomd's own id of a device that the file names. */
  deviceId(name: string): number | null;
  plan(devices: readonly DesiredDevice[], how: PlanHow): Promise<FleetPlan>;
  /** Approves the file's state of these devices and brings them to it. */
  apply(devices: readonly DesiredDevice[], how: ApplyHow, options: AbortOptions): Promise<FleetApplied>;
  /** Brings one device to a state that is not the file's, under its lock and guards, and approves nothing; null where it is not reached from here. */
  restore(
    desired: DesiredDevice,
    how: Pick<ApplyHow, 'actor' | 'force'> & { readonly kinds: ReadonlySet<string> },
    options: AbortOptions,
  ): Promise<DeviceApplied | null>;
  readonly trust: TrustPorts;
  readonly slots: SlotPorts;
  /** How many web sessions the device has now; null where it is not reached from here. */
  webSessions(desired: DesiredDevice, options: AbortOptions): Promise<SessionCount | null>;
  /** What the device says of the account that roomd logs in with; null where it is not reached from here. */
  account(desired: DesiredDevice, options: AbortOptions): Promise<AccountOnDevice | null>;
  /** Hands one device to a doctor's work; null where it is not reached from here. */
  withPatient<T>(name: string, work: (patient: Patient) => Promise<T>): Promise<T | null>;
  /** Has a device send a post and waits for it; absent where no daemon runs that listens. */
  readonly roundTrip?: (
    name: string,
    how: { readonly actor: string },
    options: AbortOptions,
  ) => Promise<Finding>;
  /** Brings one device to what was approved for it, under its lock and guards; null where nothing was. */
  bringToApproved(
    name: string,
    how: Pick<ApplyHow, 'actor' | 'force'>,
    options: AbortOptions,
  ): Promise<DeviceApplied | null>;
  readonly retirement: RetirePorts;
  readonly inventory: InventoryPorts;
  /** Absent where no daemon runs that a browser could come back to. */
  readonly webexGrants?: WebexGrantPorts;
  /** Asks the systems that macros speak to, those that the file names. */
  checkSystems(options: AbortOptions): Promise<readonly SystemCheck[]>;
  /** The lines of its macro log that a device still holds, by field, and what none of them may show. */
  macroLog(
    name: string,
    options: AbortOptions,
  ): Promise<{ readonly lines: readonly ReadonlyMap<string, string>[]; readonly secret: string }>;
  readonly macros: MacroPorts;
  readonly records: RecordPorts;
  /** Absent where no daemon runs that could carry one out. */
  readonly rollouts?: RolloutPorts;
  /** Absent where no daemon runs that could carry one out. */
  readonly rotations?: RotationPorts;
  /** Which secret each device is on record to accept, where the file names two. */
  acceptedSecrets(): Promise<readonly AcceptedSecret[]>;
  /** The same of software. */
  readonly upgrades?: UpgradePorts;
  /** What the file says of scheduled backups, null where nothing; absent where no daemon runs. */
  readonly backups?: () => BackupPlan | null;
  system(): Promise<SystemView>;
  /** Reads the file again; a broken one changes nothing and its problems come back. */
  reload(): Promise<readonly Problem[]>;
}

/** What the verbs need of tokens and users: what is on record, and changes of it one after another. */
export type AccessPorts = Pick<Access, 'load' | 'entries' | 'lastUsed' | 'put' | 'remove' | 'inTurn'>;

export interface BackupPlan {
  readonly folder: string;
  readonly schedule: string;
  readonly timezone: string;
  /** UTC milliseconds. */
  readonly nextAt: number | null;
}

export interface WebSessionsView extends SessionCount {
  /** UTC milliseconds. */
  readonly countedAt: number;
}

/** One device as operators see it. Times are integer UTC milliseconds here; the doors write RFC 3339. */
export interface DeviceView {
  readonly name: string;
  readonly host: string;
  readonly kind: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly timezone: string;
  readonly protected: boolean;
  readonly product: string | null;
  readonly software: string | null;
  readonly serial: string | null;
  /** The trusted certificate that it showed last; null before. */
  readonly certificate: CertificateFacts | null;
  readonly session: {
    readonly state: SessionState;
    /** The same as people say it. */
    readonly word: SessionWord;
    readonly since: number;
    readonly reason: string | null;
  };
  /** As they were counted last; null before. */
  readonly webSessions: WebSessionsView | null;
  /** Settings that differ; null before the first look. */
  readonly drift: number | null;
  readonly configuration: {
    readonly state: DeviceCondition['state'];
    readonly reason: string | null;
    readonly checkedAt: number | null;
    readonly wrongSince: number | null;
    readonly waiting: string | null;
    readonly problems: readonly ResourceProblem[];
    readonly hints: readonly string[];
  };
  readonly slot: {
    readonly state: 'ok' | 'failed' | 'none' | 'off';
    readonly number: number | null;
    readonly reason: string | null;
  };
  /** Since when its posts are answered late because it posts too fast; null while they are not. */
  readonly heldBackSince: number | null;
  /** Settings that roomd put right and something else keeps changing back; left alone while it lasts. */
  readonly fights: readonly Fight[];
  readonly presence: {
    readonly state: 'yes' | 'no' | 'unknown';
    readonly count: number | null;
    readonly since: number | null;
  };
  readonly inCall: boolean | null;
  /** The device's own word on whether the room is in use. */
  readonly inUse: boolean | null;
  /** `Standby`, `EnteringStandby`, `Halfwake` or `Off`, which means awake; null where it is not known. */
  readonly standby: string | null;
  /** What sensors show now; `source` is `device`, or `peripheral:1001` by the device's own id of it. */
  readonly sensors: readonly {
    readonly sensor: string;
    readonly source: string;
    readonly value: number;
    readonly unit: string;
  }[];
  /** The booking under way or else the next to come, as far as the device tells; null where none is known. */
  readonly nextBooking: { readonly start: number; readonly end: number } | null;
  /** Why machines may not write to it now, null where they may. */
  readonly held: string | null;
  /** Since when machines leave it alone for good, and who said so; null while it is in service. */
  readonly retired: Retirement | null;
  /** While it holds, alerts about the device are recorded and not sent; null: none does. */
  readonly maintenance: MaintenanceNow | null;
}

export interface SystemView {
  readonly version: string;
  readonly startedAt: number;
  /** When a daemon last wrote to this database; null: none ever did. */
  readonly aliveAt: number | null;
  readonly mode: 'observe' | 'enforce';
  /** Running on the last good fleet because the file is broken. */
  readonly safeMode: boolean;
  readonly fleetFile: string;
  readonly fingerprint: string;
  /** The revision that was last approved; null where nothing ever was. */
  readonly revision: string | null;
  /** The fleet differs from what was last approved; null where the file could not be read whole. */
  readonly pending: boolean | null;
  readonly holds: readonly Hold[];
  readonly health: readonly { readonly part: string; readonly ok: boolean; readonly reason: string | null }[];
}
