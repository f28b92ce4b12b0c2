import type { Maintenances } from '../alerts/maintenance.ts';
import type { MaintenanceNow } from '../alerts/silence.ts';
import type { AlertStore } from '../alerts/store.ts';
import type { AlertWatch } from '../alerts/watch.ts';
import type { ErasureCounts } from '../feedback/erase.ts';
import type { SessionWord } from '../feedback/session-word.ts';
import type { SlotOwner } from '../feedback/slots.ts';
import type { Access } from '../fleet/access/access.ts';
import type { AccountOnDevice } from '../fleet/account-check.ts';
import type { DeviceApplied } from '../fleet/apply.ts';
import type { Campaign, CampaignDevice, CampaignRecord } from '../fleet/campaign/campaign.ts';
import type { CampaignDecision } from '../fleet/campaign/decision.ts';
import type { CampaignVerdict } from '../fleet/campaign/verbs.ts';
import type { DeviceCondition } from '../fleet/condition.ts';
import type { Fight } from '../fleet/fight.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Hold, Holds } from '../fleet/hold.ts';
import type { SourceName } from '../fleet/inventory/inventory-section.ts';
import type { PullStanding } from '../fleet/inventory/inventory-store.ts';
import type { PulledDevice, TakenIn } from '../fleet/inventory/pulled.ts';
import type { KnowledgeStore } from '../fleet/knowledge/store.ts';
import type { DevicePlan, FleetPlan, PlanSummary } from '../fleet/plan.ts';
import type { Problem } from '../fleet/problem.ts';
import type { ResourceProblem } from '../fleet/resource.ts';
import type { Revision } from '../fleet/revision.ts';
import type { Rollout, RolloutDevice } from '../fleet/rollout/rollout.ts';
import type { RolloutSection } from '../fleet/rollout-section.ts';
import type { Rotation, RotationDevice, RotationRecord } from '../fleet/rotation/rotation.ts';
import type { UpgradeWish } from '../fleet/upgrade/begin.ts';
import type { Upgrade, UpgradeDevice } from '../fleet/upgrade/upgrade.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import type { RunState, StepState } from '../macros/run-store.ts';
import type { TriggerFacts } from '../macros/trigger.ts';
import type { Database } from '../storage/database.ts';
import type { DeviceIdentity, SessionState } from '../xapi/device.ts';
import type { XapiErrorCode } from '../xapi/errors.ts';
import type { SessionCount } from '../xapi/session-count.ts';
import type { Finding, Patient } from './doctor/check.ts';

/** What the verbs need of the running parts; `daemon/engine` provides it. */
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

/** The database, and the devices of which something may be read from it; null: all, those that the file no longer names as well. */
export interface ScopedRecord {
  readonly database: Database;
  readonly deviceIds: ReadonlySet<number> | null;
}

/** What the verbs need of tokens and users: what is on record, and changes of it one after another. */
export type AccessPorts = Pick<Access, 'load' | 'entries' | 'lastUsed' | 'put' | 'remove' | 'inTurn'>;

/** What the verbs need of the campaigns of any kind. */
export interface CampaignPorts<Of extends Campaign, Device extends CampaignDevice> {
  /** The last one, with what it and its devices wait for. */
  current(): CurrentCampaign<Of, Device> | null;
  /** Changes it as a person asks; a text says why not. */
  change(change: (campaign: Of) => CampaignVerdict<Of>): Promise<string | null>;
}

export interface CurrentCampaign<Of extends Campaign, Device extends CampaignDevice> {
  readonly record: CampaignRecord<Of, Device>;
  readonly decision: CampaignDecision<unknown> | null;
}

export interface RolloutPorts extends CampaignPorts<Rollout, RolloutDevice> {
  latestRevision(): Promise<Revision | null>;
  /** Records a new one and begins it; a text says what stands in the way. */
  start(
    devices: readonly DesiredDevice[],
    how: {
      readonly section: RolloutSection;
      readonly actor: string;
      readonly plans: readonly DevicePlan[];
      readonly parallel: number;
      readonly confirmWithinMs: number | null;
    },
  ): Promise<string | null>;
}

