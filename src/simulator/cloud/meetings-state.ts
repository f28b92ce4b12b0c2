import type { Clock } from '../../lib/clock.ts';
import type { NewId } from '../../lib/random.ts';

/** Someone who may schedule, by either API. */
export interface MeetingsAccount {
  /** The name by which the XML API knows it. */
  readonly webExId: string;
  readonly email: string;
  readonly displayName: string;
  readonly password: string;
  /** Bearer tokens, which the XML API changes for tickets. */
  readonly tokens: readonly string[];
  /** Whether its tokens are an administrator's, which may act for any host. */
  readonly isAdmin?: boolean;
}

export interface HeldInvitee {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

export interface HeldMeeting {
  /** The REST API's id. */
  readonly id: string;
  /** The number that people type, which is the XML API's key. */
  readonly number: string;
  readonly host: MeetingsAccount;
  title: string;
  agenda: string;
  password: string;
  /** UTC milliseconds. */
  start: number;
  end: number;
  /** The IANA zone that it was scheduled in. */
  timezone: string;
  joinBeforeHost: boolean;
  invitees: readonly HeldInvitee[];
}

export type MeetingDraft = Omit<HeldMeeting, 'id' | 'number' | 'invitees'> & {
  readonly invitees: readonly { readonly email: string; readonly displayName: string }[];
};

interface Ticket {
  readonly account: MeetingsAccount;
  readonly endsAt: number;
}

/** What both APIs see: accounts, tickets and meetings. */
export class MeetingsState {
  readonly siteName: string;
  readonly accounts: readonly MeetingsAccount[];
  readonly meetings: HeldMeeting[] = [];
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #tickets = new Map<string, Ticket>();
  readonly #revoked = new Set<string>();
  #number = 2_550_000_000;

  constructor(
    { siteName, accounts }: { siteName: string; accounts: readonly MeetingsAccount[] },
    { clock, newId }: { clock: Clock; newId: NewId },
  ) {
    this.siteName = siteName;
    this.accounts = accounts;
    this.#clock = clock;
    this.#newId = newId;
  }

  now(): number {
    return this.#clock.now();
  }

  add(draft: MeetingDraft): HeldMeeting {
    const id = this.#newId().replaceAll('-', '');
    const invitees = draft.invitees.map((invitee) => this.newInvitee(id, invitee));
    const meeting = { ...draft, id, number: String((this.#number += 1)), invitees };
    this.meetings.push(meeting);
    return meeting;
  }

  newInvitee(meetingId: string, { email, displayName }: { email: string; displayName: string }): HeldInvitee {
    return { id: `${meetingId}_${this.#newId().slice(-7)}`, email, displayName };
  }

  /** A meeting by either name, as its host sees it; to others it does not exist. */
  find(account: MeetingsAccount, name: string): HeldMeeting | undefined {
    return this.meetings.find(
      (meeting) => (meeting.id === name || meeting.number === name) && meeting.host === account,
    );
  }

  remove(meeting: HeldMeeting): void {
    this.meetings.splice(this.meetings.indexOf(meeting), 1);
  }

  byToken(token: string): MeetingsAccount | undefined {
    return this.#revoked.has(token) ? undefined : this.accounts.find(({ tokens }) => tokens.includes(token));
  }

  revoke(token: string): void {
    this.#revoked.add(token);
  }

  issueTicket(account: MeetingsAccount, seconds: number): string {
    const ticket = Buffer.from(`${account.webExId} ${this.#newId()}`).toString('base64');
    this.#tickets.set(ticket, { account, endsAt: this.#clock.monotonic() + seconds * 1000 });
    return ticket;
  }

  byTicket(ticket: string): MeetingsAccount | undefined {
    const held = this.#tickets.get(ticket);
    return held !== undefined && this.#clock.monotonic() < held.endsAt ? held.account : undefined;
  }

  forgetTickets(): void {
    this.#tickets.clear();
  }
}
