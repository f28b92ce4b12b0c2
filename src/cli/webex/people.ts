import { idOf, neededText, plainVerbs, textOf, type WebexResource } from './verb.ts';

const person = plainVerbs('person', ({ people }) => people);
const DISPLAY_NAME = ['--name <name>', 'the name that is shown'] as const;

export const people: WebexResource = {
  name: 'people',
  description: 'people; only administrators write them',
  columns: ['id', 'displayName', 'emails', 'type', 'status'],
  verbs: [
    {
      use: 'list',
      isList: true,
      description: 'people by address, name or id',
      options: [
        ['--email <address>', 'the address'],
        ['--name <name>', 'the beginning of the name'],
        ['--id <ids>', 'ids, with commas between them, at most 85'],
      ],
      run: ({ people: verbs }, given) =>
        verbs.list(
          {
            email: textOf(given, 'email'),
            displayName: textOf(given, 'name'),
            id: textOf(given, 'id')?.split(','),
          },
          given,
        ),
    },
    { use: 'me', description: 'whose credential it is', run: ({ people: verbs }, given) => verbs.me(given) },
    person.get,
    {
      use: 'create',
      description: 'add a person to the organization',
      needed: [['--email <address>', 'the address'], DISPLAY_NAME],
      run: ({ people: verbs }, given) =>
        verbs.create({ emails: [neededText(given, 'email')], displayName: neededText(given, 'name') }, given),
    },
    {
      use: 'update <id>',
      description: 'rename a person',
      needed: [DISPLAY_NAME],
      run: ({ people: verbs }, given) =>
        verbs.update(idOf(given), { displayName: neededText(given, 'name') }, given),
    },
    person.delete,
  ],
};

export const organizations: WebexResource = {
  name: 'organizations',
  description: 'organizations, only to be looked at',
  columns: ['id', 'displayName', 'created'],
  verbs: [
    {
      use: 'list',
      isList: true,
      description: 'the organizations that the credential sees',
      run: ({ organizations: verbs }, given) => verbs.list({}, given),
    },
    {
      use: 'get <id>',
      description: 'one organization',
      run: ({ organizations: verbs }, given) => verbs.get(idOf(given), given),
    },
  ],
};
