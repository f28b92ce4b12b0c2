import type { Clock } from '../../lib/clock.ts';
import type { NewId } from '../../lib/random.ts';

export interface WebexPerson {
  readonly personId: string;
  readonly email: string;
  readonly displayName: string;
  readonly type: 'bot' | 'person';
}

export interface WebexRoom {
  readonly id: string;
  title: string;
  readonly type: 'group' | 'direct';
  description: string | null;
  readonly creatorId: string;
  readonly created: string;
  lastActivity: string;
  /** Ids of the people who see the room. */
  readonly members: Set<string>;
}

export interface WebexMessage {
  readonly id: string;
  readonly roomId: string;
  readonly roomType: 'group' | 'direct';
  readonly parentId: string | null;
  readonly text: string;
  readonly markdown: string | null;
  readonly personId: string;
  readonly personEmail: string;
  readonly mentionedPeople: readonly string[];
  readonly created: string;
}

/** What the stand-in holds: people, rooms and messages, in the order in which they came. */
export class WebexState {
  readonly people: WebexPerson[];
  readonly rooms: WebexRoom[] = [];
  readonly messages: WebexMessage[] = [];
  /** When it began, which is when everybody in it signed up. */
  readonly startedAt: string;
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

  newId(kind: 'PEOPLE' | 'ROOM' | 'MESSAGE'): string {
    return webexId(kind, this.#newId());
  }

  addRoom(room: {
    id?: string | undefined;
    title: string;
    type: 'group' | 'direct';
    description?: string | null;
    creatorId: string;
    members: Iterable<string>;
  }): WebexRoom {
    const created = this.now();
    const added: WebexRoom = {
      id: room.id ?? this.newId('ROOM'),
      title: room.title,
      type: room.type,
      description: room.description ?? null,
      creatorId: room.creatorId,
      created,
      lastActivity: created,
      members: new Set(room.members),
    };
    this.rooms.push(added);
    return added;
  }

  /** The room as `person` sees it; a room of others does not exist for them. */
  roomOf(person: WebexPerson, roomId: string): WebexRoom | undefined {
    return this.rooms.find((room) => room.id === roomId && room.members.has(person.personId));
  }

  /** The one-to-one room of two people, made when there is none. */
  directRoom(from: WebexPerson, to: WebexPerson): WebexRoom {
    const members = new Set([from.personId, to.personId]);
    const held = this.rooms.find(
      (room) =>
        room.type === 'direct' &&
        room.members.size === members.size &&
        [...members].every((id) => room.members.has(id)),
    );
    return held ?? this.addRoom({ title: to.displayName, type: 'direct', creatorId: from.personId, members });
  }

  personById(personId: string): WebexPerson | undefined {
    return this.people.find((person) => person.personId === personId);
  }

  /** A person by e-mail; an address nobody had before becomes a person who is yet to sign up. */
  personByEmail(email: string): WebexPerson {
    const held = this.people.find((person) => person.email.toLowerCase() === email.toLowerCase());
    if (held !== undefined) return held;
    const invited: WebexPerson = {
      personId: this.newId('PEOPLE'),
      email,
      displayName: email,
      type: 'person',
    };
    this.people.push(invited);
    return invited;
  }

  removeRoom(room: WebexRoom): void {
    this.rooms.splice(this.rooms.indexOf(room), 1);
    const kept = this.messages.filter((message) => message.roomId !== room.id);
    this.messages.splice(0, this.messages.length, ...kept);
  }

  removeMessage(message: WebexMessage): void {
    this.messages.splice(this.messages.indexOf(message), 1);
  }
}

/** An id as the service writes them (cloud facts 1.3); whoever reads one treats it as opaque. */
export function webexId(kind: 'PEOPLE' | 'ROOM' | 'MESSAGE' | 'ORGANIZATION', uuid: string): string {
  return Buffer.from(`ciscospark://us/${kind}/${uuid}`).toString('base64url');
}
