import type { RolloutSection } from '../rollout-section.ts';

/** How a campaign goes about it, kept as data from its start on: a later edit of the file does not change it. */
export interface CampaignStrategy extends Pick<RolloutSection, 'failureBudget' | 'windows' | 'freezes'> {
  /** Devices that are in hand at the same time. */
  readonly parallel: number;
}

/**
 * What a rollout, a rotation and an upgrade have in common: something that goes
 * over the devices of the fleet ring by ring, once, and is on record with every
 * device that it takes. Times are UTC milliseconds.
 */
export interface Campaign {
  readonly id: string;
  readonly actor: string;
  readonly state: string;
  /** No new device begins while it is paused; those in the middle go on. */
  readonly isPaused: boolean;
  /** Why it is paused or ended early, in a sentence. */
  readonly reason: string | null;
  readonly strategy: CampaignStrategy;
  /** How each ring is called: `canary`, `probe`, a selector, `all others`. */
  readonly rings: readonly string[];
  /** The ring under way; -1 before the first. */
  readonly ring: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

export interface CampaignDevice {
  readonly id: number;
  readonly name: string;
  readonly ring: number;
  readonly state: string;
  /** What it waits for or why it failed, in a sentence. */
  readonly reason: string | null;
  /** No try and no check before. */
  readonly nextAt: number;
}

export interface CampaignRecord<Of extends Campaign, Device extends CampaignDevice> {
  readonly campaign: Of;
  readonly devices: readonly Device[];
}

const OVER: ReadonlySet<string> = new Set(['done', 'reverted', 'stopped', 'aborted']);
const GOING: ReadonlySet<string> = new Set(['running', 'catching-up']);

export function isOver({ state }: Pick<Campaign, 'state'>): boolean {
  return OVER.has(state);
}

/** Its rings are under way, or it waits for stragglers. */
export function isGoing({ state }: Pick<Campaign, 'state'>): boolean {
  return GOING.has(state);
}

/** Whether a device may begin; asked once more when its turn on the device has come. */
export function mayBegin(campaign: Pick<Campaign, 'state' | 'isPaused'>): boolean {
  return isGoing(campaign) && !campaign.isPaused;
}

/** A change to this state; only one that is the end of the campaign has a time. */
export function gone<State extends string>(to: State, now: number): { state: State; endedAt: number | null } {
  return { state: to, endedAt: isOver({ state: to }) ? now : null };
}
