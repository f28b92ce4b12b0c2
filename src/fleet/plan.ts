import pLimit from 'p-limit';
import type { AbortOptions } from '../lib/abort.ts';
import type { Device, DeviceIdentity } from '../xapi/device.ts';
import { XapiError, type XapiErrorCode } from '../xapi/errors.ts';
import type { Change } from './change.ts';
import type { DesiredDevice } from './fleet.ts';
import type { AnyResource, ResourceDiff, ResourceProblem } from './resource.ts';

/**
 * How a device stands against the file.
 * - `in-sync`: nothing to do
 * - `drift`: something differs
 * - the others: why nobody knows; `reason` says it in a sentence
 */
export type PlanState =
  | 'in-sync'
  | 'drift'
  | 'unreachable'
  | 'login-refused'
  | 'certificate-changed'
  | 'swapped'
  | 'failed';

export interface DevicePlan {
  readonly name: string;
  readonly state: PlanState;
  readonly reason: string | null;
  readonly identity: DeviceIdentity | null;
  readonly changes: readonly Change[];
  readonly untouched: number;
  readonly problems: readonly ResourceProblem[];
  readonly hints: readonly string[];
  /** How old the knowledge of the configuration is; absent where nothing is known. */
  readonly asOf?: AsOf;
}

export interface AsOf {
  /** UTC milliseconds of the reading. */
  readonly at: number;
  /** `session`: kept current by what the session reports since; `reading`: read for this plan. */
  readonly by: 'reading' | 'session';
}

export interface FleetPlan {
  readonly devices: readonly DevicePlan[];
  readonly summary: PlanSummary;
}

export interface PlanSummary {
  readonly devices: number;
  readonly inSync: number;
  readonly drift: number;
  /** Devices of which nothing is known now. */
  readonly failed: number;
  readonly changes: number;
  readonly untouched: number;
  readonly problems: number;
}

/** One device to plan: what it should be and how it is reached. */
export interface Target {
  readonly desired: DesiredDevice;
  readonly device: Device;
}

/** Plans every device, at most `limit` at a time, in the order given. Writes nothing. */
export async function planFleet(
  targets: readonly Target[],
  {
    plan: planOne,
    limit,
    onDevice,
  }: {
    plan: (target: Target) => Promise<DevicePlan>;
    limit: number;
    onDevice?: (plan: DevicePlan) => void;
  },
): Promise<FleetPlan> {
  const gate = pLimit(limit);
  const devices = await Promise.all(
    targets.map((target) =>
      gate(async () => {
        const plan = await planOne(target);
        onDevice?.(plan);
        return plan;
      }),
    ),
  );
  return { devices, summary: summarize(devices) };
}

/** Plans one device; whatever the device does wrong is its plan's state and sentence. Rejects only when the signal aborts or the database fails. */
export async function planDevice(
  { desired, device }: Target,
  { resources, signal }: { resources: readonly AnyResource[] } & AbortOptions,
): Promise<DevicePlan> {
  let identity: DeviceIdentity | null = null;
  try {
    identity = await device.identify({ signal });
    const diffs: ResourceDiff[] = [];
    for (const resource of resources) {
      diffs.push(resource.diff(desired, await resource.observe(device, desired, identity, { signal })));
    }
    return assemble(desired, identity, diffs);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof XapiError)) throw error;
    return failedPlan(desired.name, identity, error);
  }
}

export function assemble(
  desired: DesiredDevice,
  identity: DeviceIdentity,
  diffs: readonly ResourceDiff[],
): DevicePlan {
  const changes = diffs.flatMap((diff) => diff.changes);
  const mismatch = kindMismatch(desired, identity);
  const problems = [
    ...(mismatch === null ? [] : [{ path: 'kind', message: mismatch }]),
    ...diffs.flatMap((diff) => diff.problems),
  ];
  return {
    name: desired.name,
    state: changes.length === 0 && problems.length === 0 ? 'in-sync' : 'drift',
    reason: null,
    identity,
    changes,
    untouched: diffs.reduce((sum, diff) => sum + diff.untouched, 0),
    problems,
    hints: diffs.flatMap((diff) => diff.hints),
  };
}

/** `kind:` in the file against the product's name, where the name tells; another device than the file means is not written to. */
export function kindMismatch({ kind }: DesiredDevice, { product }: DeviceIdentity): string | null {
  const told = KINDS.find(({ name }) => name.test(product))?.kind ?? null;
  return kind === null || told === null || kind === told
    ? null
    : `the file says ${kind}, the device is a ${product}`;
}

const KINDS = [
  { kind: 'board', name: /board/i },
  { kind: 'desk', name: /desk/i },
  { kind: 'room', name: /room|codec/i },
] as const;

export function failedPlan(name: string, identity: DeviceIdentity | null, error: XapiError): DevicePlan {
  return {
    name,
    state: STATE_OF[error.code],
    reason: error.message,
    identity,
    changes: [],
    untouched: 0,
    problems: [],
    hints: [],
  };
}

/** What a failure of a device makes of its row: a dead device is data, not a stack trace. */
const STATE_OF: Readonly<Record<XapiErrorCode, PlanState>> = {
  unreachable: 'unreachable',
  deadline: 'unreachable',
  tls: 'failed',
  'certificate-changed': 'certificate-changed',
  'login-refused': 'login-refused',
  'login-blocked': 'login-refused',
  'websocket-off': 'failed',
  busy: 'unreachable',
  closed: 'unreachable',
  'serial-changed': 'swapped',
  'too-large': 'failed',
  malformed: 'failed',
  'unknown-path': 'failed',
  'bad-value': 'failed',
  permission: 'failed',
  'command-failed': 'failed',
  'not-ready': 'unreachable',
  rejected: 'failed',
};

export function summarize(devices: readonly DevicePlan[]): PlanSummary {
  const count = (test: (plan: DevicePlan) => boolean): number => devices.filter(test).length;
  const sum = (size: (plan: DevicePlan) => number): number =>
    devices.reduce((total, plan) => total + size(plan), 0);
  return {
    devices: devices.length,
    inSync: count((plan) => plan.state === 'in-sync'),
    drift: count((plan) => plan.state === 'drift'),
    failed: count((plan) => plan.state !== 'in-sync' && plan.state !== 'drift'),
    changes: sum((plan) => plan.changes.length),
    untouched: sum((plan) => plan.untouched),
    problems: sum((plan) => plan.problems.length),
  };
}
