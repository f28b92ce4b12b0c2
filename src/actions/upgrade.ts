import { type ZodType, z } from 'zod';
import { KnowledgeStore } from '../fleet/knowledge/store.ts';
import { deviceFacts } from '../fleet/lint/device-facts.ts';
import type { LintReport } from '../fleet/lint/finding.ts';
import { lintFleet } from '../fleet/lint/lint.ts';
import {
  devicesToUpgrade,
  type PlannedUpgrade,
  planUpgrade,
  type UpgradeWish,
  upgradeSection,
} from '../fleet/upgrade/begin.ts';
import { upgradeStore } from '../fleet/upgrade/store.ts';
import type { UpgradeDevice, UpgradeDeviceState } from '../fleet/upgrade/upgrade.ts';
import { counted } from '../lib/counted.ts';
import { type Action, ActionError, type PerformOptions } from './action.ts';
import { components, Time } from './answers.ts';
import {
  abort,
  type CampaignDoor,
  carriedOut,
  found,
  listOf,
  parallelInput,
  pause,
  resume,
  ringsShape,
  showRings,
  showStand,
  standShape,
  statusOf,
} from './campaign.ts';
import type { UpgradePorts } from './ports/campaigns.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';
import { requirePlannedFile } from './sound-file.ts';

const PlanInput = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  now: z
    .boolean()
    .default(false)
    .describe('Do not wait for windows; the devices must be named. Rooms in use and freezes still count.'),
});
type PlanInput = z.output<typeof PlanInput>;

export const UpgradeDeviceStateAnswer = z.enum([
  'off',
  'failed',
  'pending',
  'applying',
  'soaking',
  'passed',
  'needs-bootstrap',
  'left-out',
]) satisfies ZodType<UpgradeDeviceState>;

export const PlannedUpgradeAnswer = z.strictObject({
  name: z.string(),
  from: z.string().nullable().describe('What it runs; null where it did not answer and was never seen.'),
  to: z.string(),
  url: z.string().nullable(),
  ring: z.string().describe('The ring that it is in.'),
  when: z.string().describe('When it may begin, in a sentence.'),
  problem: z
    .string()
    .nullable()
    .describe('Why it is left out or not reached, in a sentence; null where nothing is known against it.'),
  warnings: z
    .array(z.string())
    .readonly()
    .describe('What the file asks of it and the new software does not take, or takes otherwise.'),
}) satisfies ZodType<PlannedUpgrade>;

export const UpgradePlan = z.strictObject({
  devices: z.array(PlannedUpgradeAnswer).readonly(),
  fingerprint: z
    .string()
    .describe(
      'Of the file that was looked at; given to `upgrade.start`, it refuses when the file has changed since.',
    ),
});
export type UpgradePlan = z.output<typeof UpgradePlan>;

export const ShownUpgrade = z
  .strictObject({
    ...standShape,
    ...ringsShape({
      name: z.string(),
      state: UpgradeDeviceStateAnswer,
      reason: z.string().nullable(),
      from: z.string().nullable(),
      to: z.string(),
      orderedAt: Time.nullable(),
      provenAt: Time.nullable(),
      soaksUntil: Time.nullable(),
      differedBefore: z
        .int()
        .nullable()
        .describe('Settings that differed from the file before, and the paths that do since.'),
      differing: z.array(z.string()).readonly().nullable(),
    }),
  })
  .register(components, { id: 'Upgrade' });
export type ShownUpgrade = z.output<typeof ShownUpgrade>;

export const planUpgrades: Action<PlanInput, UpgradePlan> = {
  name: 'upgrade.plan',
  summary: 'Which devices run another software version than the file says; orders nothing.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'POST', path: '/upgrade/plan' },
  input: PlanInput,
  answer: UpgradePlan,
  async run(input, ports, _caller, options) {
    const wish = await wishOf(input, ports, options);
    return {
      devices: planUpgrade(wish, await lintOf(wish, ports, options)),
      fingerprint: ports.fleet().fingerprint,
    };
  },
};

const StartInput = z.strictObject({
  ...PlanInput.shape,
  fingerprint: z
    .string()
    .nullable()
    .default(null)
    .describe('The fingerprint of the plan that was agreed to; refused when the file has changed since.'),
  parallel: parallelInput(2, 'Devices that are upgraded at the same time.'),
});
type StartInput = z.output<typeof StartInput>;