export interface PlanHow extends AbortOptions {
  /** Reads every device, also where its session keeps what is known current. */
  readonly fresh?: boolean;
  readonly onDevice?: (plan: DevicePlan) => void;
  /** Kinds of the resources that are compared; all where absent. */
  readonly kinds?: ReadonlySet<string>;
}

export interface RotationPorts extends CampaignPorts<Rotation, RotationDevice> {
  /** What would begin; a text says what stands in the way. */
  prepare(devices: readonly DesiredDevice[], how: RotateHow): Promise<RotationRecord | string>;
  /** Records a new one and begins it; a text says what stands in the way. */
  start(devices: readonly DesiredDevice[], how: RotateHow): Promise<string | null>;
}

export interface RotateHow {
  readonly actor: string;
  readonly credential: string;
  /** The device that comes first; null: the first that answers. */
  readonly probe: string | null;
  readonly parallel: number;
}

export interface AcceptedSecret {
  readonly name: string;
  readonly credential: string;
  /** Null: nothing is on record, or both are refused. */
  readonly accepts: 'password' | 'next' | null;
}

export interface UpgradePorts extends CampaignPorts<Upgrade, UpgradeDevice> {
  /** Records a new one and begins it; a text says what stands in the way. */
  start(
    wish: UpgradeWish,
    how: { readonly actor: string; readonly parallel: number },
  ): Promise<string | null>;
}

export interface BackupPlan {
  readonly folder: string;
  readonly schedule: string;
  readonly timezone: string;
  /** UTC milliseconds. */
  readonly nextAt: number | null;
}

/** What a device's records are erased of, UTC milliseconds; null: as far as they go. */
export interface RecordSpan {
  readonly deviceId: number;
  readonly from: number | null;
  readonly to: number | null;
}

export interface RecordPorts {
  /** How many rows an erasure would take away. */
  count(span: RecordSpan, options: AbortOptions): Promise<ErasureCounts>;
  erase(span: RecordSpan, actor: string, options: AbortOptions): Promise<ErasureCounts>;
  /** Makes records again from the events that are kept. @returns of how many devices */
  rebuild(what: { readonly since?: number; readonly deviceId?: number }): Promise<number>;
}

export interface ApplyHow {
  readonly actor: string;
  /** Writes also where the room is in use. */
  readonly force: boolean;
  readonly onDevice?: (applied: DeviceApplied) => void;
}

export interface FleetApplied {
  readonly revision: string;
  readonly devices: readonly DeviceApplied[];
  readonly summary: PlanSummary & AppliedSummary;
}

export interface AppliedSummary {
  readonly accepted: number;
  readonly refused: number;
  readonly waiting: number;
  readonly notProven: number;
}

/** What devices show beside what is on record of them, and binding them to what a person vouched for. The device must be one of the file. */
export interface TrustPorts {
  /** By a TLS handshake alone: no login is sent. */
  certificate(name: string, options: AbortOptions): Promise<CertificateLook>;
  /** By a login, sent only to the certificate with this fingerprint; null: to the one on record. */
  unit(name: string, fingerprint256: string | null, options: AbortOptions): Promise<UnitLook>;
  pin(name: string, certificate: CertificateFacts, actor: string): Promise<void>;
  /** Another unit than before: what roomd knew of the old one is forgotten. */
  bind(name: string, unit: DeviceIdentity, actor: string): Promise<void>;
  /** Lets a refused password be tried once more. */
  retryLogin(name: string): Promise<void>;
}

