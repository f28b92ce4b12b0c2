import type { Clock } from '../../lib/clock.ts';
import type { ErrorWords } from './finesse-xml.ts';

export interface StandInReasonCode {
  /** The database id. */
  readonly id: string;
  readonly code: string;
  readonly label: string;
  readonly category: 'NOT_READY' | 'LOGOUT';
}

export type StandInRole = 'Agent' | 'Supervisor' | 'Administrator';

export interface FinesseUserSpec {
  readonly id: string;
  readonly password: string;
  readonly firstName?: string;
  readonly lastName?: string;
  /** Agent when left out. A supervisor has the own team. */
  readonly roles?: readonly StandInRole[];
  readonly teamId?: string;
  /** LOGOUT when left out; every other state needs an extension to be of use. */
  readonly state?: string;
  readonly extension?: string;
  /** UTC milliseconds; the start of the stand-in when left out. */
  readonly stateChangedAt?: number;
  /** The database id. */
  readonly reasonCodeId?: string;
}

/** Someone who uses Finesse, as the stand-in holds it. */
export interface StandInUser {
  readonly id: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly roles: readonly StandInRole[];
  readonly teamId: string | null;
  state: string;
  stateChangedAt: number;
  pendingState: string | null;
  reason: StandInReasonCode | null;
  extension: string | null;
}

export interface StandInTeam {
  readonly id: string;
  readonly name: string;
}

export interface StandInQueue {
  readonly id: string;
  readonly name: string;
  /** By Finesse's names; -1 where one is left out. */
  readonly statistics?: Readonly<Record<string, string>>;
  /** Users who serve it. */
  readonly userIds?: readonly string[];
}

export interface StandInPhoneBook {
  readonly name: string;
  /** Of one team; of all where left out. */
  readonly teamId?: string;
  readonly contacts: readonly {
    readonly firstName: string;
    readonly lastName: string;
    readonly phoneNumber: string;
    readonly description: string;
  }[];
}

export interface StandInMessage {
  readonly id: string;
  readonly by: StandInUser;
  /** UTC milliseconds. */
  readonly at: number;
  readonly durationSeconds: number;
  readonly content: string;
  readonly teamIds: readonly string[];
}

/** Who asks: an agent acts on itself, an administrator sees all. */
export interface Caller {
  readonly user: StandInUser;
  readonly isAdministrator: boolean;
}

/** The reason that Unified CCE gives for a call placed from READY (cloud facts 2.2). */
const CALLED_FROM_READY: StandInReasonCode = { id: '-1', code: '50006', label: '', category: 'NOT_READY' };

export interface FinesseModel {
  readonly users: readonly FinesseUserSpec[];
  readonly teams?: readonly StandInTeam[];
  readonly queues?: readonly StandInQueue[];
  readonly phoneBooks?: readonly StandInPhoneBook[];
  /** Where a category has codes, a request for that state must name one. */
  readonly reasonCodes?: readonly StandInReasonCode[];
}

/** What the stand-in holds besides calls. */
export class FinesseState {
  readonly users: readonly StandInUser[];
  readonly teams: readonly StandInTeam[];
  readonly queues: readonly StandInQueue[];
  readonly phoneBooks: readonly StandInPhoneBook[];
  readonly reasonCodes: readonly StandInReasonCode[];
  readonly messages: StandInMessage[] = [];
  readonly clientLogs: { readonly userId: string; readonly text: string }[] = [];
  readonly clock: Clock;

  constructor(model: FinesseModel, { clock }: { clock: Clock }) {
    this.clock = clock;
    this.teams = model.teams ?? [];
    this.queues = model.queues ?? [];
    this.phoneBooks = model.phoneBooks ?? [];
    this.reasonCodes = model.reasonCodes ?? [];
    this.users = model.users.map((spec) => ({
      id: spec.id,
      password: spec.password,
      firstName: spec.firstName ?? 'Agent',
      lastName: spec.lastName ?? spec.id,
      roles: spec.roles ?? ['Agent'],
      teamId: spec.teamId ?? null,
      state: spec.state ?? 'LOGOUT',
      stateChangedAt: spec.stateChangedAt ?? clock.now(),
      pendingState: null,
      reason: this.reasonCodes.find(({ id }) => id === spec.reasonCodeId) ?? null,
      extension: spec.extension ?? null,
    }));
  }

  user(id: string): StandInUser | null {
    return this.users.find((user) => user.id === id) ?? null;
  }

  userAt(extension: string): StandInUser | null {
    return this.users.find((user) => user.extension === extension && user.state !== 'LOGOUT') ?? null;
  }

  team(id: string | null): StandInTeam | null {
    return this.teams.find((team) => team.id === id) ?? null;
  }

  enter(user: StandInUser, state: string, reason: StandInReasonCode | null = null): void {
    user.state = state;
    user.reason = reason;
    user.pendingState = null;
    user.stateChangedAt = this.clock.now();
  }

  /** A state that was asked for: during a call it is pending until the end. */
  request(user: StandInUser, state: string, reason: StandInReasonCode | null): ErrorWords | null {
    if (user.state === 'LOGOUT') return INVALID_STATE;
    if (user.state === 'TALKING' || user.state === 'HOLD') user.pendingState = state;
    else this.enter(user, state, reason);
    return null;
  }

  signIn(user: StandInUser, extension: string): void {
    user.extension = extension;
    if (user.state === 'LOGOUT') this.enter(user, 'NOT_READY');
  }

  signOut(user: StandInUser, reason: StandInReasonCode | null): void {
    this.enter(user, 'LOGOUT', reason);
    user.extension = null;
  }

  /** The state after a call: what was asked for meanwhile, or the one before. */
  afterCall(user: StandInUser, before: { state: string; reason: StandInReasonCode | null }): void {
    this.enter(user, user.pendingState ?? before.state, user.pendingState === null ? before.reason : null);
  }
}

/** What a user goes back to after a call that it placed. */
export function afterPlacedCall(
  user: StandInUser,
  deployment: 'UCCE' | 'UCCX',
): { state: string; reason: StandInReasonCode | null } {
  if (user.state === 'READY' && deployment === 'UCCE')
    return { state: 'NOT_READY', reason: CALLED_FROM_READY };
  return { state: user.state, reason: user.reason };
}

/** As it was captured when someone who was not signed in asked for READY. */
export const INVALID_STATE: ErrorWords = {
  type: 'Invalid State',
  message: 'CF_INVALID_OBJECT_STATE',
  data: '22',
};
