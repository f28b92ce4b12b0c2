import { EXIT, ExitError } from '../exit-code.ts';
import { AS_MODERATOR, moderatorVerb, newMember, PERSON } from './members.ts';
import { idOf, neededText, plainVerbs, ROOM, textOf, type WebexResource, whomOf } from './verb.ts';

const room = plainVerbs('room', ({ rooms: verbs }) => verbs);
const TITLE = ['--title <title>', 'its title'] as const;
const DESCRIPTION = ['--description <text>', 'what it is for'] as const;

export const rooms: WebexResource = {
  name: 'rooms',
  description: 'rooms, which people call spaces',
  columns: ['id', 'title', 'type', 'lastActivity'],
  verbs: [
    {
      use: 'list',
      isList: true,
      description: 'the rooms that one is in, the latest first',
      options: [
        ['--team <id>', 'only those of a team'],
        ['--type <type>', 'group or direct'],
      ],
      run: ({ rooms: verbs }, given) =>
        verbs.list({ teamId: textOf(given, 'team'), type: typeOf(textOf(given, 'type')) }, given),
    },
    room.get,
    {
      use: 'create',
      description: 'make a room',
      needed: [TITLE],
      options: [DESCRIPTION, ['--team <id>', 'in a team']],
      run: ({ rooms: verbs }, given) =>
        verbs.create(
          {
            title: neededText(given, 'title'),
            description: textOf(given, 'description'),
            teamId: textOf(given, 'team'),
          },
          given,
        ),
    },
    {
      use: 'update <id>',
      description: 'rename a room',
      needed: [TITLE],
      options: [DESCRIPTION],
      run: ({ rooms: verbs }, given) =>
        verbs.update(
          idOf(given),
          { title: neededText(given, 'title'), description: textOf(given, 'description') },
          given,
        ),
    },
    room.delete,
  ],
};

function typeOf(text: string | undefined): 'group' | 'direct' | undefined {
  if (text === undefined || text === 'group' || text === 'direct') return text;
  throw new ExitError(EXIT.usage, `"${text}" is no type of a room: write group or direct`);
}

const membership = plainVerbs('membership', ({ memberships: verbs }) => verbs);

export const memberships: WebexResource = {
  name: 'memberships',
  description: 'who is in a room',
  columns: ['id', 'roomId', 'personEmail', 'personDisplayName', 'isModerator'],
  verbs: [
    {
      use: 'list',
      isList: true,
      description: 'who is in a room, or in which rooms one is oneself',
      options: [ROOM, ['--person <person>', 'only that of a person, by address or id']],
      run: ({ memberships: verbs }, given) => {
        const person = textOf(given, 'person');
        const whom = person === undefined ? {} : whomOf(person);
        return verbs.list({ roomId: textOf(given, 'room'), ...whom }, given);
      },
    },
    membership.get,
    {
      use: 'add',
      description: 'invite a person to a room',
      needed: [ROOM, PERSON],
      options: [AS_MODERATOR],
      run: ({ memberships: verbs }, given) =>
        verbs.create({ roomId: neededText(given, 'room'), ...newMember(given) }, given),
    },
    moderatorVerb(({ memberships: verbs }) => verbs),
    membership.delete,
  ],
};
