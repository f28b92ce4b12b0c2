import { z } from 'zod';
import type { Campaign, CampaignDevice } from '../fleet/campaign/campaign.ts';
import type { CampaignDecision } from '../fleet/campaign/decision.ts';
import type { CampaignStore } from '../fleet/campaign/store.ts';
import { aborted, type CampaignKind, type CommonVerdict, paused, resumed } from '../fleet/campaign/verbs.ts';
import { type Action, ActionError } from './action.ts';
import { pageOf, Time } from './answers.ts';
import { CursorInput, idIn, writeCursor } from './cursor.ts';
import type { CampaignPorts, CurrentCampaign } from './ports/campaigns.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

/** What the verbs that every kind of campaign takes need to know of one. */
export interface CampaignDoor<Shown> {
  readonly kind: CampaignKind;
  readonly answer: Action<never, Shown>['answer'];
  /** Changes the one under way; a text says why not. @throws ActionError `conflict` without a daemon */
  change(ports: Ports, change: (campaign: Campaign) => CommonVerdict): Promise<string | null>;
  /** What is on record of this kind, newest first. */
  list(
    ports: Ports,
    page: Parameters<CampaignStore<Campaign, CampaignDevice>['list']>[0],
  ): Promise<readonly Campaign[]>;
  /** The one with this id, or the last. @throws ActionError `not-found` */
  show(ports: Ports, id: string | null): Promise<Shown>;
}

export const NoInput = z.strictObject({});
export type NoInput = z.output<typeof NoInput>;

export const ReasonInput = z.strictObject({
  reason: z.string().min(1).max(500).nullable().default(null).describe('What people read who wonder why.'),
});
export type ReasonInput = z.output<typeof ReasonInput>;

export interface StatusInput {
  readonly id: string | null;
}

export function statusOf<Shown>(door: CampaignDoor<Shown>, summary: string): Action<StatusInput, Shown> {
  const { kind } = door;
  return {
    name: kind,
    summary,
    role: 'viewer',
    reach: 'fleet',
    answer: door.answer,
    http: { method: 'GET', path: `/${kind}` },
    input: z.strictObject({
      id: z.string().nullable().default(null).describe(`The last ${kind} where absent.`),
    }),
    run: ({ id }, ports) => door.show(ports, id),
  };
}

const ListInput = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: CursorInput,
});

const CampaignList = pageOf(
  z.strictObject({
    id: z.string().describe('Asks for it with all its devices.'),
    state: z.string(),
    paused: z.boolean(),
    reason: z.string().nullable(),
    actor: z.string(),
    startedAt: Time,
    endedAt: Time.nullable(),
    rings: z.array(z.string()).readonly(),
  }),
);

/** All of one kind that are on record. */
export function listOf<Shown>(
  door: CampaignDoor<Shown>,
): Action<z.output<typeof ListInput>, z.output<typeof CampaignList>> {
  return {
    name: `${door.kind}.list`,
    summary: `Every ${door.kind} that is on record, newest first, without its devices.`,
    role: 'viewer',
    reach: 'fleet',
    http: { method: 'GET', path: `/${door.kind}s` },
    input: ListInput,
    answer: CampaignList,
    async run({ limit, cursor }, ports) {
      const campaigns = await door.list(ports, { before: idIn(cursor, door.kind), limit });
      const last = campaigns.at(-1);
      return {
        items: campaigns.map(({ id, state, isPaused, reason, actor, startedAt, endedAt, rings }) => {
          return {
            id,
            state,
            paused: isPaused,
            reason,
            actor,
            startedAt: rfc3339(startedAt),
            endedAt: rfc3339(endedAt),
            rings,
          };
        }),
        nextCursor: last === undefined || campaigns.length < limit ? null : writeCursor([last.id], door.kind),
      };
    },
  };
}

export function pause<Shown>(door: CampaignDoor<Shown>, summary: string): Action<ReasonInput, Shown> {
  return {
    ...verbOf(door, 'pause', summary),
    input: ReasonInput,
    deed: ({ reason }) => `paused the ${door.kind}${because(reason)}`,
    run: ({ reason }, ports, { actor }) =>
      change(door, ports, (campaign) => paused(door.kind, campaign, reason ?? `by ${actor}`)),
  };
}

export function resume<Shown>(door: CampaignDoor<Shown>): Action<NoInput, Shown> {
  return {
    ...verbOf(door, 'resume', `Go on with a paused ${door.kind}.`),
    input: NoInput,
    deed: () => `let the ${door.kind} go on`,
    run: (_input, ports) => change(door, ports, resumed),
  };
}