/** Devices that go out of service. The device must be one of the file. */
export interface RetirePorts {
  of(name: string): DeviceView['retired'];
  /** What would be taken off: our feedback slot and what is on record as put there by roomd. */
  plan(name: string, options: AbortOptions): Promise<DevicePlan>;
  /** What is on record as put there, in words. */
  onRecord(name: string): Promise<readonly string[]>;
  /** Puts the device on record as retired, then takes off what is ours and proves it. */
  retire(name: string, how: Pick<ApplyHow, 'actor' | 'force'>, options: AbortOptions): Promise<DeviceApplied>;
  takeUp(name: string, actor: string): Promise<void>;
}

/** What came of asking another system. */
export interface SystemCheck {
  /** Its key under `systems:`. */
  readonly system: string;
  readonly ok: boolean;
  /** A sentence: what it said, or why it could not be asked. */
  readonly found: string;
}

/** What the verbs need of the systems that devices are pulled from. */
export interface WebexGrantPorts {
  /** The address at which a person grants; null: what roomd's verbs need. Throws SystemError. */
  begin(scopes: readonly string[] | null): {
    readonly url: string;
    readonly redirectUri: string;
    /** UTC milliseconds. */
    readonly endsAt: number;
  };
  /** Who roomd is by the grant, in a sentence; null where nobody asked for it. Throws what Webex refuses. */
  complete(
    back: { readonly state: string; readonly code: string },
    options: AbortOptions,
  ): Promise<string | null>;
}

export interface InventoryPorts {
  /** That the file pulls from. */
  sources(): readonly SourceName[];
  standing(source: SourceName): Promise<PullStanding>;
  /** On record, also those that the source no longer has. */
  devices(): Promise<readonly PulledDevice[]>;
  /** What a pull would change; null where the file pulls from nowhere. Throws what the source throws. */
  look(source: SourceName, options: AbortOptions): Promise<TakenIn | null>;
  /** Pulls and keeps it; the same otherwise. */
  pull(source: SourceName, options: AbortOptions): Promise<TakenIn | null>;
  /** Takes one that is gone off the record; a text says why not. */
  forget(source: SourceName, key: string): Promise<string | null>;
}

export interface CertificateLook {
  readonly tls: 'pin' | 'ca' | 'insecure';
  /** The file itself gives the fingerprint; roomd's record does not count then. */
  readonly isPinnedInFile: boolean;
  readonly recorded: RecordedCertificate | null;
  readonly shown: CertificateFacts | null;
  /** Why nothing is shown. */
  readonly reason: string | null;
}

/** Of a certificate pinned by an older roomd, or by the file, the fingerprint is all that is known until it is seen. */
export type RecordedCertificate = Pick<CertificateFacts, 'fingerprint256'> & {
  readonly [Field in Exclude<keyof CertificateFacts, 'fingerprint256'>]: CertificateFacts[Field] | null;
};

export interface UnitLook {
  readonly recorded: {
    readonly serial: string | null;
    readonly product: string | null;
    readonly software: string | null;
  };
  readonly shown: DeviceIdentity | null;
  /** The device of the fleet that the unit shown is on record as; null where it is this one's, or nobody's. */
  readonly belongsTo: string | null;
  /** Why nobody is shown, by code and in a sentence. */
  readonly failure: { readonly code: XapiErrorCode; readonly reason: string } | null;
}

export interface WebSessionsView extends SessionCount {
  /** UTC milliseconds. */
  readonly countedAt: number;
}

/** The path of problems that concern the feedback slots as such. */
export const SLOT_PROBLEM = 'HttpFeedback';

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
  readonly retired: { readonly since: number; readonly by: string } | null;
  /** While it holds, alerts about the device are recorded and not sent; null: none does. */
  readonly maintenance: MaintenanceNow | null;
}

export interface SlotPorts {
  /** From what was read last; read now where `fresh`, or where nothing was. */
  list(
    devices: readonly DesiredDevice[],
    how: { readonly fresh: boolean },
    options: AbortOptions,
  ): Promise<readonly DeviceSlots[]>;
  /** Gives devices another token; absent where no daemon runs that could. */
  readonly rotate?: (
    devices: readonly DesiredDevice[],
    actor: string,
  ) => Promise<
    readonly { readonly name: string; readonly isBegun: boolean; readonly reason: string | null }[]
  >;
}

