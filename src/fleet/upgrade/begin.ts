import { resolveRings } from '../campaign/rings.ts';
import type { DesiredDevice } from '../fleet.ts';
import type { LintReport } from '../lint/finding.ts';
import type { DevicePlan } from '../plan.ts';
import { isVersion } from '../resources/software.ts';
import type { RolloutSection } from '../rollout-section.ts';
import { closedFor } from './decide.ts';
import type { UpgradeDevice, UpgradeRecord } from './upgrade.ts';

/** One device that an upgrade would take. */
export interface PlannedUpgrade {
  readonly name: string;
  /** What it runs; null where it did not answer and was never seen. */
  readonly from: string | null;
  readonly to: string;
  readonly url: string | null;
  /** The ring that it is in. */
  readonly ring: string;
  /** When it may begin, in a sentence. */
  readonly when: string;
  /** Why it is left out or not reached, in a sentence; null where nothing is known against it. */
  readonly problem: string | null;
  /** What the file asks of it and the new software does not take, or takes otherwise. */
  readonly warnings: readonly string[];
}

export interface UpgradeWish {
  readonly devices: readonly DesiredDevice[];
  readonly plans: ReadonlyMap<string, DevicePlan>;
  /** What was last seen of a device that does not answer. */
  readonly seen: (name: string) => string | null;
  readonly section: UpgradeSection;
  readonly now: number;
}

/** How the file wants upgrades to go; windows are empty where a person named the devices and said now. */
export type UpgradeSection = Pick<
  RolloutSection,
  'canary' | 'rings' | 'soakMs' | 'failureBudget' | 'windows' | 'freezes' | 'upgradeNeedsMs'
>;

const WITHOUT_SECTION: UpgradeSection = {
  canary: null,
  rings: [],
  soakMs: 0,
  failureBudget: { kind: 'number', devices: 0 },
  windows: [],
  freezes: [],
  upgradeNeedsMs: 0,
};

/** How an upgrade goes about it, or why it cannot begin. With `isNow` windows do not count; freezes do. */
export function upgradeSection(section: RolloutSection | null, isNow: boolean): UpgradeSection | string {
  if (isNow) return { ...(section ?? WITHOUT_SECTION), windows: [], upgradeNeedsMs: 0 };
  if (section === null || section.windows.length === 0)
    return 'the file names no window in which devices may be upgraded: write rollout.windows, or name devices with -d and say --now';
  return section;
}

/** The devices whose file names a version that they do not run. */
export function devicesToUpgrade({
  devices,
  plans,
  seen,
}: Omit<UpgradeWish, 'section' | 'now'>): DesiredDevice[] {
  return devices.filter(({ name, content }) => {
    const wanted = content?.software ?? null;
    if (wanted === null) return false;
    const running = plans.get(name)?.identity?.software ?? seen(name);
    return running === null || !isVersion(running, wanted.version);
  });
}

/** Rows for people, in the order of the rings. */
export function planUpgrade(wish: UpgradeWish, reports: readonly LintReport[]): PlannedUpgrade[] {
  const { plans, seen, section, now } = wish;
  return resolveRings(section, devicesToUpgrade(wish)).flatMap(({ label, devices }) =>
    devices.map((device) => {
      const { name, timezone, content } = device;
      const { version = '', url = null } = content?.software ?? {};
      const plan = plans.get(name);
      const closed = closedFor(section.upgradeNeedsMs)(section, timezone, now);
      return {
        name,
        from: plan?.identity?.software ?? seen(name),
        to: version,
        url,
        ring: label,
        when: closed === null ? 'at once when its turn comes' : closed.reason,
        problem: obstacle(device) ?? (plan?.identity === null ? plan.reason : null),
        warnings: warningsOf(name, reports),
      };
    }),
  );
}

/** A device for which nothing can be ordered. */
function obstacle({ protected: isProtected, content }: DesiredDevice): string | null {
  if (isProtected) return 'it is protected: machines never touch it';
  if (content?.software?.url == null)
    return 'the file does not say from where to fetch it: write software.url';
  return null;
}

const UPGRADE_RULES: ReadonlySet<string> = new Set(['space-changes', 'default-changes', 'not-checked']);

/** What lint says of the file on the new software, as far as it is the device's. */
function warningsOf(name: string, reports: readonly LintReport[]): string[] {
  return reports
    .flatMap(({ findings }) => findings)
    .filter(
      ({ level, rule, devices }) => devices.includes(name) && (level === 'error' || UPGRADE_RULES.has(rule)),
    )
    .map(({ message, remedy, place: { file, line } }) =>
      [message, remedy, `(${file}:${line})`].filter((part) => part !== null).join(' '),
    );
}

/** A new upgrade with every device in its ring. */
export function newUpgrade(
  wish: UpgradeWish,
  {
    id,
    actor,
    parallel,
    idOf,
  }: { id: string; actor: string; parallel: number; idOf: (name: string) => number | null },
): UpgradeRecord {
  const { section, now } = wish;
  const { soakMs, failureBudget, windows, freezes, upgradeNeedsMs } = section;
  const rings = resolveRings(section, devicesToUpgrade(wish));
  return {
    campaign: {
      id,
      actor,
      state: 'running',
      isPaused: false,
      reason: null,
      strategy: { soakMs, failureBudget, windows, freezes, upgradeNeedsMs, parallel },
      rings: rings.map(({ label }) => label),
      ring: -1,
      startedAt: now,
      endedAt: null,
    },
    devices: rings.flatMap(({ devices }, ring) =>
      devices.flatMap((device) => newDevice(device, ring, { wish, idOf })),
    ),
  };
}

function newDevice(
  device: DesiredDevice,
  ring: number,
  { wish, idOf }: { wish: UpgradeWish; idOf: (name: string) => number | null },
): UpgradeDevice[] {
  const { name, content } = device;
  const id = idOf(name);
  const software = content?.software ?? null;
  if (id === null || software === null) return [];
  const reason = obstacle(device);
  return [
    {
      id,
      name,
      ring,
      state: reason === null ? 'pending' : 'left-out',
      reason,
      from: wish.plans.get(name)?.identity?.software ?? wish.seen(name),
      to: software.version,
      url: software.url,
      order: null,
      differedBefore: null,
      differing: null,
      knownErrors: [],
      provenAt: null,
      strikes: 0,
      nextAt: 0,
    },
  ];
}
