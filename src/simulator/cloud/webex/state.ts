import type { Clock } from '../../../lib/clock.ts';
import type { NewId } from '../../../lib/random.ts';

export interface WebexPerson {
  readonly personId: string;
  readonly email: string;
  readonly displayName: string;
  readonly type: 'bot' | 'person' | 'appuser';
  /** May write the organization's people. */
  readonly isAdmin?: boolean;
}

export interface WebexRoom {
  readonly id: string;
  title: string;
  readonly type: 'group' | 'direct';
  description: string | null;
  readonly teamId: string | null;
  isLocked: boolean;
  isPublic: boolean;
  isAnnouncementOnly: boolean;
  readonly creatorId: string;
  readonly created: string;
  lastActivity: string;
}

/** That a person is in a room, or in a team. */
export interface WebexMembership {
  readonly id: string;
  /** The room's, or the team's. */
  readonly groupId: string;
  readonly personId: string;
  isModerator: boolean;
  isHidden: boolean;
  readonly created: string;
}

export interface WebexTeam {
  readonly id: string;
  name: string;
  description: string | null;
  readonly created: string;
}

export interface WebexCard {
  readonly contentType: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface WebexMessage {
  readonly id: string;
  readonly roomId: string;
  readonly roomType: 'group' | 'direct';
  readonly parentId: string | null;
  text: string;
  markdown: string | null;
  /** Addresses of the files. */
  readonly files: readonly string[];
  readonly attachments: readonly WebexCard[];
  readonly personId: string;
  readonly personEmail: string;
  readonly mentionedPeople: readonly string[];
  readonly created: string;
  updated: string | null;
  edits: number;
}

export interface WebexFile {
  readonly id: string;
  readonly roomId: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface WebexAction {
  readonly id: string;
  readonly messageId: string;
  readonly roomId: string;
  readonly personId: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly created: string;
}

export interface WebexWebhook {
  readonly id: string;
  readonly ownerId: string;
  name: string;
  targetUrl: string;
  readonly resource: string;
  readonly event: string;
  readonly filter: string | null;
  secret: string | null;
  status: 'active' | 'inactive';
  /** Posts in a row that were not taken. */
  failures: number;
  readonly created: string;
}

/** A device that is registered in the cloud; null is not told. */
export interface WebexDevice {
  readonly id: string;
  readonly displayName: string;
  readonly workspaceId: string;
  readonly locationId: string;
  readonly product: string;
  readonly type: 'roomdesk' | 'phone' | 'accessory' | 'webexgo' | 'unknown';
  readonly tags: readonly string[];
  readonly connectionStatus: string;
  readonly ip: string | null;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly software: string;
  readonly upgradeChannel: string;
  readonly devicePlatform: 'cisco' | 'microsoftTeamsRoom';
  readonly lastSeen: string;
}

/** Something that webhooks tell of; `visibleIn` is the room whose members may hear of it. */
export interface WebexNews {
  readonly resource: string;
  readonly event: string;
  readonly actorId: string;
  readonly visibleIn: WebexRoom;
  readonly mentionedPeople?: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

type Kind =
  | 'PEOPLE'
  | 'ROOM'
  | 'MESSAGE'
  | 'ORGANIZATION'
  | 'TEAM'
  | 'MEMBERSHIP'
  | 'TEAM_MEMBERSHIP'
  | 'WEBHOOK'
  | 'ATTACHMENT_ACTION'
  | 'CONTENT';

/** What the stand-in holds, in the order in which it came. */
export class WebexState {
  readonly people: WebexPerson[];
  readonly rooms: WebexRoom[] = [];
  readonly teams: WebexTeam[] = [];
  readonly memberships: WebexMembership[] = [];
  readonly teamMemberships: WebexMembership[] = [];
  readonly messages: WebexMessage[] = [];
  readonly files: WebexFile[] = [];
  readonly actions: WebexAction[] = [];
  readonly webhooks: WebexWebhook[] = [];
  readonly devices: WebexDevice[] = [];
  linksDevicePages = true;
  readonly organization = {
    id: webexId('ORGANIZATION', '00000000-0000-7000-8000-000000000000'),
    displayName: 'Stand-in',
  };
  /** When it began, which is when everybody in it signed up. */
  readonly startedAt: string;
  /** Told of everything that webhooks tell of. */
  onNews: (news: WebexNews) => void = () => undefined;
  readonly #clock: Clock;
  readonly #newId: NewId;

