import type { XmlElement } from '../../lib/xml/element.ts';
import { childNamed, childrenNamed, idInUri, numberOf, textOf, timeOf } from './document.ts';

/** Cloud facts 2.2 (SystemInfo). */
export interface SystemInfo {
  /** `IN_SERVICE`, `OUT_OF_SERVICE`, … */
  readonly status: string;
  readonly statusReason: string | null;
  /** `UCCE`, `UCCX`, … */
  readonly deploymentType: string | null;
  /** `NON_SSO`, `SSO` or `HYBRID`. */
  readonly systemAuthMode: string | null;
  /** Host names, the primary first. */
  readonly nodes: readonly string[];
  /** UTC milliseconds by the server's clock. */
  readonly currentTimestamp: number | null;
}

export interface ReasonCode {
  /** The database id, which a request for a state names. */
  readonly id: number | null;
  /** The number that people configured. */
  readonly code: string | null;
  readonly label: string | null;
}

/** A user, whole or as the summary in a team: what the answer lacks is null or empty. */
export interface FinesseUser {
  readonly id: string;
  readonly loginName: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** `READY`, `NOT_READY`, `TALKING`, … (cloud facts 2.2). */
  readonly state: string;
  /** UTC milliseconds. */
  readonly stateChangedAt: number | null;
  /** The state that follows the call under way. */
  readonly pendingState: string | null;
  readonly reasonCodeId: number | null;
  readonly reasonCode: ReasonCode | null;
  readonly extension: string | null;
  readonly roles: readonly string[];
  readonly teamId: string | null;
  readonly teamName: string | null;
  /** The teams that a supervisor has. */
  readonly supervises: readonly { readonly id: string; readonly name: string | null }[];
}

export interface FinesseTeam {
  readonly id: string;
  readonly name: string;
  readonly users: readonly FinesseUser[];
}

export interface Participant {
  /** An extension, or the number of somebody outside. */
  readonly mediaAddress: string;
  /** `INITIATED`, `ALERTING`, `ACTIVE`, `HELD`, `DROPPED`, `FAILED`, … */
  readonly state: string;
  /** Why the state is what it is, such as `BUSY`. */
  readonly stateCause: string | null;
  /** What the participant may do now. */
  readonly actions: readonly string[];
}

export interface Dialog {
  readonly id: string;
  readonly state: string;
  readonly fromAddress: string | null;
  readonly toAddress: string | null;
  readonly mediaType: string | null;
  readonly callType: string | null;
  /** Of a consult call, the dialog that it was made from. */
  readonly associatedDialogId: string | null;
  readonly participants: readonly Participant[];
}

export interface TeamMessage {
  readonly id: string | null;
  /** A user id. */
  readonly createdBy: string | null;
  /** UTC milliseconds. */
  readonly createdAt: number | null;
  /** How long it is shown. */
  readonly durationSeconds: number | null;
  readonly content: string;
  readonly teamIds: readonly string[];
}

export interface Contact {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly phoneNumber: string;
  readonly description: string | null;
}

export interface PhoneBook {
  readonly name: string;
  /** `GLOBAL` or `TEAM`. */
  readonly type: string | null;
  readonly contacts: readonly Contact[];
}

export interface Queue {
  readonly id: string;
  readonly name: string | null;
  /** By Finesse's names, such as `callsInQueue`; null is "not assigned". Only Unified CCE has them. */
  readonly statistics: Readonly<Record<string, number | null>>;
  /** Since when the longest waits, UTC milliseconds; null where nobody does. */
  readonly startTimeOfLongestCallInQueue: number | null;
}

export function readSystemInfo(info: XmlElement): SystemInfo {
  const nodes = ['primaryNode', 'secondaryNode'].map((name) => childNamed(info, name));
  return {
    status: textOf(info, 'status') ?? 'UNKNOWN',
    statusReason: textOf(info, 'statusReason'),
    deploymentType: textOf(info, 'deploymentType'),
    systemAuthMode: textOf(info, 'systemAuthMode'),
    nodes: nodes.flatMap((node) => (node === null ? [] : (textOf(node, 'host') ?? []))),
    currentTimestamp: timeOf(info, 'currentTimestamp'),
  };
}

