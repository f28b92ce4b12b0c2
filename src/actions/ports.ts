import type { Maintenances } from '../alerts/maintenance.ts';
import type { MaintenanceNow } from '../alerts/silence.ts';
import type { AlertStore } from '../alerts/store.ts';
import type { AlertWatch } from '../alerts/watch.ts';
import type { DeviceApplied } from '../fleet/apply.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Hold, Holds } from '../fleet/hold.ts';
import type { DevicePlan, FleetPlan, PlanSummary } from '../fleet/plan.ts';
import type { Problem } from '../fleet/problem.ts';
import type { ResourceProblem } from '../fleet/resource.ts';
import type { Revision } from '../fleet/revision.ts';
import type { Decision } from '../fleet/rollout/decide.ts';
import type { Rollout } from '../fleet/rollout/rollout.ts';
import type { RolloutRecord } from '../fleet/rollout/store.ts';
import type { Verdict } from '../fleet/rollout/verbs.ts';
import type { RolloutSection } from '../fleet/rollout-section.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { SessionState } from '../xapi/device.ts';

/** What the verbs need of the running parts; `daemon/engine` provides it. */
export interface Ports {
  readonly database: Database;
  readonly holds: Holds;
  readonly maintenances: Maintenances;
  /** Alerts on record. */
  readonly alerts: AlertStore;
  /** Absent where no daemon runs that tells people of it. */
  readonly acknowledgeAlerts?: AlertWatch['acknowledge'];
  now(): number;
  fleet(): Fleet;
  /** What is wrong with the file on the disk where it is not the one in force; empty while they agree. */
  fileProblems(): readonly Problem[];
  devices(): readonly DeviceView[];
  /** roomd's own id of a device that the file names. */
  deviceId(name: string): number | null;
  plan(
    devices: readonly DesiredDevice[],
    options: AbortOptions & { onDevice?: (plan: DevicePlan) => void },
  ): Promise<FleetPlan>;
  /** Approves the file's state of these devices and brings them to it. */
  apply(devices: readonly DesiredDevice[], how: ApplyHow, options: AbortOptions): Promise<FleetApplied>;
  /** Brings one device to a state that is not the file's, under its lock and guards, and approves nothing; null where it is not reached from here. */
  restore(
    desired: DesiredDevice,
    how: Pick<ApplyHow, 'actor' | 'force'>,
    options: AbortOptions,
  ): Promise<DeviceApplied | null>;
  trust(name: string, what: TrustWhat): Promise<void>;
  readonly macros: MacroPorts;
  /** Absent where no daemon runs that could carry one out. */
  readonly rollouts?: RolloutPorts;
  system(): Promise<SystemView>;
  /** Reads the file again; a broken one changes nothing and its problems come back. */
  reload(): Promise<readonly Problem[]>;
}

export interface RolloutPorts {
  /** The last one, with what it and its devices wait for. */
  current(): { readonly record: RolloutRecord; readonly decision: Decision | null } | null;
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
  change(change: (rollout: Rollout) => Verdict): Promise<string | null>;
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

export interface TrustWhat {
  /** Accept the certificate that the device shows now. */
  readonly certificate: boolean;
  /** Accept the serial number that answers now. */
  readonly serial: boolean;
  /** Try a refused password once more. */
  readonly retryLogin: boolean;
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
  readonly session: { readonly state: SessionState; readonly since: number; readonly reason: string | null };
  /** Settings that differ; null before the first look. */
  readonly drift: number | null;
  readonly configuration: {
    readonly state: string;
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
  readonly presence: {
    readonly state: 'yes' | 'no' | 'unknown';
    readonly count: number | null;
    readonly since: number | null;
  };
  readonly inCall: boolean | null;
  /** Why machines may not write to it now, null where they may. */
  readonly held: string | null;
  /** While it holds, alerts about the device are recorded and not sent; null: none does. */
  readonly maintenance: MaintenanceNow | null;
}

export interface MacroPorts {
  list(): readonly MacroView[];
  runs(query: {
    macro: string | null;
    device: string | null;
    limit: number;
    /** Only runs older than the one with this id. */
    cursor: string | null;
  }): Promise<readonly RunView[]>;
  /** Starts a run by hand on one device and resolves when it has ended. */
  run(macro: string, device: string, actor: string, options: AbortOptions): Promise<RunView>;
}

export interface MacroView {
  readonly name: string;
  readonly enabled: boolean;
  readonly schedule: readonly string[];
  readonly devices: readonly string[];
  /** The next minute at which it is due on any device. */
  readonly nextAt: number | null;
}

export interface RunView {
  readonly id: string;
  readonly macro: string;
  readonly device: string;
  readonly trigger: string;
  readonly dueAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly state: string;
  readonly reason: string | null;
  readonly steps: readonly {
    readonly step: string;
    readonly state: string;
    readonly result: string | null;
  }[];
}

export interface SystemView {
  readonly version: string;
  readonly startedAt: number;
  readonly mode: 'observe' | 'enforce';
  /** Running on the last good fleet because the file is broken. */
  readonly safeMode: boolean;
  readonly fleetFile: string;
  readonly fingerprint: string;
  /** The fleet differs from what was last approved. */
  readonly pending: boolean;
  readonly holds: readonly Hold[];
  readonly health: readonly { readonly part: string; readonly ok: boolean; readonly reason: string | null }[];
}