  constructor(people: readonly WebexPerson[], { clock, newId }: { clock: Clock; newId: NewId }) {
    this.people = [...people];
    this.#clock = clock;
    this.#newId = newId;
    this.startedAt = this.now();
  }

  now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  newId(kind: Kind): string {
    return webexId(kind, this.#newId());
  }

  addRoom(room: {
    id?: string | undefined;
    title: string;
    type: 'group' | 'direct';
    description?: string | null;
    teamId?: string | null;
    isPublic?: boolean;
    isLocked?: boolean;
    isAnnouncementOnly?: boolean;
    creatorId: string;
    members: Iterable<string>;
  }): WebexRoom {
    const created = this.now();
    const { id = this.newId('ROOM'), description = null, teamId = null, members, ...rest } = room;
    const standard = { isPublic: false, isLocked: false, isAnnouncementOnly: false };
    const added: WebexRoom = {
      ...standard,
      ...rest,
      id,
      description,
      teamId,
      created,
      lastActivity: created,
    };
    this.rooms.push(added);
    for (const personId of members) this.join(this.memberships, added.id, personId);
    return added;
  }

  join(
    list: WebexMembership[],
    groupId: string,
    personId: string,
    { isModerator = false }: { isModerator?: boolean } = {},
  ): WebexMembership {
    const kind = list === this.memberships ? 'MEMBERSHIP' : 'TEAM_MEMBERSHIP';
    const added: WebexMembership = {
      id: this.newId(kind),
      groupId,
      personId,
      isModerator,
      isHidden: false,
      created: this.now(),
    };
    list.push(added);
    return added;
  }

  isIn(groupId: string, personId: string, list: readonly WebexMembership[] = this.memberships): boolean {
    return list.some((membership) => membership.groupId === groupId && membership.personId === personId);
  }

  /** The room as `person` sees it; a room of others does not exist for them. */
  roomOf(person: WebexPerson, roomId: string): WebexRoom | undefined {
    return this.rooms.find((room) => room.id === roomId && this.isIn(room.id, person.personId));
  }

  /** The one-to-one room of two people, made when there is none. */
  directRoom(from: WebexPerson, to: WebexPerson): WebexRoom {
    const both = new Set([from.personId, to.personId]);
    const held = this.rooms.find((room) => {
      const members = this.memberships.filter(({ groupId }) => groupId === room.id);
      return (
        room.type === 'direct' &&
        members.length === both.size &&
        members.every(({ personId }) => both.has(personId))
      );
    });
    return (
      held ?? this.addRoom({ title: to.displayName, type: 'direct', creatorId: from.personId, members: both })
    );
  }

  personById(personId: string): WebexPerson | undefined {
    return this.people.find((person) => person.personId === personId);
  }

  /** A person by e-mail; an address nobody had before becomes a person who is yet to sign up. */
  personByEmail(email: string): WebexPerson {
    const held = this.people.find((person) => person.email.toLowerCase() === email.toLowerCase());
    if (held !== undefined) return held;
    const personId = this.newId('PEOPLE');
    const invited: WebexPerson = { personId, email, displayName: email, type: 'person' };
    this.people.push(invited);
    return invited;
  }

  removeRoom(room: WebexRoom): void {
    take(this.rooms, room);
    const isElsewhere = ({ roomId }: { readonly roomId: string }): boolean => roomId !== room.id;
    keepIf(this.messages, isElsewhere);
    keepIf(this.files, isElsewhere);
    keepIf(this.actions, isElsewhere);
    keepIf(this.memberships, ({ groupId }) => groupId !== room.id);
  }

  removeTeam(team: WebexTeam): void {
    take(this.teams, team);
    keepIf(this.teamMemberships, ({ groupId }) => groupId !== team.id);
    for (const room of this.rooms.filter(({ teamId }) => teamId === team.id)) this.removeRoom(room);
  }
}

/** Takes one item out of a list. */
export function take<Item>(list: Item[], item: Item): void {
  keepIf(list, (held) => held !== item);
}

function keepIf<Item>(list: Item[], isKept: (item: Item) => boolean): void {
  list.splice(0, list.length, ...list.filter(isKept));
}

/** An id as the service writes them (cloud facts 1.3); whoever reads one treats it as opaque. */
export function webexId(kind: Kind, uuid: string): string {
  return Buffer.from(`ciscospark://us/${kind}/${uuid}`).toString('base64url');
}
