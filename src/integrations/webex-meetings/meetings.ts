import type { AbortOptions } from '../../lib/abort.ts';
import type { Secret } from '../../lib/secret.ts';

export interface MeetingCallOptions extends AbortOptions {
  /** For the whole call, waits that the service asks for included; the client's own when left out. */
  readonly deadlineMs?: number;
}

/** When a meeting is: UTC milliseconds, whole minutes. */
export interface MeetingTime {
  readonly start: number;
  readonly end: number;
  /** The IANA zone in which invitations show it. */
  readonly timezone: string;
}

export interface Invitee {
  readonly email: string;
  readonly displayName: string | null;
}

export interface MeetingPlan {
  /** At most 128 characters. */
  readonly title: string;
  readonly agenda: string | null;
  readonly time: MeetingTime;
  readonly invitees: readonly Invitee[];
  /** Whether the service writes to the invitees. */
  readonly sendEmail: boolean;
  /** Whether others, rooms above all, may be in it before the host, from five minutes before the start. */
  readonly joinBeforeHost: boolean;
  /** Null leaves it to the site, which makes one up (REST) or may refuse (XML, exception 060026). */
  readonly password: Secret | null;
}

/** What is left out stays as it is. */
export interface MeetingChange {
  readonly title?: string;
  readonly agenda?: string;
  readonly time?: MeetingTime;
}

export interface MeetingSummary {
  /** As the API has it that listed it: each takes only its own. */
  readonly id: string;
  readonly title: string;
  /** UTC milliseconds. */
  readonly start: number;
  readonly end: number;
  /** The host's e-mail address, or user name where the XML API has another. */
  readonly host: string;
}

export interface Meeting extends MeetingSummary {
  readonly agenda: string | null;
  /** What a room dials; null where the site gives none. */
  readonly sipAddress: string | null;
  readonly password: Secret | null;
  /** What a room is asked for that dials in and is not known to the site; null where the API does not tell. */
  readonly videoPassword: Secret | null;
}

/**
 * Webex meetings of one account, by REST or by the XML API. A meeting that
 * recurs counts as one, with the time of its current occurrence.
 *
 * Every method throws MeetingsError, the reason of an aborted signal, or what
 * the source of the credentials throws.
 * `rate-limited` and `unavailable` are waited out as the service asks while the
 * deadline allows; nothing else is tried again.
 */
export interface MeetingService {
  /** @returns its id. After an error with `isInDoubt` the meeting may exist all the same. */
  create(plan: MeetingPlan, options?: MeetingCallOptions): Promise<string>;
  /**
   * Those that start within [from, to), in no promised order, page by page; the
   * deadline counts for each page. By REST also those that the account is only
   * invited to.
   */
  list(
    range: { readonly from: number; readonly to: number },
    options?: MeetingCallOptions,
  ): AsyncGenerator<MeetingSummary, void>;
  get(id: string, options?: MeetingCallOptions): Promise<Meeting>;
  update(id: string, change: MeetingChange, options?: MeetingCallOptions): Promise<void>;
  delete(id: string, options?: MeetingCallOptions): Promise<void>;
  /** The page on which people join, as invitations carry it. */
  joinUrl(id: string, options?: MeetingCallOptions): Promise<string>;
  /** Sorted by e-mail address. */
  invitees(id: string, options?: MeetingCallOptions): Promise<Invitee[]>;
  /** Inviting someone again changes nothing. */
  invite(id: string, invitee: Invitee, options?: MeetingCallOptions): Promise<void>;
  /** Ends its connections. */
  close(): Promise<void>;
}