export const startUpgrade: Action<StartInput, ShownUpgrade> = {
  name: 'upgrade.start',
  summary: "Upgrade devices to the version that the file says, ring by ring, in the file's windows.",
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/upgrade' },
  input: StartInput,
  answer: ShownUpgrade,
  async run({ fingerprint, parallel, ...input }, ports, { actor }, options) {
    const upgrades = upgradesOf(ports);
    requirePlannedFile(ports, fingerprint);
    const wish = await wishOf(input, ports, options);
    if (devicesToUpgrade(wish).length === 0)
      throw new ActionError(
        'conflict',
        'there is nothing to upgrade: no device runs another version than the file says',
      );
    const obstacle = await upgrades.start(wish, { actor, parallel });
    if (obstacle !== null) throw new ActionError('conflict', obstacle);
    return show(ports, null);
  },
};

const door: CampaignDoor<ShownUpgrade> = {
  kind: 'upgrade',
  answer: ShownUpgrade,
  list: (ports, page) => upgradeStore(ports).list(page),
  change: (ports, change) => upgradesOf(ports).change(change),
  show,
};

export const upgradeStatus = statusOf(
  door,
  'An upgrade: its ring, and every device with its versions, its state and what it waits for.',
);
export const listUpgrades = listOf(door);
export const pauseUpgrade = pause(door, 'Let no further device begin; those that have their order go on.');
export const resumeUpgrade = resume(door);
export const abortUpgrade = abort(
  door,
  'Let no further device begin, for good; those that have their order are watched to their end.',
);

function upgradesOf({ upgrades }: Ports): UpgradePorts {
  return carriedOut(upgrades, 'an upgrade');
}

/** Asks the devices what they run. */
async function wishOf(
  { devices, now }: PlanInput,
  ports: Ports,
  { signal, onProgress }: PerformOptions,
): Promise<UpgradeWish> {
  if (now && devices === null)
    throw new ActionError(
      'bad-input',
      'now: name the devices that are not to wait for their window, with -d',
    );
  const fleet = ports.fleet();
  const chosen = selectDevices(fleet, devices).filter(({ content }) => (content?.software ?? null) !== null);
  if (chosen.length === 0)
    throw new ActionError(
      'conflict',
      'the file names no software for these devices: write software: { version, url } into a layer or a device',
    );
  const section = upgradeSection(fleet.rollout, now);
  if (typeof section === 'string') throw new ActionError('conflict', section);
  const tell = counted(chosen.length, onProgress);
  const plan = await ports.plan(chosen, {
    signal,
    onDevice: ({ name, state }) => tell(`${name}: ${state}`),
  });
  const seen = new Map(ports.devices().map(({ name, software }) => [name, software]));
  return {
    devices: chosen,
    plans: new Map(plan.devices.map((one) => [one.name, one])),
    seen: (name) => seen.get(name) ?? null,
    section,
    now: ports.now(),
  };
}

/** What lint says of the file on each version that devices would get. */
async function lintOf(wish: UpgradeWish, ports: Ports, { signal }: PerformOptions): Promise<LintReport[]> {
  const fleet = ports.fleet();
  const store = new KnowledgeStore({ database: ports.database, clock: ports });
  const library = await store.library([], { signal });
  const devices = devicesToUpgrade(wish);
  const versions = new Set(devices.flatMap(({ content }) => content?.software?.version ?? []));
  const facts = deviceFacts(fleet.devices, ports.devices(), []);
  return Promise.all(
    [...versions].map((software) =>
      lintFleet({
        devices: devices.filter(({ content }) => content?.software?.version === software),
        all: fleet.devices,
        facts,
        library,
        software,
      }),
    ),
  );
}
export type ShownUpgradeDevice = ShownUpgrade['rings'][number]['devices'][number];

async function show(ports: Ports, id: string | null) {
  const current = await found(id, {
    kind: 'upgrade',
    runs: ports.upgrades,
    store: upgradeStore(ports),
    none: 'nothing was upgraded yet',
  });
  const { campaign } = current.record;
  return {
    ...showStand(campaign, current.decision),
    ...showRings(current, {
      now: ports.now(),
      actedAt: ({ order }: UpgradeDevice) => order?.at ?? null,
      showDevice: (device: UpgradeDevice, reason) => showDevice(device, reason, campaign.strategy.soakMs),
    }),
  };
}

function showDevice(device: UpgradeDevice, reason: string | null, soakMs: number) {
  const { name, state, from, to, order, provenAt, differedBefore, differing } = device;
  return {
    name,
    state,
    reason,
    from,
    to,
    orderedAt: rfc3339(order?.at ?? null),
    provenAt: rfc3339(provenAt),
    soaksUntil: state === 'soaking' && provenAt !== null ? rfc3339(provenAt + soakMs) : null,
    /** Settings that differed from the file before, and the paths that do since. */
    differedBefore,
    differing,
  };
}
