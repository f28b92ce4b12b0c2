import { type Campaign, isGoing } from './campaign.ts';

/** How the kinds of campaigns are called, in sentences and as their tables. */
export type CampaignKind = 'rollout' | 'rotation' | 'upgrade';

/** What a person's word makes of a campaign; a text says why it cannot be done now. */
export type CampaignVerdict<Of extends Campaign> = Partial<Of> | string;

/** What the words that every kind takes make of one. */
export type CommonVerdict =
  | { readonly isPaused: boolean; readonly reason: string | null }
  | { readonly state: 'aborting'; readonly isPaused: false; readonly reason: string }
  | string;

type Stand = Pick<Campaign, 'state' | 'isPaused'>;
type Pausable = Pick<Campaign, 'state' | 'isPaused' | 'reason'>;

/** The reason that was given first stays. */
export function paused(kind: CampaignKind, campaign: Pausable, reason: string): CommonVerdict {
  if (campaign.isPaused)
    return `it is paused already${campaign.reason === null ? '' : `: ${campaign.reason}`}`;
  return isGoing(campaign) ? { isPaused: true, reason } : inState(kind, campaign);
}

export function resumed(campaign: Stand): CommonVerdict {
  return campaign.isPaused ? { isPaused: false, reason: null } : 'it is not paused';
}

/** Ends it; what it did to devices stays. */
export function aborted(kind: CampaignKind, campaign: Stand, reason: string): CommonVerdict {
  if (!isGoing(campaign) && campaign.state !== 'confirming') return inState(kind, campaign);
  return { state: 'aborting', isPaused: false, reason };
}

export function inState(kind: CampaignKind, { state }: Stand): string {
  return `the ${kind} is ${state}, so there is nothing to do`;
}