export function readUser(user: XmlElement): FinesseUser {
  const reason = childNamed(user, 'ReasonCode');
  return {
    id: textOf(user, 'loginId') ?? idInUri(textOf(user, 'uri')) ?? '',
    loginName: textOf(user, 'loginName'),
    firstName: textOf(user, 'firstName'),
    lastName: textOf(user, 'lastName'),
    state: textOf(user, 'state') ?? 'UNKNOWN',
    stateChangedAt: timeOf(user, 'stateChangeTime'),
    pendingState: textOf(user, 'pendingState'),
    reasonCodeId: numberOf(user, 'reasonCodeId') ?? (reason === null ? null : numberOf(reason, 'id')),
    reasonCode: reason === null ? null : readReasonCode(reason),
    extension: textOf(user, 'extension'),
    roles: childrenNamed(childNamed(user, 'roles'), 'role').map(({ text }) => text.trim()),
    teamId: textOf(user, 'teamId'),
    teamName: textOf(user, 'teamName'),
    supervises: childrenNamed(childNamed(user, 'teams'), 'Team').map((team) => ({
      id: textOf(team, 'id') ?? idInUri(textOf(team, 'uri')) ?? '',
      name: textOf(team, 'name'),
    })),
  };
}

function readReasonCode(reason: XmlElement): ReasonCode {
  return { id: numberOf(reason, 'id'), code: textOf(reason, 'code'), label: textOf(reason, 'label') };
}

export function readTeam(team: XmlElement): FinesseTeam {
  const id = textOf(team, 'id') ?? idInUri(textOf(team, 'uri')) ?? '';
  return {
    id,
    name: textOf(team, 'name') ?? id,
    users: childrenNamed(childNamed(team, 'users'), 'User').map(readUser),
  };
}

export function readDialog(dialog: XmlElement): Dialog {
  const properties = childNamed(dialog, 'mediaProperties');
  return {
    id: textOf(dialog, 'id') ?? idInUri(textOf(dialog, 'uri')) ?? '',
    state: textOf(dialog, 'state') ?? 'UNKNOWN',
    fromAddress: textOf(dialog, 'fromAddress'),
    toAddress: textOf(dialog, 'toAddress'),
    mediaType: textOf(dialog, 'mediaType'),
    callType: properties === null ? null : textOf(properties, 'callType'),
    associatedDialogId: idInUri(textOf(dialog, 'associatedDialogUri')),
    participants: childrenNamed(childNamed(dialog, 'participants'), 'Participant').map(readParticipant),
  };
}

function readParticipant(participant: XmlElement): Participant {
  return {
    mediaAddress: textOf(participant, 'mediaAddress') ?? '',
    state: textOf(participant, 'state') ?? 'UNKNOWN',
    stateCause: textOf(participant, 'stateCause'),
    actions: childrenNamed(childNamed(participant, 'actions'), 'action').map(({ text }) => text.trim()),
  };
}

export function readTeamMessage(message: XmlElement): TeamMessage {
  const author = childNamed(message, 'createdBy');
  const seconds = numberOf(message, 'createdAt');
  return {
    id: textOf(message, 'id') ?? idInUri(textOf(message, 'uri')),
    createdBy: author === null ? null : textOf(author, 'id'),
    createdAt: seconds === null ? null : seconds * 1_000,
    durationSeconds: numberOf(message, 'duration'),
    content: childNamed(message, 'content')?.text ?? '',
    teamIds: childrenNamed(childNamed(message, 'teams'), 'team').map(({ text }) => text.trim()),
  };
}

export function readPhoneBook(book: XmlElement): PhoneBook {
  return {
    name: textOf(book, 'name') ?? '',
    type: textOf(book, 'type'),
    contacts: childrenNamed(childNamed(book, 'Contacts'), 'Contact').map((contact) => ({
      firstName: textOf(contact, 'firstName'),
      lastName: textOf(contact, 'lastName'),
      phoneNumber: textOf(contact, 'phoneNumber') ?? '',
      description: textOf(contact, 'description'),
    })),
  };
}

const LONGEST_WAIT = 'startTimeOfLongestCallInQueue';

export function readQueue(queue: XmlElement): Queue {
  const statistics = childNamed(queue, 'statistics');
  const figures = (statistics?.children ?? []).filter(({ name }) => name !== LONGEST_WAIT);
  return {
    id: idInUri(textOf(queue, 'uri')) ?? '',
    name: textOf(queue, 'name'),
    statistics: Object.fromEntries(figures.map(({ name }) => [name, numberOf(statistics ?? queue, name)])),
    startTimeOfLongestCallInQueue: statistics === null ? null : timeOf(statistics, LONGEST_WAIT),
  };
}