export function abort<Shown>(door: CampaignDoor<Shown>, summary: string): Action<ReasonInput, Shown> {
  return {
    ...verbOf(door, 'abort', summary),
    input: ReasonInput,
    deed: ({ reason }) => `ended the ${door.kind}${because(reason)}`,
    run: ({ reason }, ports, { actor }) =>
      change(door, ports, (campaign) => aborted(door.kind, campaign, reason ?? `aborted by ${actor}`)),
  };
}

/** `: lunch` behind what was done, where a reason was given. */
export function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}

function verbOf<Shown>({ kind, answer }: CampaignDoor<Shown>, verb: string, summary: string) {
  return {
    name: `${kind}.${verb}`,
    summary,
    role: 'operator',
    reach: 'fleet',
    answer,
    http: { method: 'POST', path: `/${kind}/${verb}` },
  } as const;
}

async function change<Shown>(
  door: CampaignDoor<Shown>,
  ports: Ports,
  verdict: (campaign: Campaign) => CommonVerdict,
): Promise<Shown> {
  const refusal = await door.change(ports, verdict);
  if (refusal !== null) throw new ActionError('conflict', refusal);
  return door.show(ports, null);
}

/** What carries campaigns out, of which there is none without a daemon. @throws ActionError `conflict` */
export function carriedOut<Runs>(runs: Runs | undefined, called: `${'a' | 'an'} ${CampaignKind}`): Runs {
  if (runs === undefined)
    throw new ActionError(
      'conflict',
      `${called} takes longer than one command: it needs a running daemon, start it with \`roomd run\``,
    );
  return runs;
}

/** The campaign in hand or one on record; by id, or the last that was started. @throws ActionError `not-found` */
export async function found<Of extends Campaign, Device extends CampaignDevice>(
  id: string | null,
  {
    runs,
    store,
    none,
    kind,
  }: {
    runs: CampaignPorts<Of, Device> | undefined;
    store: CampaignStore<Of, Device>;
    none: string;
    kind: CampaignKind;
  },
): Promise<CurrentCampaign<Of, Device>> {
  const current = runs?.current() ?? null;
  if (current !== null && (id === null || current.record.campaign.id === id)) return current;
  const record = await store.find(id);
  if (record === null) throw new ActionError('not-found', id === null ? none : `there is no ${kind} ${id}`);
  return { record, decision: null };
}

/** As `showStand` shows it. */
export const standShape = {
  id: z.string(),
  state: z.string(),
  paused: z.boolean(),
  reason: z.string().nullable(),
  waitsFor: z.string().nullable(),
  actor: z.string(),
};

/** As `showRings` shows them. */
export function ringsShape<Device extends z.ZodRawShape>(device: Device) {
  return {
    startedAt: Time,
    endedAt: Time.nullable(),
    parallel: z.int(),
    rings: z
      .array(
        z.strictObject({
          name: z.string(),
          begun: z.boolean(),
          begunAt: Time.nullable(),
          devices: z.array(z.strictObject({ ...device, nextLookAt: Time.nullable() })).readonly(),
        }),
      )
      .readonly(),
  };
}

/** How every door shows how far a campaign is. */
export function showStand(campaign: Campaign, decision: CampaignDecision<unknown> | null) {
  return {
    id: campaign.id,
    state: campaign.state,
    paused: campaign.isPaused,
    reason: campaign.reason,
    waitsFor: decision?.waitsFor ?? null,
    actor: campaign.actor,
  };
}

/**
 * Its times and rings; a device is shown with what it waits for or why it
 * failed, and when it is looked at next. A ring has begun when the first of
 * its devices was acted on, as far as `actedAt` tells.
 */
export function showRings<Of extends Campaign, Device extends CampaignDevice, Shown>(
  { record: { campaign, devices }, decision }: CurrentCampaign<Of, Device>,
  {
    now,
    showDevice,
    actedAt,
  }: {
    now: number;
    showDevice: (device: Device, reason: string | null) => Shown;
    actedAt: (device: Device) => number | null;
  },
) {
  return {
    startedAt: rfc3339(campaign.startedAt),
    endedAt: rfc3339(campaign.endedAt),
    parallel: campaign.strategy.parallel,
    rings: campaign.rings.map((name, at) => {
      const own = devices.filter(({ ring }) => ring === at);
      const acts = own.flatMap((device) => actedAt(device) ?? []);
      return {
        name,
        begun: at <= campaign.ring,
        begunAt: acts.length === 0 ? null : rfc3339(Math.min(...acts)),
        devices: own.map((device) => ({
          ...showDevice(device, decision?.waiting.get(device.id) ?? device.reason),
          nextLookAt: device.nextAt > now ? rfc3339(device.nextAt) : null,
        })),
      };
    }),
  };
}

/** How many devices are in hand at the same time. */
export function parallelInput(standard: number, description: string) {
  return z.coerce.number().int().min(1).max(64).default(standard).describe(description);
}