export interface DeviceSlots {
  readonly name: string;
  /** UTC milliseconds; null where they are not known, and `reason` says why. */
  readonly seenAt: number | null;
  readonly reason: string | null;
  /** All four, or none where they are not known. */
  readonly slots: readonly {
    readonly number: number;
    readonly owner: SlotOwner | 'free';
    /** Where it posts to, without the path, which may hold a secret. */
    readonly origin: string | null;
    readonly status: string | null;
    readonly format: string | null;
    readonly expressions: readonly string[];
  }[];
  /** When a post of the device was last taken since the start. */
  readonly lastPostAt: number | null;
  readonly token: {
    readonly since: number;
    readonly isOldAccepted: boolean;
    readonly provenAt: number | null;
  } | null;
}

export interface MacroPorts {
  list(): readonly MacroView[];
  runs(query: {
    macro: string | null;
    device: string | null;
    state: RunState | null;
    /** Only on these; all where absent. */
    devices?: readonly string[];
    limit: number;
    /** Only runs older than the one with this id. */
    cursor: string | null;
  }): Promise<readonly RunView[]>;
  /** One of the last by its id, or the end of it; null where there is none. */
  get(id: string): Promise<RunView | null>;
  /** Starts a run by hand, on one device or for the fleet, and resolves when it has ended. */
  run(macro: string, device: string | null, how: RunByHand): Promise<RunView>;
  /** Runs one step by hand as a macro would, with arguments as they would stand in the file; resolves when it has ended. */
  runStep(
    step: 'dial' | 'disconnect' | 'command' | 'release' | 'message' | 'standby' | 'wake' | 'reboot',
    args: unknown,
    device: string,
    how: Pick<RunByHand, 'actor'>,
  ): Promise<RunView>;
  /** Runs again as a run of it went, from a step counted from 1; resolves when it has ended. */
  runAgain(id: string, step: number, how: Pick<RunByHand, 'actor'>): Promise<RunView>;
  /** Hashes of the tokens that set a macro off over HTTP; none where there is no such macro. */
  triggerTokens(macro: string): readonly string[];
  /** Sets a macro off over HTTP, on one of its devices or on all; resolves with the ids of the runs that began. */
  setOff(macro: string, about: { device: string | null; value: string }): Promise<readonly string[]>;
  /** Ends a run; false where it is not under way. */
  cancel(id: string, actor: string): Promise<boolean>;
}

export interface RunByHand {
  readonly actor: string;
  /** Nothing is done; what would be is recorded. */
  readonly isDry: boolean;
}

export interface MacroView {
  readonly name: string;
  readonly description: string | null;
  readonly scope: 'device' | 'fleet';
  /** The condition, as the file writes it. */
  readonly if: string | null;
  /** The kinds of what sets it off. */
  readonly triggers: readonly string[];
  /** The same in words for people. */
  readonly when: readonly string[];
  /** As the file has it. */
  readonly selector: string;
  /** Its steps in words; a script has none. */
  readonly steps: readonly string[];
  readonly enabled: boolean;
  readonly schedule: readonly string[];
  readonly devices: readonly string[];
  /** A run acts on nothing but its own device. */
  readonly staysOnDevice: boolean;
  /** The next minute at which it is due on any device. */
  readonly nextAt: number | null;
}

export interface RunView {
  readonly id: string;
  readonly macro: string;
  /** Null for a run that is for the fleet as a whole. */
  readonly device: string | null;
  readonly trigger: string;
  readonly facts: TriggerFacts;
  readonly dueAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly state: RunState;
  readonly reason: string | null;
  readonly steps: readonly RunStepView[];
}

export interface RunStepView {
  /** Where it stands in the macro: `steps[2].then[0]`. */
  readonly path: string;
  readonly step: string;
  readonly device: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: StepState;
  readonly result: string | null;
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
